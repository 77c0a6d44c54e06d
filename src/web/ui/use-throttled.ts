import { useEffect, useRef } from 'react';

/** Does the work at once, and then at most once per `everyMs`. A call during the wait is done after it. */
export function useThrottled(work: () => void, everyMs: number): () => void {
  const latest = useRef(work);
  latest.current = work;
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; isRequested: boolean }>({
    timer: undefined,
    isRequested: false,
  });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return () => {
    const wait = () => {
      state.current.timer = setTimeout(() => {
        state.current.timer = undefined;
        if (!state.current.isRequested) return;
        state.current.isRequested = false;
        latest.current();
        wait();
      }, everyMs);
    };
    if (state.current.timer !== undefined) {
      state.current.isRequested = true;
      return;
    }
    latest.current();
    wait();
  };
}
