import { useEffect } from 'react';
import { isSessionOver } from './refusal.js';

/** A pause before a subscription that the server ended is begun anew, in ms. */
const RESTART_AFTER_MS = 2_000;

/**
 * Begins a subscription anew that the server has ended; a connection that is lost comes back without it. Not where the
 * session is over: it would be refused for as long as nobody signs in.
 */
export function useRestart(
  { error, restart }: { error?: unknown; restart: () => void },
  isWanted = true,
): void {
  useEffect(() => {
    if (error === undefined || !isWanted || isSessionOver(error)) return;
    const timer = setTimeout(restart, RESTART_AFTER_MS);
    return () => clearTimeout(timer);
  }, [error, restart, isWanted]);
}
