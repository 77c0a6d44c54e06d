import { useRef } from 'react';

/**
 * Why there is no answer yet, also while it is asked for again, so that what says so stays where it is; undefined once there
 * is one.
 */
export function useLastFault(error: unknown, loading: boolean): unknown {
  const fault = useRef<unknown>(undefined);
  if (error !== undefined || !loading) fault.current = error;
  return fault.current;
}
