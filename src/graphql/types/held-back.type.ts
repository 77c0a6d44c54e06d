import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { HELD_BACK_PER_CALL_MAX, LABEL_LENGTH_MAX } from '../../booking/hold-back-seats.js';
import { LOCKS_PER_CALL_MAX } from '../../booking/route.js';
import type { Event } from '../../catalog/event.js';
import { EventType } from './event.type.js';
import { PlaceType } from './section.type.js';

@ObjectType('HeldBackSeat', {
  simpleResolvers: true,
  description: 'A seat that the organizer holds back.',
})
export class HeldBackSeatType {
  @Field(() => PlaceType, { description: 'Which seat it is.' })
  place!: PlaceType;

  @Field(() => String, { description: 'For whom or why; the organizer alone sees it.' })
  label!: string;

  @Field(() => Date, {
    nullable: true,
    description: 'When it is back on sale by itself. Null: when the organizer releases it.',
  })
  until!: Date | null;
}

@ObjectType('HoldBackPayload', {
  simpleResolvers: true,
  description: 'What became of seats that were to be held back or released.',
})
export class HoldBackPayloadType {
  @Field(() => EventType, { description: 'The event after it.' })
  event!: Event;

  @Field(() => [Int], {
    description:
      'The seats that are held back now (`holdBackSeats`), or those that were (`releaseHeldBackSeats`). In the order of the call.',
  })
  seatNumbers!: readonly number[];

  @Field(() => Int, { description: 'A version of the seat map that has it.' })
  version!: number;
}

@InputType({ description: 'Seats to hold back, all or none.' })
export class HoldBackSeatsInput {
  @Field(() => ID, { description: 'The event.' })
  eventId!: string;

  @Field(() => [Int], {
    description: `1 to ${HELD_BACK_PER_CALL_MAX} seat numbers, none of them twice. Several calls hold back more.`,
  })
  seatNumbers!: number[];

  @Field(() => String, {
    description: `For whom or why; the organizer alone sees it. 1 to ${LABEL_LENGTH_MAX} characters.`,
  })
  label!: string;

  @Field(() => Date, {
    nullable: true,
    description:
      'In the future: then they are back on sale by themselves. Default: when the organizer releases them.',
  })
  until?: Date | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Leave out seats that somebody has, instead of refusing the call with SEAT_UNAVAILABLE.',
  })
  skipTaken?: boolean | null;
}

@InputType({ description: 'Seats to book without payment, all or none.' })
export class BookHeldBackSeatsInput {
  @Field(() => ID, { description: 'The event.' })
  eventId!: string;

  @Field(() => [Int], {
    description: `1 to ${LOCKS_PER_CALL_MAX} seat numbers, none of them twice. Each is held back or free.`,
  })
  seatNumbers!: number[];

  @Field(() => String, { description: 'Where the tickets go.' })
  contactEmail!: string;

  @Field(() => String, {
    description:
      '1 to 128 characters. The same requestId with the same input gives the same bookings; with other input it is IDEMPOTENCY_CONFLICT.',
  })
  requestId!: string;
}
