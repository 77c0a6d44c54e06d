import { accountKey } from '../../account/address.js';
import { DomainError } from '../../core/errors.js';
import { AttemptQuota, type EndAttempt } from './attempt-quota.js';
import { orRefuse, refuse } from './rate-limited.js';
import type { Consumed, Limit, RateLimiter } from './rate-limiter.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Failed log-ins of one address on one account: enough for typing errors, too few for guessing. */
const LOG_IN_FAILURES_OF_PAIR: Limit = { name: 'log-in-here', points: 10, windowMs: MINUTE_MS };
/** Failed log-ins on one account from all addresses that have never logged in to it. */
const LOG_IN_FAILURES_OF_ACCOUNT: Limit = { name: 'log-in-anywhere', points: 100, windowMs: HOUR_MS };
/** Failed log-ins of one address on all accounts. */
const LOG_IN_FAILURES_OF_ADDRESS: Limit = { name: 'log-in-failures', points: 100, windowMs: MINUTE_MS };
/** How long an address counts as known to an account after a log-in. */
const KNOWN_ADDRESS: Limit = { name: 'known-address', points: 1, windowMs: 30 * DAY_MS };

const LOG_INS_WAITING_MAX = 600;

/**
 * Limits failed log-ins by address and account together, by address, and by account. The last limit does not apply to
 * addresses that are known to the account, so strangers cannot lock its owner out. Successful log-ins do not count.
 */
export class LogInLimits {
  readonly #attempts = new AttemptQuota(LOG_INS_WAITING_MAX, 'Too many log-ins at once');

  constructor(private readonly limiter: RateLimiter) {}

  /** @throws RATE_LIMITED, TOO_BUSY, and what `logIn` throws */
  async logIn<Answer>(email: string, address: string, logIn: () => Promise<Answer>): Promise<Answer> {
    const { limiter } = this;
    const account = accountKey(email);
    const pair = `${account} ${address}`;
    const begin = (
      limit: Limit,
      subject: string,
      reserve: () => Consumed | number | Promise<Consumed | number>,
    ) => this.#attempts.begin(limit, subject, reserve, (consumed) => limiter.giveBack(consumed));
    const attempts: EndAttempt[] = [];
    let isWrongGuess = false;
    try {
      // Always in this order, so that two log-ins never wait for each other.
      attempts.push(
        orRefuse(
          await begin(LOG_IN_FAILURES_OF_PAIR, pair, () =>
            limiter.consumeShared(LOG_IN_FAILURES_OF_PAIR, pair),
          ),
        ),
      );
      attempts.push(
        orRefuse(
          await begin(LOG_IN_FAILURES_OF_ADDRESS, address, () =>
            limiter.consume(LOG_IN_FAILURES_OF_ADDRESS, address),
          ),
        ),
      );
      const attempt = await begin(LOG_IN_FAILURES_OF_ACCOUNT, account, () =>
        limiter.consume(LOG_IN_FAILURES_OF_ACCOUNT, account),
      );
      if (typeof attempt !== 'number') attempts.push(attempt);
      else if (!(await limiter.isRemembered(KNOWN_ADDRESS, pair))) refuse(attempt);
      const answer = await logIn();
      limiter.remember(KNOWN_ADDRESS, pair);
      return answer;
    } catch (error) {
      isWrongGuess = error instanceof DomainError && error.code === 'INVALID_CREDENTIALS';
      throw error;
    } finally {
      for (const end of attempts) end(isWrongGuess);
    }
  }
}
