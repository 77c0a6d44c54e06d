import { useRef } from 'react';

/**
 * The error of the last attempt. It stays during the next attempt, so that its message does not flicker, and is undefined
 * after a success.
 */
export function useLastError(error: unknown, loading: boolean): unknown {
  const lastError = useRef<unknown>(undefined);
  if (error !== undefined || !loading) lastError.current = error;
  return lastError.current;
}
