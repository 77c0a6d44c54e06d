import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../src/test/support/seeded-random.js';
import { NoAnswer, Refusal } from './server-api.js';

/** How often one operation is asked for in all. */
export const TRIES_MAX = 8;
/** The longest pause that a server may ask for; it counts a caller's calls by the minute. */
const RETRY_AFTER_MS_MAX = 60_000;
/** The first pause after an answer that was lost; it doubles from there. */
const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 2_000;

/** Somebody was left without an answer; the message says how it came to that. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** When all is over, whoever still waits. */
export class Deadline {
  readonly #endMs: number;

  /**
   * @param ms from now on
   * @param triesMax how often one operation is asked for until then
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

  /** @throws UnansweredError when it is over before the pause is */
  async pause(ms: number): Promise<void> {
    const isTooLong = ms >= this.leftMs;
    await wait(Math.min(ms, this.leftMs));
    if (isTooLong) throw new UnansweredError('the deadline came first');
  }
}

/** Told of every answer that had to be asked for again. */
export type OnRetry = (why: string) => void;

/**
 * Asks until there is an answer: it waits as long as a busy server says, and repeats what may or may not have been
 * done. So `ask` has to be safe to repeat.
 *
 * @throws Refusal with any other code at once; UnansweredError when the tries or the time run out
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
      // Not all at the same moment again.
      await deadline.pause(pauseMs + random.below(PAUSE_MS_MIN));
    }
  }
}

/** @returns null where asking again changes nothing */
function pauseAfter(error: unknown, tries: number): number | null {
  const growingMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** (tries - 1));
  if (error instanceof NoAnswer) return growingMs;
  if (!(error instanceof Refusal)) return null;
  if (error.code === 'OUTCOME_UNKNOWN') return growingMs;
  if (error.code !== 'RATE_LIMITED' && error.code !== 'TOO_BUSY') return null;
  return retryAfterMs(error.details) ?? growingMs;
}

/** How long a busy server says to wait, within reason; undefined where it says nothing. */
export function retryAfterMs(details: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const ms = details?.retryAfterMs;
  return typeof ms === 'number' ? Math.min(RETRY_AFTER_MS_MAX, ms) : undefined;
}
