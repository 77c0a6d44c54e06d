import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { Actor, SeatEventKind } from '../../booking/ledger.js';
import type { SeatStatus } from '../../booking/seat-state.js';
import { LEDGER_KEPT_SECONDS } from '../retention.js';

class LedgerEntryDocument {
  @prop({ type: () => Number, required: true })
  seatNumber!: number;

  @prop({ type: () => String, required: true })
  kind!: SeatEventKind;

  @prop({ type: () => String, required: true })
  before!: SeatStatus;

  @prop({ type: () => String, required: true })
  after!: SeatStatus;

  @prop({ type: () => Date, default: null })
  lockedUntil!: Date | null;

  @prop({ type: () => String, required: true })
  actor!: Actor;

  @prop({ type: () => String, required: true })
  lockId!: string;

  @prop({ type: () => String, default: null })
  bookingId!: string | null;

  @prop({ type: () => String, default: null })
  correlationId!: string | null;
}

/** What one batch did to the seats of one event. It is inserted by the batch and never changed. */
@modelOptions({ schemaOptions: { collection: 'ledger', versionKey: false } })
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
