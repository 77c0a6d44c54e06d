import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { NoAnswer, Refusal } from './server-api.js';

/** Attempts for one operation. */
export const TRIES_MAX = 8;
/** The longest accepted retryAfterMs: servers count calls by the minute. */
const RETRY_AFTER_MS_MAX = 60_000;
/** The first pause after a lost answer. It doubles with each attempt. */
const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 2_000;

/** There was no answer in the end. The message says why. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** The end of a sale, after which nobody waits any more. */
export class Deadline {
  readonly #endMs: number;

  /**
   * @param ms from now on
   * @param triesMax attempts for one operation until then
   */
  constructor(
    ms: number,
    readonly triesMax = TRIES_MAX,
  ) {
    this.#endMs = performance.now() + ms;
  }

  get leftMs(): number {
    return Math.max(0, this.#endMs - performance.now());
  }

  /** @throws UnansweredError if the deadline comes before the end of the pause */
  async pause(ms: number): Promise<void> {
    const isTooLong = ms >= this.leftMs;
    await wait(Math.min(ms, this.leftMs));
    if (isTooLong) throw new UnansweredError('the deadline came first');
  }
}

/** Called for every retry. */
export type OnRetry = (why: string) => void;

/**
 * Retries until there is an answer: it waits as long as a busy server says, and repeats calls with an unknown outcome. So
 * `ask` must be safe to repeat.
 *
 * @throws Refusal with any other code at once; UnansweredError after the last attempt or at the deadline
 */
export async function withRetries<Answer>(
  ask: () => Promise<Answer>,
  deadline: Deadline,
  random: SeededRandom,
  onRetry: OnRetry,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const pauseMs = pauseAfter(error, tries);
      if (pauseMs === null) throw error;
      const why = error instanceof Refusal ? error.code : `no answer (${(error as Error).message})`;
      if (tries === deadline.triesMax)
        throw new UnansweredError(`${tries} tries, the last: ${(error as Error).message}`);
      onRetry(why);
      // A random pause spreads the retries.
      await deadline.pause(pauseMs + random.below(PAUSE_MS_MIN));
    }
  }
}

/** @returns null if a retry would not help */
function pauseAfter(error: unknown, tries: number): number | null {
  const growingMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** (tries - 1));
  if (error instanceof NoAnswer) return growingMs;
  if (!(error instanceof Refusal)) return null;
  if (error.code === 'OUTCOME_UNKNOWN') return growingMs;
  if (error.code !== 'RATE_LIMITED' && error.code !== 'TOO_BUSY') return null;
  return retryAfterMs(error.details) ?? growingMs;
}

/** The retry time of a busy server, limited; undefined if it gives none. */
export function retryAfterMs(details: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const ms = details?.retryAfterMs;
  return typeof ms === 'number' ? Math.min(RETRY_AFTER_MS_MAX, ms) : undefined;
}
