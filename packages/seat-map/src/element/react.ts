// What the components use of React, from Preact. Its own `preact/compat` has much more, and 1.7 KB.

import { createContext } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReactNode } from 'react';

export {
  useCallback,
  useContext,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'preact/hooks';
export { createContext };

/** Saves work in React, and changes nothing. */
export const memo = <Props>(component: (props: Props) => ReactNode) => component;

export function useSyncExternalStore<Snapshot>(
  subscribe: (changed: () => void) => () => void,
  getSnapshot: () => Snapshot,
): Snapshot {
  const [, renderAgain] = useState({});
  const snapshot = getSnapshot();
  const latest = useRef({ snapshot, getSnapshot });
  latest.current = { snapshot, getSnapshot };
  useEffect(() => {
    const check = () => {
      const { snapshot: shown, getSnapshot: read } = latest.current;
      if (!Object.is(read(), shown)) renderAgain({});
    };
    // It may have changed before this effect.
    check();
    return subscribe(check);
  }, [subscribe]);
  return snapshot;
}
