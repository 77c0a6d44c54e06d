import { index, modelOptions, prop } from '@typegoose/typegoose';
import { LIVE_LOCK_STATUSES, type LockStatus, NO_EXPIRY } from '../../booking/lock.js';
import { ENDED_LOCKS_KEPT_SECONDS } from '../retention.js';
import { MoneyDocument } from './money.model.js';

@modelOptions({ schemaOptions: { collection: 'seatlocks', versionKey: false } })
// No seat is sold twice: the database refuses a second live lock on a seat, whatever the code does.
// Also finds the live locks of seats (batches) and of a whole event (seat map).
@index(
  { eventId: 1, seatNumber: 1 },
  { unique: true, partialFilterExpression: { status: { $in: [...LIVE_LOCK_STATUSES] } } },
)
// A user's locks of an event: the seat limit in lockSeats, `User.locks`, `myReservationsChanged`.
@index({ eventId: 1, userId: 1, status: 1, endedAt: 1 })
// The events in which a user holds seats (the transfer of a guest's).
@index({ userId: 1, eventId: 1 }, { partialFilterExpression: { status: 'active' } })
// The expired locks of an event (expireLocks) and the count of its active ones (availability).
@index({ eventId: 1, expiresAt: 1 }, { partialFilterExpression: { status: 'active' } })
// The events that have expired locks (the job).
@index({ expiresAt: 1, eventId: 1 }, { partialFilterExpression: { status: 'active' } })
// The seats that an event holds back, in seat order (`Event.heldBack`).
@index({ eventId: 1, status: 1, seatNumber: 1 }, { partialFilterExpression: { status: 'heldBack' } })
// Held-back seats whose time has passed: the events that have some (the job), and those of one event (expireLocks, availability).
// Most are held back for good, and each index entry of thousands of seats makes other commands wait.
@index(
  { status: 1, expiresAt: 1, eventId: 1 },
  { partialFilterExpression: { status: 'heldBack', expiresAt: { $lt: NO_EXPIRY } } },
)
// Deletes locks that ended without payment, and so without booking: nothing refers to them.
@index(
  { endedAt: 1 },
  {
    expireAfterSeconds: ENDED_LOCKS_KEPT_SECONDS,
    partialFilterExpression: { status: { $in: ['expired', 'released'] }, paymentId: null },
  },
)
export class SeatLockDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  eventId!: string;

  @prop({ type: () => Number, required: true })
  seatNumber!: number;

  @prop({ type: () => String, required: true })
  userId!: string;

  @prop({ type: () => String, required: true })
  status!: LockStatus;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;

  @prop({ type: () => Date, required: true })
  expiresAt!: Date;

  /** Absent in held-back seats, as the next two. */
  @prop({ type: () => Date })
  endedAt?: Date | null;

  @prop({ type: () => String })
  bookingId?: string | null;

  @prop({ type: () => String })
  paymentId?: string | null;

  /** Absent in locks of earlier releases. */
  @prop({ type: () => Number })
  version?: number | null;

  /** Absent in locks of earlier releases. */
  @prop({ type: () => MoneyDocument, _id: false })
  price?: MoneyDocument | null;

  /** Absent unless the organizer held the seat back. */
  @prop({ type: () => String })
  label?: string;
}
