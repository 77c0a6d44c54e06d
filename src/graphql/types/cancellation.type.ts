import { Field, Int, ObjectType } from 'type-graphql';
import type { Cancellation, Event } from '../../catalog/event.js';

/** Its resolver adds what was refunded, which is for the organizer alone. */
@ObjectType('EventCancellation', {
  simpleResolvers: true,
  description: 'That an event is cancelled, and how far the refunds are.',
})
export class EventCancellationType {
  @Field(() => Date, { description: 'When it was cancelled.' })
  at!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Plain text of the organizer; a line break is \\n. Null if none was given.',
  })
  reason!: string | null;

  @Field(() => Int, {
    description: 'Bookings that are still to be cancelled and paid back. It falls to 0 by itself.',
  })
  bookingsLeft!: number;

  organizerId!: string;
  refundedSoFar!: Cancellation['refunded'];
}

export function eventCancellationType({
  cancellation,
  bookedSeats,
  organizerId,
}: Event): EventCancellationType | null {
  if (cancellation === null) return null;
  const { at, reason, refunded } = cancellation;
  return { at, reason, bookingsLeft: bookedSeats, organizerId, refundedSoFar: refunded };
}
