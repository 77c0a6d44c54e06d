import { useCallback, useSyncExternalStore } from 'react';
import { useServices } from '../services.js';

const CHECK_EVERY_MS = 1_000;

/**
 * What depends on the server's time, kept up as time goes by; renders again only where it has changed.
 *
 * @param read @param nowMs since the epoch; null before the server has said what time it is: a device's own clock may be
 * wrong by years
 */
export function useByClock<Value extends string | boolean | null>(
  read: (nowMs: number | null) => Value,
): Value {
  const { clock } = useServices();
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

/** Whether the event has begun. */
export const useHasBegun = (eventDate: string): boolean =>
  useByClock((nowMs) => nowMs !== null && Date.parse(eventDate) <= nowMs);
