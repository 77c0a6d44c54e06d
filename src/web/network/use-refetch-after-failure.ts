import { useEffect, useRef } from 'react';
import { resumePauseMs } from './back-off.js';
import { mayPass } from './retry.js';
import { useLastFault } from './use-last-error.js';

/**
 * Asks again by itself for what was not answered, after the page's usual pauses, until it is answered or refused for good.
 *
 * @returns why there is no answer yet, as useLastFault
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
  const fault = useLastFault(error, loading);
  const tries = useRef(0);
  const latest = useRef(refetch);
  latest.current = refetch;
  useEffect(() => {
    if (error === undefined) {
      if (!loading) tries.current = 0;
      return;
    }
    if (loading || !mayPass(error)) return;
    const timer = setTimeout(
      () => {
        tries.current += 1;
        void latest.current().catch(() => {});
      },
      resumePauseMs(tries.current, error),
    );
    return () => clearTimeout(timer);
  }, [error, loading]);
  return fault;
}
