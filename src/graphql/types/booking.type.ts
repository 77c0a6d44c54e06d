import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import { BookingStatus, PaymentStatus } from './enums.js';
import { SeatLockType } from './seat-lock.type.js';

/** A domain booking is shown as it is; `event` and `payment` are the booking resolver's. */
@ObjectType('Booking', { simpleResolvers: true })
export class BookingType implements Booking {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  eventId!: string;

  userId!: string;

  @Field(() => Int)
  seatNumber!: number;

  @Field(() => ID)
  lockId!: string;

  @Field(() => ID)
  paymentId!: string;

  @Field(() => String)
  requestId!: string;

  @Field(() => BookingStatus, {
    description:
      'A PENDING booking ends only when its end is written; a settlement that comes first, even after expiresAt, confirms it.',
  })
  status!: Booking['status'];

  @Field(() => PaymentStatus, {
    description: "Of this booking's own share: REFUNDED once its seat was paid back.",
  })
  paymentStatus!: Booking['paymentStatus'];

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description:
      'When a PENDING booking is cancelled if its payment has not settled: 30 minutes after createdAt. Null once it is not PENDING.',
  })
  expiresAt!: Date | null;
}

@ObjectType('Reservations', { simpleResolvers: true })
export class ReservationsType {
  @Field(() => [SeatLockType])
  locks!: SeatLockType[];

  @Field(() => [BookingType])
  bookings!: Booking[];

  @Field(() => Date)
  serverTime!: Date;
}

@InputType()
export class ConfirmBookingInput {
  @Field(() => ID)
  lockId!: string;

  @Field(() => ID)
  paymentId!: string;

  @Field(() => String)
  requestId!: string;
}

@InputType()
export class ConfirmBookingsInput {
  @Field(() => [ID])
  lockIds!: string[];

  @Field(() => ID)
  paymentId!: string;

  @Field(() => String)
  requestId!: string;
}
