import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useSubscription } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { isSessionEnded, resumePauseMs } from 'seat-map';
import { useServices } from '../services.js';
import type { SubscriptionContext } from './subscription-link.js';

/**
 * A subscription that starts again after the server has ended it, with or without an error. After a lost connection the socket
 * restores it. It does not start again if the session has ended, because it would be refused until the user signs in.
 */
export function useLiveSubscription<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  {
    variables,
    isWanted = true,
    ignoreResults = false,
    onData,
    onLost,
  }: {
    variables: Variables;
    isWanted?: boolean;
    /** True if only onData handles the messages. */
    ignoreResults?: boolean;
    onData?: (data: Data) => void;
    /** The connection is lost. What the next message brings may have been missed before. */
    onLost?: () => void;
  },
): Data | undefined {
  const { resumeDetector } = useServices().seats;
  /** Another object after each unexpected end. */
  const [completed, setCompleted] = useState<object>();
  const [failure, setFailure] = useState<{ readonly error: unknown }>();
  const attempts = useRef(0);
  const latestOnLost = useRef(onLost);
  latestOnLost.current = onLost;
  const context = useMemo<SubscriptionContext>(() => ({ onLost: () => latestOnLost.current?.() }), []);
  const options = {
    variables,
    context,
    skip: !isWanted,
    ignoreResults,
    onData: ({ data: { data } }: { data: { data?: unknown } }) => {
      attempts.current = 0;
      if (data != null) onData?.(data as Data);
    },
    onError: (error: unknown) => setFailure({ error }),
    onComplete: () => setCompleted({}),
  };
  // The types of `options` depend on the document, which is generic here.
  const { data, restart } = useSubscription(document, options as never);

  // Messages sent while the device slept may be late or lost, so the subscription starts again.
  useEffect(
    () => (isWanted ? resumeDetector.onResume(restart) : undefined),
    [resumeDetector, isWanted, restart],
  );

  useEffect(() => {
    const clearEnd = () => {
      setCompleted(undefined);
      setFailure(undefined);
    };
    if (!isWanted) return clearEnd();
    if ((completed === undefined && failure === undefined) || isSessionEnded(failure?.error)) return;
    const timer = setTimeout(
      () => {
        clearEnd();
        restart();
      },
      resumePauseMs(attempts.current, failure?.error),
    );
    attempts.current += 1;
    return () => clearTimeout(timer);
  }, [completed, failure, isWanted, restart]);

  return data as Data | undefined;
}
