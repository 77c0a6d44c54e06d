import { useCallback } from 'react';
import { useServices } from '../services.js';
import { untilAnswered } from './retry.js';

/** Sends a call until it is answered, as untilAnswered, and lets the page say how long the server makes it wait. */
export function useUntilAnswered(): <Answer>(call: () => Promise<Answer>) => Promise<Answer> {
  const { waits } = useServices();
  return useCallback((call) => untilAnswered(call, { onWait: waits.begin }), [waits]);
}
