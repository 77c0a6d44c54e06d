import { index, modelOptions, mongoose, prop, Severity } from '@typegoose/typegoose';
import type { Actor, LedgerEntry } from '../../booking/ledger.js';
import type { SeatStatus } from '../../booking/seat-state.js';
import { LEDGER_KEPT_SECONDS } from '../retention.js';

@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class LedgerEntryDocument {
  /** Null for a change of the event itself, as the next ones but the kind. A list if the same was done to several seats. */
  @prop({ type: () => mongoose.Schema.Types.Mixed, default: null })
  seatNumber!: number | number[] | null;

  @prop({ type: () => String, required: true })
  kind!: LedgerEntry['kind'];

  @prop({ type: () => String, default: null })
  before!: SeatStatus | null;

  @prop({ type: () => String, default: null })
  after!: SeatStatus | null;

  @prop({ type: () => Date, default: null })
  lockedUntil!: Date | null;

  @prop({ type: () => String, required: true })
  actor!: Actor;

  /** A list if `seatNumber` is one, in the same order. */
  @prop({ type: () => mongoose.Schema.Types.Mixed, default: null })
  lockId!: string | string[] | null;

  @prop({ type: () => String, default: null })
  bookingId!: string | null;

  @prop({ type: () => String, default: null })
  correlationId!: string | null;
}

/** What one batch did to one event and its seats. It is inserted by the batch and never changed. */
@modelOptions({
  schemaOptions: { collection: 'ledger', versionKey: false },
  options: { allowMixed: Severity.ALLOW },
})
// `Event.history`, newest first. A batch of an event has one document.
@index({ eventId: 1, turn: -1 }, { unique: true })
// `Event.history` of one seat.
@index({ eventId: 1, 'entries.seatNumber': 1, turn: -1 })
// Deletes old ones.
@index({ at: 1 }, { expireAfterSeconds: LEDGER_KEPT_SECONDS })
export class LedgerDocument {
  @prop({ type: () => String, required: true })
  eventId!: string;

  /** The batch's fencing token: later batches of the event have a higher one. */
  @prop({ type: () => Number, required: true })
  turn!: number;

  /** The event's version after the batch. */
  @prop({ type: () => Number, required: true })
  version!: number;

  @prop({ type: () => Date, required: true })
  at!: Date;

  /** The last one first, as they are read. */
  @prop({ type: () => [LedgerEntryDocument], _id: false, required: true })
  entries!: LedgerEntryDocument[];
}
