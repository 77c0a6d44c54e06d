import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { type Lock, remainingMs, statusAt } from '../../booking/lock.js';
import type { Money } from '../../catalog/money.js';
import { LockStatus } from './enums.js';

/** The fields of a lock. The lock resolver adds `place`, `version` and `price`. */
@ObjectType('SeatLock', {
  simpleResolvers: true,
  description: 'A seat that one user holds for a few minutes, so that nobody else can take it meanwhile.',
})
export class SeatLockType {
  @Field(() => ID, { description: 'Opaque; names the event.' })
  id!: string;

  @Field(() => ID, { description: 'The event that the seat belongs to.' })
  eventId!: string;

  @Field(() => Int, { description: 'From 1 to the totalSeats of the event.' })
  seatNumber!: number;

  @Field(() => LockStatus, {
    description:
      'USED until its booking is cancelled (then RELEASED) or its PENDING booking timed out (then EXPIRED).',
  })
  status!: Lock['status'];

  @Field(() => Date, { description: 'When the seat was locked.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When an ACTIVE lock expires, unless it is extended or used before.' })
  expiresAt!: Date;

  @Field(() => Int, {
    description: "Whole milliseconds left by the server's clock; 0 once it is not ACTIVE.",
  })
  remainingMs!: number;

  @Field(() => ID, { nullable: true, description: 'Set when it was used, and kept.' })
  bookingId!: string | null;

  /** Of the seat map; null for locks of earlier releases. */
  mapVersion!: number | null;

  /** Undefined for locks of earlier releases. */
  heldPrice!: Money | null | undefined;
}

/** The lock as it is at this instant. */
export function seatLockType(lock: Lock, now: Date): SeatLockType {
  const { id, eventId, seatNumber, createdAt, expiresAt, bookingId, version, price } = lock;
  return {
    id,
    eventId,
    seatNumber,
    status: statusAt(lock, now),
    createdAt,
    expiresAt,
    remainingMs: remainingMs(lock, now),
    bookingId,
    mapVersion: version,
    heldPrice: price,
  };
}

@InputType({ description: 'One seat to lock.' })
export class LockSeatInput {
  @Field(() => ID, { description: 'The event that the seat belongs to.' })
  eventId!: string;

  @Field(() => Int, { description: 'From 1 to the totalSeats of the event.' })
  seatNumber!: number;
}

@InputType({ description: 'Seats to lock, all or none.' })
export class LockSeatsInput {
  @Field(() => ID, { description: 'The event that the seats belong to.' })
  eventId!: string;

  @Field(() => [Int], { description: '1 to 100 seat numbers, none of them twice.' })
  seatNumbers!: number[];
}
