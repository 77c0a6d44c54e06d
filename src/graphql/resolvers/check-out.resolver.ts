import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { contactAddress } from '../../account/contact-address.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import { checkOutCommand } from '../../booking/check-out.js';
import type { Commands } from '../../booking/commands.js';
import { SIMULATED } from '../../booking/payment.js';
import { paymentProviderOther } from '../../booking/refusals.js';
import type { StartedPayments } from '../../booking/started-payments.js';
import type { Clock } from '../../core/clock.js';
import { withClientFieldNames } from '../client-field-names.js';
import { type GraphQLContext, requireViewer, withCorrelationId } from '../context.js';
import { CheckOutInput, CheckOutPayloadType } from '../types/check-out.type.js';
import { paymentType } from '../types/payment.type.js';

@Resolver()
export class CheckOutResolver {
  /** @param provider who takes the money; null if nobody can pay */
  constructor(
    private readonly commands: Commands,
    private readonly reads: Pick<BookingReads, 'hasRequest'>,
    private readonly startedPayments: StartedPayments,
    private readonly clock: Clock,
    private readonly provider: string | null,
  ) {}

  @Mutation(() => CheckOutPayloadType, {
    nullable: true,
    description: `[viewer] Pays for the hold and books it, all or none, in one step of the event: nothing can come between. The sum is the server's. A refused card keeps
the hold: the payment is FAILED, bookings is empty. A provider that answers later gives PENDING bookings. The same requestId with the same input gives the same payment
and bookings, FAILED included; another try takes a new one; a call that ended in an error has not used its requestId. Checked in this order: replay, EVENT_NOT_FOUND,
HOLD_EXPIRED (nothing is held, or some of it no more; details: seatNumbers that were lost, and bookedSeatNumbers, those of them that the caller has booked), LOCK_ALREADY_PAID
(simulatePayment paid for a seat; details: paymentId, to confirm with), EVENT_CLOSED, AMOUNT_MISMATCH, TOTAL_CHANGED (details: total; only with \`expectedTotal\`).
Further errors: IDEMPOTENCY_CONFLICT, RATE_LIMITED (too many refused cards), PAYMENT_PROVIDER_OTHER (\`simulatedCard\` where payments are not simulated, or nobody can pay), BAD_USER_INPUT (also for a sum that the provider never takes).`,
  })
  async checkOut(
    @Arg('input', () => CheckOutInput, { description: 'What to pay for, and where the tickets go.' })
    input: CheckOutInput,
    @Ctx() context: GraphQLContext,
  ): Promise<CheckOutPayloadType> {
    const { userId, email } = requireViewer(context);
    const { provider } = this;
    const isSimulated = provider === SIMULATED;
    if (provider === null || (input.simulatedCard != null && !isSimulated)) throw paymentProviderOther();
    return withClientFieldNames({ currency: 'amount.currency' }, async () => {
      const address = contactAddress(input.contactEmail, email);
      const command = checkOutCommand(userId, input, address, provider, this.clock.now());
      const { payment, bookings } = await context.limits.pay(
        () => this.commands.submit(withCorrelationId(context, command)),
        (checkedOut) => (checkedOut.payment.id === command.newPaymentId ? checkedOut.payment : null),
        () => this.reads.hasRequest(command.request.id),
      );
      // Nobody shall pay for bookings that timed out.
      const mayBePaid = bookings.some(({ status }) => status === 'pending');
      return {
        payment: paymentType(payment, bookings),
        bookings,
        clientSecret: mayBePaid ? await this.startedPayments.clientSecretOf(payment, context.address) : null,
      };
    });
  }
}
