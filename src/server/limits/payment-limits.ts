import type { Payment } from '../../booking/payment.js';
import { AttemptQuota, type EndAttempt } from './attempt-quota.js';
import { orRefuse } from './rate-limited.js';
import type { Consumed, Limit, RateLimiter } from './rate-limiter.js';

const HOUR_MS = 60 * 60_000;

/** As many as may wait for a batch, so a rush from one network does not refuse callers because of each other. */
const PAYMENTS_WAITING_MAX = 20_000;

const NOT_COUNTED: EndAttempt = () => undefined;

export interface PaymentLimitsOptions {
  /** Refused cards, and payments started at a provider that answers later, of one viewer an hour. */
  readonly declinedPaymentsPerViewerMax: number;
  /** Refused cards of one address an hour, at a provider too. */
  readonly declinedPaymentsPerAddressMax: number;
}

/**
 * Limits refused cards, so that nobody finds out with this server which stolen cards still work. Payments that succeed do
 * not count.
 */
export class PaymentLimits {
  readonly #ofViewer: Limit;
  readonly #ofAddress: Limit;
  readonly #attempts = new AttemptQuota(
    PAYMENTS_WAITING_MAX,
    'Too many people on your network are paying at once',
  );

  constructor(
    private readonly limiter: RateLimiter,
    options: PaymentLimitsOptions,
  ) {
    this.#ofViewer = {
      name: 'viewer-declines',
      points: options.declinedPaymentsPerViewerMax,
      windowMs: HOUR_MS,
    };
    this.#ofAddress = {
      name: 'address-declines',
      points: options.declinedPaymentsPerAddressMax,
      windowMs: HOUR_MS,
    };
  }

  declined(address: string): void {
    this.limiter.consume(this.#ofAddress, address);
  }

  /**
   * @param newPaymentOf the payment that the call made; null for a repeated call, which counts no more
   * @param isRepeated asked only at a limit: a call whose answer was lost gets it there, too
   * @throws RATE_LIMITED, TOO_BUSY, and what `pay` throws
   */
  async pay<Answer>(
    userId: string,
    address: string,
    pay: () => Promise<Answer>,
    newPaymentOf: (answer: Answer) => Payment | null,
    isRepeated: () => Promise<boolean>,
  ): Promise<Answer> {
    const { limiter } = this;
    const begin = async (limit: Limit, subject: string, message: string) => {
      const reserve = () => limiter.consume(limit, subject);
      const giveBack = (consumed: Consumed) => limiter.giveBack(consumed);
      const attempt = await this.#attempts.begin(limit, subject, reserve, giveBack);
      if (typeof attempt === 'number' && (await isRepeated())) return NOT_COUNTED;
      return orRefuse(attempt, message);
    };
    let isDeclined = false;
    let isStarted = false;
    let ofAddress: EndAttempt | undefined;
    // Always in this order, so that two calls never wait for each other.
    const ofViewer = await begin(this.#ofViewer, userId, 'Too many of your payments were refused.');
    try {
      ofAddress = await begin(this.#ofAddress, address, 'Too many payments from your network were refused.');
      const answer = await pay();
      const payment = newPaymentOf(answer);
      isDeclined = payment?.status === 'failed';
      isStarted = payment?.status === 'pending';
      return answer;
    } finally {
      ofAddress?.(isDeclined);
      ofViewer(isDeclined || isStarted);
    }
  }
}
