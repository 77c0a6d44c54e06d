import { useCallback, useRef } from 'react';
import { untilAnswered } from 'seat-map';
import { useAccount } from '../account/viewer.js';
import { useServices } from '../services.js';

/**
 * Sends a call until it is answered, as untilAnswered does, and shows waits that the server asks for. The call is not repeated
 * after another user has signed in, as it would run in that user's name.
 */
export function useRetryUntilAnswered(): <Answer>(call: () => Promise<Answer>) => Promise<Answer> {
  const { serverBusyWait } = useServices();
  const { viewer } = useAccount();
  const viewerId = useRef<string | undefined>(undefined);
  // While the viewer is being loaded, the last known one stays.
  if (viewer !== undefined) viewerId.current = viewer?.id;
  return useCallback(
    (call) => {
      const callerId = viewerId.current;
      return untilAnswered(call, {
        onWait: serverBusyWait.begin,
        isWanted: () => viewerId.current === callerId,
      });
    },
    [serverBusyWait],
  );
}
