import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { CardStatus as Card, Payment, SettlementOutcome as Settlement } from '../../booking/payment.js';
import { CardStatus, PaymentStatus, SettlementOutcome } from './enums.js';

@ObjectType('PaymentSeat', {
  simpleResolvers: true,
  description: 'A seat that a payment pays for.',
})
export class PaymentSeatType {
  @Field(() => Int, { description: 'The number of the seat in its event.' })
  seatNumber!: number;

  @Field(() => Boolean, { description: 'Whether what was paid for this seat was given back.' })
  refunded!: boolean;
}

@ObjectType('Payment', { simpleResolvers: true })
export class PaymentType {
  @Field(() => ID, {
    description: 'pay_YYYYMMDD_HHMM_ and a part that names the event and is random.',
  })
  id!: string;

  @Field(() => ID, { description: 'The same as `id`.', deprecationReason: 'Use `id`.' })
  paymentId!: string;

  @Field(() => ID)
  eventId!: string;

  @Field(() => [ID])
  lockIds!: readonly string[];

  @Field(() => [PaymentSeatType], { description: 'The seats that it pays for, in the order of lockIds.' })
  seats!: readonly PaymentSeatType[];

  @Field(() => GraphQLSafeInt)
  amount!: number;

  @Field(() => GraphQLSafeInt)
  refundedAmount!: number;

  @Field(() => String)
  currency!: string;

  @Field(() => PaymentStatus)
  status!: Payment['status'];

  @Field(() => String, {
    nullable: true,
    description:
      "Null unless FAILED: 'Card was declined', 'Insufficient funds in account', 'Card has expired' or 'The seats were no longer held' (it can still be settled).",
  })
  reason!: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether another try with the same lock can help: true for declined and insufficient funds, false for an expired card and for seats that are no longer held. Null unless FAILED.',
  })
  retryable!: boolean | null;

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it left PENDING.' })
  processedAt!: Date | null;
}

export function paymentType({ id, shares, ...rest }: Payment): PaymentType {
  return { ...rest, id, paymentId: id, lockIds: shares.map((share) => share.lockId), seats: shares };
}

@InputType()
export class SimulatePaymentInput {
  @Field(() => [ID])
  lockIds!: string[];

  @Field(() => Int, {
    nullable: true,
    description:
      "The sum of the seats' prices, in minor units; may be left out where every seat has one. Where a seat has none it is needed: more than the sum of the priced ones.",
  })
  amount?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'May be left out where the event has prices, and so a currency.',
  })
  currency?: string | null;

  @Field(() => CardStatus)
  cardStatus!: Card;

  @Field(() => String, { nullable: true })
  requestId?: string | null;
}

@InputType()
export class SettlePaymentInput {
  @Field(() => ID)
  paymentId!: string;

  @Field(() => SettlementOutcome)
  outcome!: Settlement;
}
