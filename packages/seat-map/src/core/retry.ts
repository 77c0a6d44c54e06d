import { apiErrorOf, retryAfterMsOf } from './api-error.js';
import { pauseMs } from './back-off.js';

/** Attempts after the first one. Together with the pauses they take about ten seconds. */
const RETRIES_MAX = 5;
const FIRST_PAUSE_MS = 300;
const PAUSE_MS_MAX = 4_000;
/** If the server asks for a longer pause, the call fails: nobody waits that long after pressing a button. */
export const WAIT_MS_MAX = 60_000;

/** Temporary refusals and unknown outcomes: the same call may be sent again. */
const RETRYABLE: readonly string[] = ['TOO_BUSY', 'OUTCOME_UNKNOWN', 'RATE_LIMITED'];

export interface RetryOptions {
  /** Before the second attempt, in ms. */
  readonly firstPauseMs?: number | undefined;
  /** Called when the server has asked for a pause of this many ms. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Checked before every further attempt. */
  readonly isWanted?: (() => boolean) | undefined;
}

/** Whether the same call could succeed if it is sent again. */
export function isRetryable(error: unknown): boolean {
  const refusal = apiErrorOf(error);
  return refusal === null || RETRYABLE.includes(refusal.code);
}

/**
 * Sends a call again until the server has answered it. Only for calls that can be repeated: calls with a requestId, and calls
 * that change nothing the second time. Keeps the pause that the server asks for.
 *
 * @throws the error of the last attempt
 */
export async function untilAnswered<Answer>(
  call: () => Promise<Answer>,
  { firstPauseMs = FIRST_PAUSE_MS, onWait, isWanted = () => true }: RetryOptions = {},
): Promise<Answer> {
  for (let attempts = 0; ; attempts++) {
    try {
      return await call();
    } catch (error) {
      const waitMs = retryAfterMsOf(error);
      if (attempts === RETRIES_MAX || waitMs > WAIT_MS_MAX || !isRetryable(error)) throw error;
      if (waitMs > 0) onWait?.(waitMs);
      // Random in addition, so that clients with the same wait do not return all at once.
      const pause = waitMs + pauseMs({ firstMs: firstPauseMs, longestMs: PAUSE_MS_MAX }, attempts);
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!isWanted()) throw error;
    }
  }
}
