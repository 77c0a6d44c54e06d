import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Booking } from '../../booking/booking.js';
import { BookingStatus, PaymentStatus } from './enums.js';
import { HoldType } from './hold.type.js';
import { SeatLockType } from './seat-lock.type.js';

/** The fields of a domain booking. The booking resolver adds `event` and `payment`. */
@ObjectType('Booking', {
  simpleResolvers: true,
  description: 'A seat that was paid for, or whose payment is PENDING, or an invitation.',
})
export class BookingType implements Booking {
  @Field(() => ID, { description: 'Opaque; names the event.' })
  id!: string;

  @Field(() => ID, { description: 'The event that the seat belongs to.' })
  eventId!: string;

  userId!: string;

  @Field(() => Int, { description: 'From 1 to the totalSeats of the event.' })
  seatNumber!: number;

  @Field(() => ID, { description: 'The lock that became this booking.' })
  lockId!: string;

  @Field(() => ID, { description: 'The payment that paid for the seat.' })
  paymentId!: string;

  @Field(() => String, { description: 'The requestId of the call that booked it.' })
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

  @Field(() => Date, { description: 'When the lock became a booking.' })
  createdAt!: Date;

  @Field(() => Date, {
    nullable: true,
    description:
      'When a PENDING booking is cancelled if its payment has not settled: 30 minutes after createdAt. Null once it is not PENDING.',
  })
  expiresAt!: Date | null;

  @Field(() => Boolean, {
    description:
      'The organizer booked it without payment (bookHeldBackSeats). It belongs to no buyer: the organizer may cancel it and reissue its ticket.',
  })
  isInvitation!: boolean;

  ticketIssue!: number;
  checkedInAt!: Date | null;
}

@ObjectType('Reservations', {
  simpleResolvers: true,
  description: 'What one user holds and has booked of one event.',
})
export class ReservationsType {
  @Field(() => HoldType, { nullable: true, description: 'What is held now; null for nothing.' })
  hold!: HoldType | null;

  @Field(() => [SeatLockType], {
    description: 'ACTIVE locks, and those that ended in the last 15 minutes; oldest first.',
  })
  locks!: SeatLockType[];

  @Field(() => [BookingType], { description: 'All bookings, cancelled ones included; oldest first.' })
  bookings!: Booking[];

  @Field(() => Date, { description: "The server's clock when this was read." })
  serverTime!: Date;
}

@InputType({ description: 'A paid lock to book.' })
export class ConfirmBookingInput {
  @Field(() => ID, { description: 'A lock of the caller that the payment paid for.' })
  lockId!: string;

  @Field(() => ID, { description: 'A PENDING or COMPLETED payment of the caller.' })
  paymentId!: string;

  @Field(() => String, {
    description: '1 to 128 characters, new for each confirmation and the same for each repetition of it.',
  })
  requestId!: string;
}

@InputType({ description: 'Paid locks to book, all or none.' })
export class ConfirmBookingsInput {
  @Field(() => [ID], {
    description: '1 to 100 locks of the caller that the payment paid for, none of them twice.',
  })
  lockIds!: string[];

  @Field(() => ID, { description: 'A PENDING or COMPLETED payment of the caller.' })
  paymentId!: string;

  @Field(() => String, {
    description: '1 to 128 characters, new for each confirmation and the same for each repetition of it.',
  })
  requestId!: string;
}
