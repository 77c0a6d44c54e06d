import { useEffect } from 'react';

/** A pause before a subscription that the server ended is begun anew, in ms. */
const RESTART_AFTER_MS = 2_000;

/** Begins a subscription anew that the server has ended; a connection that is lost comes back without it. */
export function useRestart(
  { error, restart }: { error?: unknown; restart: () => void },
  isWanted = true,
): void {
  useEffect(() => {
    if (error === undefined || !isWanted) return;
    const timer = setTimeout(restart, RESTART_AFTER_MS);
    return () => clearTimeout(timer);
  }, [error, restart, isWanted]);
}
