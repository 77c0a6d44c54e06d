import pRetry from 'p-retry';
import { refusalOf } from './refusal.js';

/** After the first try. With the pauses between them about ten seconds: after that a person is asked. */
const RETRIES_MAX = 5;
const FIRST_PAUSE_MS = 300;
const PAUSE_MS_MAX = 4_000;

/** Refusals that say "not now", or "nobody knows": the same call may be sent again. */
const PASSING = new Set(['TOO_BUSY', 'OUTCOME_UNKNOWN', 'RATE_LIMITED']);

/** Whether the same call, sent once more, could still do what it was meant to. */
export function mayPass(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal === null || PASSING.has(refusal.code);
}

/**
 * Sends a call again until the server has answered it. Only for calls that can be repeated: those with a requestId, and
 * those whose second time changes nothing.
 *
 * @throws what the last try threw
 */
export function untilAnswered<Answer>(
  call: () => Promise<Answer>,
  firstPauseMs = FIRST_PAUSE_MS,
): Promise<Answer> {
  return pRetry(call, {
    retries: RETRIES_MAX,
    minTimeout: firstPauseMs,
    maxTimeout: PAUSE_MS_MAX,
    factor: 2,
    randomize: true,
    shouldRetry: ({ error }) => mayPass(error),
  });
}
