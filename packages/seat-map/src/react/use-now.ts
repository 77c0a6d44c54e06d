import { useEffect, useState } from 'react';
import { useSeatMapClient } from './client-context.js';

const TICK_MS = 250;

/** The server's time in ms, updated four times a second. @param isWanted false: no updates, so the time may be old */
export function useNow(isWanted = true): number {
  const { clock } = useSeatMapClient();
  const [nowMs, setNowMs] = useState(() => clock.nowMs());
  useEffect(() => {
    setNowMs(clock.nowMs());
    if (!isWanted) return;
    const timer = setInterval(() => setNowMs(clock.nowMs()), TICK_MS);
    return () => clearInterval(timer);
  }, [clock, isWanted]);
  return nowMs;
}
