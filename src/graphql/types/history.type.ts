import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { HistoryEntry } from '../../booking/booking-reads.js';
import type { LedgerEntry } from '../../booking/ledger.js';
import { HistoryActor, SeatStatus } from './enums.js';

@ObjectType('HistoryEntry', {
  simpleResolvers: true,
  description:
    'One thing that happened to a seat, or to the event. All entries of an event, applied in order, give its seat map.',
})
export class HistoryEntryType {
  @Field(() => Date, { description: 'When it was committed.' })
  at!: Date;

  @Field(() => Int, { nullable: true, description: 'The version of the seat map after it.' })
  version!: number | null;

  @Field(() => Int, { nullable: true, description: 'The seat; null for what concerns no single seat.' })
  seatNumber!: number | null;

  @Field(() => String, {
    description: `LOCKED; EXTENDED; RELEASED, by its holder or, if it was held back, by the organizer; EXPIRED, the time of the lock or of the hold-back ran out; BOOKED, and paid; PENDING, booked while the payment is not settled;
CONFIRMED, the payment was settled; CANCELLED; TIMED_OUT, the PENDING booking was overdue; TRANSFERRED to another user, as a guest logged in; HELD_BACK by the organizer, also with another label or end;
INVITED, booked by the organizer without payment. Without a seat: UPDATED, PUBLISHED, SALE_PAUSED, SALE_RESUMED, EVENT_CANCELLED. More may be added.`,
  })
  kind!: string;

  @Field(() => SeatStatus, {
    nullable: true,
    description: 'The status of the seat before it; null without a seat.',
  })
  before!: HistoryEntry['before'] | null;

  @Field(() => SeatStatus, {
    nullable: true,
    description: 'The status of the seat after it; null without a seat.',
  })
  after!: HistoryEntry['after'] | null;

  @Field(() => Date, { nullable: true, description: 'When the seat becomes AVAILABLE by itself after it.' })
  lockedUntil!: Date | null;

  @Field(() => HistoryActor, { description: 'Who did it.' })
  actor!: HistoryEntry['actor'];

  @Field(() => ID, { nullable: true, description: 'The lock that changed.' })
  lockId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The booking of that lock.' })
  bookingId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Of the call that did it, as the log has it; null for jobs.',
  })
  correlationId!: string | null;
}

const KIND_NAMES: Readonly<Record<LedgerEntry['kind'], string>> = {
  locked: 'LOCKED',
  extended: 'EXTENDED',
  released: 'RELEASED',
  expired: 'EXPIRED',
  booked: 'BOOKED',
  pending: 'PENDING',
  confirmed: 'CONFIRMED',
  cancelled: 'CANCELLED',
  timedOut: 'TIMED_OUT',
  transferred: 'TRANSFERRED',
  heldBack: 'HELD_BACK',
  invited: 'INVITED',
  updated: 'UPDATED',
  published: 'PUBLISHED',
  salePaused: 'SALE_PAUSED',
  saleResumed: 'SALE_RESUMED',
  eventCancelled: 'EVENT_CANCELLED',
};

export const historyEntryType = (entry: HistoryEntry): HistoryEntryType => ({
  ...entry,
  kind: KIND_NAMES[entry.kind],
});
