import { useCallback, useRef } from 'react';
import { useAccount } from '../account/viewer.js';
import { useServices } from '../services.js';
import { untilAnswered } from './retry.js';

/**
 * Sends a call until it is answered, as untilAnswered, and lets the page say how long the server makes it wait. It is not
 * sent again once somebody else is signed in, for whom it would be done.
 */
export function useUntilAnswered(): <Answer>(call: () => Promise<Answer>) => Promise<Answer> {
  const { waits } = useServices();
  const { viewer } = useAccount();
  const viewerId = useRef<string | undefined>(undefined);
  // While it is being found out who is signed in, nobody else is.
  if (viewer !== undefined) viewerId.current = viewer?.id;
  return useCallback(
    (call) => {
      const asker = viewerId.current;
      return untilAnswered(call, { onWait: waits.begin, isWanted: () => viewerId.current === asker });
    },
    [waits],
  );
}
