import { useCallback, useSyncExternalStore } from 'react';
import { useServices } from '../services.js';

const CHECK_EVERY_MS = 1_000;

/**
 * A value that depends on the server's time. The component renders again only when the value changes.
 *
 * @param read gets the time in ms since the epoch; null before the first message, as a device's own clock may be wrong by
 * years
 */
export function useRelativeTime<Value extends string | boolean | null>(
  read: (nowMs: number | null) => Value,
): Value {
  const { clock } = useServices().seats;
  const onChange = useCallback(
    (changed: () => void) => {
      const timer = setInterval(changed, CHECK_EVERY_MS);
      const stop = clock.onReceive(changed);
      return () => {
        clearInterval(timer);
        stop();
      };
    },
    [clock],
  );
  return useSyncExternalStore(onChange, () => read(clock.hasReceived ? clock.nowMs() : null));
}

/** Whether the event has started. */
export const useHasStarted = (eventDate: string): boolean =>
  useRelativeTime((nowMs) => nowMs !== null && Date.parse(eventDate) <= nowMs);
