import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type Lock, remainingMs, statusAt } from '../../booking/lock.js';
import { LockStatus } from './enums.js';

@ObjectType('SeatLock', { simpleResolvers: true })
export class SeatLockType {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  eventId!: string;

  @Field(() => Int)
  seatNumber!: number;

  @Field(() => LockStatus, {
    description:
      'USED until its booking is cancelled (then RELEASED) or its PENDING booking timed out (then EXPIRED).',
  })
  status!: Lock['status'];

  @Field(() => Date)
  createdAt!: Date;

  @Field(() => Date)
  expiresAt!: Date;

  @Field(() => Int, {
    description: "Whole milliseconds left by the server's clock; 0 once it is not ACTIVE.",
  })
  remainingMs!: number;

  @Field(() => ID, { nullable: true, description: 'Set when it was used, and kept.' })
  bookingId!: string | null;
}

/** The lock as it is at this instant. */
export function seatLockType(lock: Lock, now: Date): SeatLockType {
  const { id, eventId, seatNumber, createdAt, expiresAt, bookingId } = lock;
  return {
    id,
    eventId,
    seatNumber,
    status: statusAt(lock, now),
    createdAt,
    expiresAt,
    remainingMs: remainingMs(lock, now),
    bookingId,
  };
}

@InputType()
export class LockSeatInput {
  @Field(() => ID)
  eventId!: string;

  @Field(() => Int)
  seatNumber!: number;
}

@InputType()
export class LockSeatsInput {
  @Field(() => ID)
  eventId!: string;

  @Field(() => [Int])
  seatNumbers!: number[];
}
