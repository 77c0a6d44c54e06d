import { DomainError } from '../../core/errors.js';
import type { Consumed, Limit } from './rate-limiter.js';

const RETRY_AFTER_MS = 5_000;

interface SubjectAttempts {
  inFlight: number;
  readonly waiting: (() => void)[];
}

/** Ends an attempt. @param isFailed then its point stays taken */
export type EndAttempt = (isFailed: boolean) => void;

/**
 * Limits attempts of which only the failed ones count. Each attempt takes a point and gives it back if it succeeds. An
 * attempt that finds no points left waits for the attempts in flight, because a success gives its point back. So never
 * more attempts fail than the limit allows, and many successful attempts at once are not refused because of each other.
 */
export class AttemptQuota {
  readonly #subjects = new Map<string, SubjectAttempts>();

  /**
   * @param waitingMax attempts of one limit and subject that may wait for others
   * @param refusalText the reason of a TOO_BUSY, for people
   */
  constructor(
    private readonly waitingMax: number,
    private readonly refusalText: string,
  ) {}

  /**
   * @param reserve takes a point, or returns the milliseconds until there are points again
   * @param giveBack called with the point if the attempt did not fail
   * @returns a function that ends the attempt; or the milliseconds until there are points again, if none is in flight
   * @throws TOO_BUSY
   */
  async begin(
    { name }: Limit,
    subject: string,
    reserve: () => Consumed | number | Promise<Consumed | number>,
    giveBack: (reserved: Consumed) => void,
  ): Promise<EndAttempt | number> {
    const key = `${name} ${subject}`;
    for (;;) {
      const attempts = this.#subjects.get(key) ?? { inFlight: 0, waiting: [] };
      this.#subjects.set(key, attempts);
      attempts.inFlight += 1;
      const reserved = await reserve();
      if (typeof reserved !== 'number') {
        return (isFailed) => {
          if (!isFailed) giveBack(reserved);
          attempts.inFlight -= 1;
          this.#resumeNext(key, attempts);
        };
      }
      attempts.inFlight -= 1;
      if (attempts.inFlight === 0) {
        // An attempt that waited for this one gets the same answer.
        this.#resumeNext(key, attempts);
        return reserved;
      }
      if (attempts.waiting.length >= this.waitingMax) {
        const retryAfterMs = RETRY_AFTER_MS;
        throw new DomainError('TOO_BUSY', `${this.refusalText}; nothing was done. Try again shortly.`, {
          retryAfterMs,
        });
      }
      await new Promise<void>((resolve) => attempts.waiting.push(resolve));
    }
  }

  #resumeNext(key: string, attempts: SubjectAttempts): void {
    const next = attempts.waiting.shift();
    if (next !== undefined) next();
    else if (attempts.inFlight === 0) this.#subjects.delete(key);
  }
}
