import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { BookingStatus } from '../../booking/booking.js';
import type { PaymentStatus } from '../../booking/payment.js';

@modelOptions({ schemaOptions: { collection: 'bookings', versionKey: false } })
// `User.bookings`, newest first.
@index({ userId: 1, createdAt: -1, _id: -1 })
// `Event.bookings` for the organizer, newest first.
@index({ eventId: 1, createdAt: -1, _id: -1 })
// `Event.bookings` of the seats that the organizer searches.
@index({ eventId: 1, seatNumber: 1 })
// A user's bookings of one event: `myReservationsChanged`.
@index({ eventId: 1, userId: 1, status: 1, createdAt: -1 })
// `Event.sales` counts by status.
@index({ eventId: 1, status: 1 })
// Finds events with overdue PENDING bookings (the job), and these bookings of one event (expireBookings).
@index({ expiresAt: 1, eventId: 1 }, { partialFilterExpression: { status: 'pending' } })
// `Event.sales` counts invitations.
@index({ eventId: 1, isInvitation: 1, status: 1 }, { partialFilterExpression: { isInvitation: true } })
export class BookingDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  eventId!: string;

  @prop({ type: () => String, required: true })
  userId!: string;

  @prop({ type: () => Number, required: true })
  seatNumber!: number;

  @prop({ type: () => String, required: true })
  lockId!: string;

  @prop({ type: () => String, required: true })
  paymentId!: string;

  @prop({ type: () => String, required: true })
  requestId!: string;

  @prop({ type: () => String, required: true })
  status!: BookingStatus;

  @prop({ type: () => String, required: true })
  paymentStatus!: PaymentStatus;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;

  @prop({ type: () => Date, default: null })
  expiresAt!: Date | null;

  /** Bookings of earlier releases have none of these three. */
  @prop({ type: () => Number })
  ticketIssue?: number;

  @prop({ type: () => Date, default: null })
  checkedInAt?: Date | null;

  @prop({ type: () => Boolean })
  isInvitation?: boolean;
}
