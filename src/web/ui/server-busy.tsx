import { useEffect, useState, useSyncExternalStore } from 'react';
import { useAnnounce } from 'seat-map/react';
import { useServices } from '../services.js';
import { waitText } from '../text/time.js';

const TICK_MS = 250;

/** Says that the server has asked for a pause, and when waiting calls continue. It is above dialogs. */
export function ServerBusy() {
  const { serverBusyWait } = useServices();
  const announce = useAnnounce();
  const untilMs = useSyncExternalStore(serverBusyWait.onChange, () => serverBusyWait.untilMs);
  const [, tick] = useState(0);
  useEffect(() => {
    if (untilMs === null) return;
    announce(textFor(untilMs), 'assertive');
    const timer = setInterval(() => tick((ticks) => ticks + 1), TICK_MS);
    return () => clearInterval(timer);
  }, [untilMs, announce]);
  if (untilMs === null) return null;
  return (
    <div className="server-busy">
      <span className="spinner" aria-hidden="true" />
      <span>{textFor(untilMs)}</span>
    </div>
  );
}

const textFor = (untilMs: number) =>
  `The server is busy. It goes on by itself ${waitText(untilMs - performance.now())}.`;
