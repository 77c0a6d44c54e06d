import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { SeatStatus } from '../../booking/seat-state.js';
import { CHANGES_KEPT_SECONDS } from '../retention.js';

class SeatStateDocument {
  @prop({ type: () => Number, required: true })
  seatNumber!: number;

  @prop({ type: () => String, required: true })
  status!: SeatStatus;

  @prop({ type: () => Date, default: null })
  lockedUntil!: Date | null;
}

class ReservationChangeDocument {
  @prop({ type: () => String, required: true })
  userId!: string;

  @prop({ type: () => [String], required: true })
  lockIds!: string[];

  @prop({ type: () => [String], required: true })
  bookingIds!: string[];
}

@modelOptions({ schemaOptions: { collection: 'changes', versionKey: false } })
// The versions of an event are 1, 2, 3 …: none twice. Serves `since`.
@index({ eventId: 1, version: 1 }, { unique: true, partialFilterExpression: { version: { $gt: 0 } } })
// Deletes changes. A client that was away for longer gets a whole map.
@index({ at: 1 }, { expireAfterSeconds: CHANGES_KEPT_SECONDS })
export class ChangeDocument {
  /** Null for a change of a user, which belongs to no event. */
  @prop({ type: () => String, default: null })
  eventId!: string | null;

  /** Null if no seat changed. */
  @prop({ type: () => Number, default: null })
  version!: number | null;

  @prop({ type: () => [SeatStateDocument], _id: false, required: true })
  seats!: SeatStateDocument[];

  @prop({ type: () => [ReservationChangeDocument], _id: false, required: true })
  reservations!: ReservationChangeDocument[];

  /**
   * The user that this change is about: all tokens ended, or a guest became an account. Absent otherwise. The name is the
   * one that earlier releases read.
   */
  @prop({ type: () => String })
  loggedOutUserId?: string;

  /** Absent unless the organizer's settings of the event changed. */
  @prop({ type: () => Boolean })
  settings?: true;

  @prop({ type: () => Date, required: true })
  at!: Date;

  /** Of the calls that made the change, so that every process can log them; absent if a job made it. */
  @prop({ type: () => [String], default: undefined })
  correlationIds?: string[];
}
