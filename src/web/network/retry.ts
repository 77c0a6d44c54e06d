import pRetry, { AbortError } from 'p-retry';
import { apiErrorOf, retryAfterMsOf } from './api-error.js';

/** After the first try. With the pauses between them about ten seconds: after that a person is asked. */
const RETRIES_MAX = 5;
const FIRST_PAUSE_MS = 300;
const PAUSE_MS_MAX = 4_000;
/** A server that wants to be left alone for longer is not asked again by itself: nobody waits that long at a button. */
export const WAIT_MS_MAX = 60_000;

/** Refusals that say "not now", or "nobody knows": the same call may be sent again. */
const PASSING = new Set(['TOO_BUSY', 'OUTCOME_UNKNOWN', 'RATE_LIMITED']);

export interface Repeating {
  /** Before a call is sent again, in ms. */
  readonly firstPauseMs?: number | undefined;
  /** Told that the server has asked for a pause of so many ms, which is kept. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Asked before the call is sent again. */
  readonly isWanted?: (() => boolean) | undefined;
}

/** Whether the same call, sent once more, could still do what it was meant to. */
export function mayPass(error: unknown): boolean {
  const refusal = apiErrorOf(error);
  return refusal === null || PASSING.has(refusal.code);
}

/**
 * Sends a call again until the server has answered it. Only for calls that can be repeated: those with a requestId, and
 * those whose second time changes nothing. Where the server says how long it wants to be left alone, it is.
 *
 * @throws what the last try threw
 */
export function untilAnswered<Answer>(
  call: () => Promise<Answer>,
  { firstPauseMs = FIRST_PAUSE_MS, onWait, isWanted = () => true }: Repeating = {},
): Promise<Answer> {
  let last: Error | undefined;
  const unlessUnwanted = () => {
    if (last !== undefined && !isWanted()) throw new AbortError(last);
    return call();
  };
  return pRetry(unlessUnwanted, {
    retries: RETRIES_MAX,
    minTimeout: firstPauseMs,
    maxTimeout: PAUSE_MS_MAX,
    factor: 2,
    randomize: true,
    shouldRetry: ({ error }) => mayPass(error) && retryAfterMsOf(error) <= WAIT_MS_MAX,
    // Before the pause that comes in any case: whoever was asked to wait as long does not come back all together.
    async onFailedAttempt({ error, retriesLeft }) {
      last = error;
      const waitMs = retryAfterMsOf(error);
      if (waitMs === 0 || waitMs > WAIT_MS_MAX || retriesLeft === 0) return;
      onWait?.(waitMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    },
  });
}
