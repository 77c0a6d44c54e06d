import { useEffect, useRef } from 'react';
import { isRetryable, resumePauseMs } from 'seat-map';
import { useLastError } from './use-last-error.js';

/**
 * Refetches after a failure, with growing pauses, until there is an answer or a final refusal.
 *
 * @returns the last error, as useLastError
 */
export function useRefetchAfterFailure({
  error,
  loading = false,
  refetch,
}: {
  readonly error: unknown;
  readonly loading?: boolean;
  readonly refetch: () => Promise<unknown>;
}): unknown {
  const lastError = useLastError(error, loading);
  const attempts = useRef(0);
  const latest = useRef(refetch);
  latest.current = refetch;
  useEffect(() => {
    if (error === undefined) {
      if (!loading) attempts.current = 0;
      return;
    }
    if (loading || !isRetryable(error)) return;
    const timer = setTimeout(
      () => {
        attempts.current += 1;
        void latest.current().catch(() => {});
      },
      resumePauseMs(attempts.current, error),
    );
    return () => clearTimeout(timer);
  }, [error, loading]);
  return lastError;
}
