import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import type { CardStatus as Card } from '../../booking/payment.js';
import { BookingType } from './booking.type.js';
import { CardStatus } from './enums.js';
import { MoneyInput } from './money.type.js';
import { PaymentType } from './payment.type.js';

@ObjectType('CheckOutPayload', { simpleResolvers: true, description: 'What became of a check-out.' })
export class CheckOutPayloadType {
  @Field(() => PaymentType, { description: 'FAILED if the card was refused; then the seats are still held.' })
  payment!: PaymentType;

  @Field(() => [BookingType], { description: 'In seat order; empty if the card was refused.' })
  bookings!: readonly Booking[];

  @Field(() => String, {
    nullable: true,
    description:
      "With a provider that the client must talk to: what the client shows it (Stripe: the PaymentIntent's client secret). Null otherwise.",
  })
  clientSecret!: string | null;
}

@InputType({ description: 'What to pay for and to book.' })
export class CheckOutInput {
  @Field(() => ID, { description: 'The event that the seats belong to.' })
  eventId!: string;

  @Field(() => [Int], {
    nullable: true,
    description:
      '1 to 100 seats that the caller holds, none of them twice. Default: all that is held. Name them to be sure which seats are paid for.',
  })
  seatNumbers?: number[] | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'The sum that the caller was shown. If it is another one now, nothing is paid.',
  })
  expectedTotal?: MoneyInput | null;

  @Field(() => CardStatus, {
    nullable: true,
    description: 'With simulated payments, how the card answers. Default: SUCCESS.',
  })
  simulatedCard?: Card | null;

  @Field(() => MoneyInput, {
    nullable: true,
    description: 'Needed where a seat has no price: the sum of all seats. Otherwise it may be left out.',
  })
  amount?: MoneyInput | null;

  @Field(() => String, {
    nullable: true,
    description: "Where the tickets go. A guest must give it. Default: the account's own address.",
  })
  contactEmail?: string | null;

  @Field(() => String, {
    description: '1 to 128 characters, new for each try to pay and the same for each repetition of it.',
  })
  requestId!: string;
}
