import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands } from '../booking/commands.js';
import { awaitsSettlement, type Payment, type SettlementOutcome } from '../booking/payment.js';
import type { ProviderPayments, StartedPayment } from '../booking/provider-payments.js';
import { settlePaymentCommand } from '../booking/settle-payment.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { ProviderPayment } from './payment-provider.js';

/** The first comparison with the provider. By then most customers have paid, and the notification has come. */
export const FIRST_CHECK_MS = 2 * 60 * 1_000;

export const PAYMENT_CANCELLED = 'Payment was cancelled';

/** Turns what a provider says about its payments into settlements of ours. */
export class Settlements {
  constructor(
    private readonly commands: Commands,
    private readonly reads: Pick<BookingReads, 'payment'>,
    private readonly started: ProviderPayments,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * Settles our payment if the provider's is final. What is settled already stays as it is.
   *
   * @returns what is stored about it, or null if it is no payment of this installation
   */
  async settle(provider: string, said: ProviderPayment): Promise<StartedPayment | null> {
    const payment = await this.reads.payment(said.paymentId);
    const facts = { paymentId: said.paymentId, providerId: said.providerId };
    if (payment === null || payment.provider !== provider) {
      this.log.warn(facts, 'The payment provider named a payment that is not ours; it is ignored');
      return null;
    }
    // The provider may be faster than our own answer about the start.
    const checkAt = new Date(this.clock.now().getTime() + FIRST_CHECK_MS);
    const { paymentId, providerId } = said;
    const started = await this.started.started({ paymentId, provider, providerId }, checkAt);
    if (started.providerId !== providerId || !isSameSum(payment, said)) {
      this.log.error(
        facts,
        'The payment provider named a payment of ours with another id or sum; it is ignored',
      );
      return null;
    }
    if (said.state === 'open') return started;
    const outcome = said.state === 'completed' ? 'completed' : 'failed';
    if (awaitsSettlement(payment)) {
      await this.commands.submit(settlePaymentCommand(null, paymentId, outcome, PAYMENT_CANCELLED));
    } else if (settledAs(payment) !== outcome) {
      this.log.error({ ...facts, outcome }, 'The payment provider says otherwise than what was settled');
    }
    await this.started.settled(paymentId);
    return started;
  }

  /** The provider will never start the payment: the seats are free again. */
  async refused(paymentId: string, reason: string): Promise<void> {
    await this.commands.submit(settlePaymentCommand(null, paymentId, 'failed', reason));
  }
}

const isSameSum = (payment: Payment, said: ProviderPayment): boolean =>
  payment.amount === said.amount && payment.currency === said.currency;

const settledAs = ({ status }: Payment): SettlementOutcome => (status === 'failed' ? 'failed' : 'completed');
