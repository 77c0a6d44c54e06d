import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { DomainError } from '../core/errors.js';

const MINUTE_SECONDS = 60;
/** Log-ins that one address may try on one account in a minute: enough for typing errors, too few for guessing. */
const LOG_INS_PER_ACCOUNT_AND_ADDRESS = 10;
/** Log-ins that one account may meet in a minute, from wherever. */
const LOG_INS_PER_ACCOUNT = 50;

/** How often somebody may call. Limits are counted in each server process. */
export class CallLimits {
  readonly #calls: RateLimiterMemory | undefined;
  readonly #logInsHere: RateLimiterMemory | undefined;
  readonly #logInsAnywhere: RateLimiterMemory | undefined;

  /** @param callsPerMinute of one viewer, or of one address without one; 0 turns every limit off */
  constructor(callsPerMinute: number) {
    if (callsPerMinute === 0) return;
    const limiter = (points: number, keyPrefix: string) =>
      new RateLimiterMemory({ points, duration: MINUTE_SECONDS, keyPrefix });
    this.#calls = limiter(callsPerMinute, 'call');
    this.#logInsHere = limiter(LOG_INS_PER_ACCOUNT_AND_ADDRESS, 'log-in-here');
    this.#logInsAnywhere = limiter(LOG_INS_PER_ACCOUNT, 'log-in-anywhere');
  }

  /** @throws RATE_LIMITED */
  async call(userId: string | undefined, address: string): Promise<void> {
    await consume(this.#calls, userId === undefined ? `address:${address}` : `viewer:${userId}`);
  }

  /** @throws RATE_LIMITED */
  async logIn(email: string, address: string): Promise<void> {
    const account = email.trim().toLowerCase().slice(0, 254);
    await consume(this.#logInsHere, `${account}:${address}`);
    await consume(this.#logInsAnywhere, account);
  }
}

async function consume(limiter: RateLimiterMemory | undefined, key: string): Promise<void> {
  try {
    await limiter?.consume(key);
  } catch (rejected) {
    if (!(rejected instanceof RateLimiterRes)) throw rejected;
    throw new DomainError('RATE_LIMITED', 'Too many calls; nothing was done. Try again later.', {
      retryAfterMs: rejected.msBeforeNext,
    });
  }
}
