import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads } from '../../booking/booking-reads.js';
import type { Commands } from '../../booking/commands.js';
import { readOwnPayment } from '../../booking/ownership.js';
import { paymentReference } from '../../booking/payment-reference.js';
import { paymentProviderOther } from '../../booking/refusals.js';
import { settlePaymentCommand } from '../../booking/settle-payment.js';
import { simulatePaymentCommand } from '../../booking/simulate-payment.js';
import type { Event } from '../../catalog/event.js';
import type { Clock } from '../../core/clock.js';
import { type GraphQLContext, requireUserId, withCorrelationId } from '../context.js';
import { eventOfRecord } from '../places.js';
import { BookingType } from '../types/booking.type.js';
import { EventType } from '../types/event.type.js';
import { PaymentType, paymentType, SettlePaymentInput, SimulatePaymentInput } from '../types/payment.type.js';

@Resolver(() => PaymentType)
export class PaymentResolver {
  constructor(
    private readonly commands: Commands,
    private readonly reads: BookingReads,
    private readonly clock: Clock,
    private readonly arePaymentsSimulated: boolean,
  ) {}

  @Query(() => PaymentType, { nullable: true, description: '[owner] PAYMENT_NOT_FOUND.' })
  async payment(
    @Arg('paymentId', () => ID, { description: 'Id of the payment.' }) paymentId: string,
    @Ctx() context: GraphQLContext,
  ): Promise<PaymentType> {
    return paymentType(await readOwnPayment(this.reads, requireUserId(context), paymentId));
  }

  @Mutation(() => PaymentType, {
    nullable: true,
    description: `[owner of the locks] Pays for one or more ACTIVE locks of one event with a simulated card. The sum is the server's: amount and currency
may be left out where every seat has a price; given, they must be right. A refused card is no error: the payment comes back
FAILED, with its reason and whether another try can help. Errors: LOCK_NOT_FOUND, LOCK_EXPIRED, LOCK_ALREADY_USED, LOCK_ALREADY_PAID (a PENDING or
COMPLETED payment exists; details: paymentId), EVENT_CLOSED, AMOUNT_MISMATCH (where seats have prices), PAYMENT_PROVIDER_OTHER (payments are not simulated here), BAD_USER_INPUT. With a requestId the same call twice gives the same payment,
FAILED included; another try takes a new requestId; a call that ended in an error has not used its requestId.
A lock that ends without a booking (expired, released) has its part of a COMPLETED payment refunded; a PENDING part is refunded when it settles.
A PENDING payment that no lock or booking is left of comes to be FAILED ('The seats were no longer held'); it can still be settled.`,
  })
  async simulatePayment(
    @Arg('input', () => SimulatePaymentInput, { description: 'What to pay for, and the card.' })
    input: SimulatePaymentInput,
    @Ctx() context: GraphQLContext,
  ): Promise<PaymentType> {
    const userId = this.#requireSimulation(context);
    const command = simulatePaymentCommand(userId, input, this.clock.now());
    const payment = await context.limits.pay(
      () => this.commands.submit(withCorrelationId(context, command)),
      (paid) => (paid.id === command.newPaymentId ? paid : null),
      async () => command.request !== null && this.reads.hasRequest(command.request.id),
    );
    return paymentType(payment);
  }

  @Mutation(() => PaymentType, {
    nullable: true,
    description: `[payer or the event's organizer] Ends a PENDING payment as the card network would. COMPLETED confirms its bookings; FAILED ('Card was declined', retryable) cancels them and frees their
seats. A COMPLETED that comes after the booking-expiry job cancelled them confirms the same bookings again, all or none, if the seats are still free and the payer may have so many, and is REFUNDED otherwise;
bookings that the user cancelled stay cancelled. A payment that FAILED only because its seats were no longer held is settled likewise. The same outcome again returns the payment; another one: PAYMENT_ALREADY_SETTLED. PAYMENT_PROVIDER_OTHER where payments are not simulated.`,
  })
  async settlePayment(
    @Arg('input', () => SettlePaymentInput, { description: 'The payment and its outcome.' }) {
      paymentId,
      outcome,
    }: SettlePaymentInput,
    @Ctx() context: GraphQLContext,
  ): Promise<PaymentType> {
    const userId = this.#requireSimulation(context);
    const command = settlePaymentCommand(userId, paymentId, outcome);
    return paymentType(await this.commands.submit(withCorrelationId(context, command)));
  }

  @FieldResolver(() => EventType, { description: 'The event whose seats it pays for.' })
  event(@Root() payment: PaymentType, @Ctx() context: GraphQLContext): Promise<Event> {
    return eventOfRecord(payment, context);
  }

  @FieldResolver(() => [BookingType], { description: 'Of all that it paid for, in seat order.' })
  bookings(
    @Root() payment: PaymentType,
    @Ctx() { loaders }: GraphQLContext,
  ): Promise<readonly Booking[]> | readonly Booking[] {
    return payment.knownBookings ?? loaders.bookingsOfPayment.load(payment);
  }

  @FieldResolver(() => String, {
    description:
      'For people, such as K7F-4M9: six letters and digits without look-alikes. Not unique: programs use `id`.',
  })
  reference(@Root() { id }: PaymentType): string {
    return paymentReference(id);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Where the tickets go. Null if `simulatePayment` made the payment, and for everybody but the payer and the event's organizer.",
  })
  async contactEmail(@Root() payment: PaymentType, @Ctx() context: GraphQLContext): Promise<string | null> {
    const userId = context.viewer?.userId;
    if (userId === payment.userId) return payment.email;
    const { organizerId } = await eventOfRecord(payment, context);
    return userId === organizerId ? payment.email : null;
  }

  /**
   * @returns the caller, who may simulate payments
   * @throws UNAUTHENTICATED, PAYMENT_PROVIDER_OTHER
   */
  #requireSimulation(context: GraphQLContext): string {
    const userId = requireUserId(context);
    if (!this.arePaymentsSimulated) throw paymentProviderOther();
    return userId;
  }
}
