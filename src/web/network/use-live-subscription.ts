import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useSubscription } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../services.js';
import { isSessionEnded } from './api-error.js';
import { resumePauseMs } from './back-off.js';

/**
 * A subscription for as long as it is wanted: begun anew after the server has ended it, with an error or without a word,
 * which the page never asks for; a connection that is lost comes back without this. Not where the session is over: it
 * would be refused for as long as nobody signs in.
 */
export function useLiveSubscription<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  {
    variables,
    isWanted = true,
    ignoreResults = false,
    onData,
  }: {
    variables: Variables;
    isWanted?: boolean;
    /** True where what is told is handled in onData alone. */
    ignoreResults?: boolean;
    onData?: (data: Data) => void;
  },
): Data | undefined {
  const { wake } = useServices();
  /** Another object with each end that nobody asked for. */
  const [completed, setCompleted] = useState<object>();
  const [fault, setFault] = useState<{ readonly error: unknown }>();
  const tries = useRef(0);
  const options = {
    variables,
    skip: !isWanted,
    ignoreResults,
    onData: ({ data: { data } }: { data: { data?: unknown } }) => {
      tries.current = 0;
      if (data != null) onData?.(data as Data);
    },
    onError: (error: unknown) => setFault({ error }),
    onComplete: () => setCompleted({}),
  };
  // Whether variables may be left out depends on the document, which here may be any.
  const { data, restart } = useSubscription(document, options as never);

  // What was sent while the device slept may never come, or come late: what is asked for now is true now.
  useEffect(() => (isWanted ? wake.onWake(restart) : undefined), [wake, isWanted, restart]);

  useEffect(() => {
    const begunAnew = () => {
      setCompleted(undefined);
      setFault(undefined);
    };
    if (!isWanted) return begunAnew();
    if ((completed === undefined && fault === undefined) || isSessionEnded(fault?.error)) return;
    const timer = setTimeout(
      () => {
        begunAnew();
        restart();
      },
      resumePauseMs(tries.current, fault?.error),
    );
    tries.current += 1;
    return () => clearTimeout(timer);
  }, [completed, fault, isWanted, restart]);

  return data as Data | undefined;
}
