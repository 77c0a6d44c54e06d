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
 * Attempts of which only those that fail are to count. Nobody knows before they are over, so each takes a point and is
 * given it back; whoever finds none left while others are under way waits for what becomes of them. So never more fail
 * than the limit says, and whoever is right is not refused for coming together with many who are right as well.
 */
export class AttemptQuota {
  readonly #subjects = new Map<string, SubjectAttempts>();

  /**
   * @param waitingMax attempts of one kind and subject that may wait for the outcome of others
   * @param refusalText what whoever may not is told, for a person
   */
  constructor(
    private readonly waitingMax: number,
    private readonly refusalText: string,
  ) {}

  /**
   * @param reserve takes a point, or returns how long there is none
   * @param giveBack what was taken
   * @returns how to end it, or how long there is no point and nobody who may give one back
   * @throws TOO_BUSY
   */
  async begin(
    { name }: Limit,
    subject: string,
    reserve: () => Consumed | number | Promise<Consumed | number>,
    giveBack: (taken: Consumed) => void,
  ): Promise<EndAttempt | number> {
    const key = `${name} ${subject}`;
    for (;;) {
      const attempts = this.#subjects.get(key) ?? { inFlight: 0, waiting: [] };
      this.#subjects.set(key, attempts);
      attempts.inFlight += 1;
      const taken = await reserve();
      if (typeof taken !== 'number') {
        return (isFailed) => {
          if (!isFailed) giveBack(taken);
          attempts.inFlight -= 1;
          this.#next(key, attempts);
        };
      }
      attempts.inFlight -= 1;
      if (attempts.inFlight === 0) {
        // Whoever waited for this one's outcome hears the same.
        this.#next(key, attempts);
        return taken;
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

  #next(key: string, attempts: SubjectAttempts): void {
    const next = attempts.waiting.shift();
    if (next !== undefined) next();
    else if (attempts.inFlight === 0) this.#subjects.delete(key);
  }
}
