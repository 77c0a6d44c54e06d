import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { SeatAvailability } from '../../booking/availability.js';
import type { SeatState } from '../../booking/seat-state.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { SeatStatus, SeatUpdateKind } from './enums.js';

/** Up to 100,000 letters. */
const MAP_TEXT_COST = 50;
/** A list may have 100,000 seats; usually it has some hundred. */
const SEAT_LIST_COST = 300;
const SEAT_LIST_LENGTH = 100;
/** Every further field is written for every seat, under whatever alias. No client needs so many. */
const SEAT_FIELDS_MAX = 24;
const EXCESSIVE_COST = 1_000;

function seatListCost({ childComplexity }: { childComplexity: number }): number {
  const perField = childComplexity > SEAT_FIELDS_MAX ? EXCESSIVE_COST : SEAT_LIST_LENGTH;
  return SEAT_LIST_COST + perField * childComplexity;
}

@ObjectType('SeatAvailability', {
  simpleResolvers: true,
  description:
    'Counters of one instant: available + locked + booked + offSale = total. An expired lock counts as available from the instant it expires, a held-back seat from its `until`; a PENDING booking counts as booked.',
})
export class SeatAvailabilityType implements SeatAvailability {
  @Field(() => Int, { description: 'All seats.' })
  totalSeats!: number;

  @Field(() => Int, { description: 'Seats that can be locked now.' })
  availableSeats!: number;

  @Field(() => Int, { description: 'Seats with an ACTIVE lock.' })
  lockedSeats!: number;

  @Field(() => Int, { description: 'Seats with a PENDING or CONFIRMED booking.' })
  bookedSeats!: number;

  @Field(() => Int, { description: 'Seats that the organizer holds back.' })
  offSaleSeats!: number;
}

@ObjectType('Seat', { simpleResolvers: true, description: 'A seat and its status.' })
export class SeatType implements SeatState {
  @Field(() => Int, { description: 'From 1 to the totalSeats of the event.' })
  seatNumber!: number;

  @Field(() => SeatStatus, {
    description: 'Treat an unknown status as not available; new ones may be added.',
  })
  status!: SeatState['status'];

  @Field(() => Date, {
    nullable: true,
    description:
      'When the seat becomes AVAILABLE by itself. LOCKED: when the lock expires. OFF_SALE: when it is back on sale; null for no such time. Null for other statuses.',
  })
  lockedUntil!: Date | null;
}

@ObjectType('SeatMap', {
  simpleResolvers: true,
  description: 'The status of every seat of an event at one version.',
})
export class SeatMapType {
  @Field(() => Int, {
    description:
      "Counts the event's committed batches that changed a seat: 0 for a new event, then 1, 2, 3 without a gap, the same on every server.\nWhile the version stays the same, a status changes only at its lockedUntil. Can be sent as `since`.",
  })
  version!: number;

  @Field(() => String, {
    complexity: MAP_TEXT_COST,
    description:
      'One letter for each seat in seat order: A available, L locked, B booked, X off sale. Treat an unknown letter as not available; new ones may be added.',
  })
  statuses!: string;

  @Field(() => [SeatType], { complexity: seatListCost, description: 'Every seat that is not AVAILABLE.' })
  takenSeats!: readonly SeatState[];

  @Field(() => [SeatType], {
    complexity: seatListCost,
    description:
      'Every seat that becomes AVAILABLE by itself: the LOCKED ones, and OFF_SALE ones with an end. With `statuses` it is the whole map, and all that SeatUpdate.digest needs.',
  })
  lockedSeats!: readonly SeatState[];
}

@ObjectType('SeatUpdate', { simpleResolvers: true, description: 'A message of the live seat map.' })
export class SeatUpdateType implements SeatUpdate {
  @Field(() => ID, { description: 'The event whose seats these are.' })
  eventId!: string;

  @Field(() => SeatUpdateKind, { description: 'Whether `seats` is the whole map or what changed.' })
  kind!: SeatUpdate['kind'];

  @Field(() => Int, {
    description:
      'The version that this message brings the client to. Several versions may be merged into one message.',
  })
  version!: number;

  @Field(() => Int, {
    nullable: true,
    description:
      'The version that CHANGES apply on top of; null for a SNAPSHOT. A client whose own version differs has a gap and subscribes again with `since`.',
  })
  previousVersion!: number | null;

  @Field(() => [SeatType], {
    complexity: seatListCost,
    description:
      'SNAPSHOT: every seat that is not AVAILABLE. CHANGES: every seat that changed, with its newest status.',
  })
  seats!: readonly SeatState[];

  @Field(() => String, {
    complexity: MAP_TEXT_COST,
    description: 'The whole map, one letter a seat, whatever the kind; meant for snapshots of large maps.',
  })
  statuses!: string;

  @Field(() => SeatAvailabilityType, { description: 'The counters at this version.' })
  availability!: SeatAvailability;

  @Field(() => String, {
    description: `64 bits, 16 hexadecimal digits: over all seats that are not AVAILABLE, the XOR of a hash of (seatNumber, status, lockedUntil).
A locked or held-back seat counts until its lockedUntil: at a serverTime that is not earlier, its seat counts as AVAILABLE, whether or not its end is recorded in a version. A client
whose own digest differs has a wrong map and subscribes again without \`since\`. docs/api.md has the algorithm and examples.`,
  })
  digest!: string;

  @Field(() => Date, {
    description: "The server's clock, so that a client can count down without trusting its own.",
  })
  serverTime!: Date;
}
