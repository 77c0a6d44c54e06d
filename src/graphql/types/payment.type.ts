import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { CardStatus as Card, Payment, SettlementOutcome as Settlement } from '../../booking/payment.js';
import { CardStatus, PaymentStatus, SettlementOutcome } from './enums.js';

@ObjectType('PaymentSeat', {
  simpleResolvers: true,
  description: 'A seat of a payment.',
})
export class PaymentSeatType {
  @Field(() => Int, { description: 'The number of the seat in its event.' })
  seatNumber!: number;

  @Field(() => Boolean, { description: 'Whether the money for this seat was refunded.' })
  refunded!: boolean;
}

/** The payment resolver adds `event`, `bookings`, `contactEmail` and `reference`. */
@ObjectType('Payment', {
  simpleResolvers: true,
  description: 'A payment for one or more locks of one event.',
})
export class PaymentType {
  @Field(() => ID, {
    description: "Begins with pay_YYYYMMDD_HHMM_. The rest contains the event's id and random characters.",
  })
  id!: string;

  @Field(() => ID, { description: 'The same as `id`.', deprecationReason: 'Use `id`.' })
  paymentId!: string;

  userId!: string;

  email!: string | null;

  /** If they are known already. */
  knownBookings?: readonly Booking[] | undefined;

  @Field(() => ID, { description: 'The event whose seats it pays for.' })
  eventId!: string;

  @Field(() => [ID], { description: 'The locks that it pays for, in the order of the call.' })
  lockIds!: readonly string[];

  @Field(() => [PaymentSeatType], { description: 'The seats that it pays for, in the order of lockIds.' })
  seats!: readonly PaymentSeatType[];

  @Field(() => GraphQLSafeInt, { description: "In the currency's minor unit." })
  amount!: number;

  @Field(() => GraphQLSafeInt, { description: 'The part of the amount that was refunded.' })
  refundedAmount!: number;

  @Field(() => String, { description: 'ISO 4217 code, such as USD.' })
  currency!: string;

  @Field(() => String, {
    description:
      'Who takes the money. `simulated`: nobody is charged. `none`: an invitation, whose amount is 0.',
  })
  provider!: string;

  @Field(() => PaymentStatus, { description: 'PENDING until the card network has answered.' })
  status!: Payment['status'];

  @Field(() => String, {
    nullable: true,
    description:
      "Null unless FAILED: 'Card was declined', 'Insufficient funds in account', 'Card has expired' or 'The seats were no longer held'. A payment with the last reason can still be settled.",
  })
  reason!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether another payment for the same lock with the same card may succeed: true for declined and insufficient funds, false for an expired card and for seats that are no longer held. Null unless FAILED.',
  })
  retryable!: boolean | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it left PENDING.' })
  processedAt!: Date | null;
}

/** @param knownBookings all bookings of the payment, in seat order */
export function paymentType(
  { id, shares, contactEmail, ...rest }: Payment,
  knownBookings?: readonly Booking[],
): PaymentType {
  return {
    id,
    paymentId: id,
    email: contactEmail,
    knownBookings,
    lockIds: shares.map((share) => share.lockId),
    seats: shares,
    ...rest,
  };
}

@InputType({ description: 'A simulated payment for locks.' })
export class SimulatePaymentInput {
  @Field(() => [ID], {
    description: '1 to 100 ACTIVE locks of the caller and of one event, none of them twice.',
  })
  lockIds!: string[];

  @Field(() => Int, {
    nullable: true,
    description:
      "The sum of the seats' prices, in minor units. Optional if every seat has a price. Otherwise required, and greater than the sum of the prices.",
  })
  amount?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'Optional if the event has prices.',
  })
  currency?: string | null;

  @Field(() => CardStatus, { description: 'How the simulated card answers.' })
  cardStatus!: Card;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 128 characters, new for each payment and the same for each repetition of it. Without it, each call makes a new payment.',
  })
  requestId?: string | null;
}

@InputType({ description: 'The result of a PENDING payment.' })
export class SettlePaymentInput {
  @Field(() => ID, { description: 'A payment of the caller.' })
  paymentId!: string;

  @Field(() => SettlementOutcome, { description: 'What the card network answers.' })
  outcome!: Settlement;
}
