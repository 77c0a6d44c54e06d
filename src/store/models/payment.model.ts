import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { PaymentStatus } from '../../booking/payment.js';
import { REFUSED_PAYMENTS_KEPT_SECONDS } from '../retention.js';

class ShareDocument {
  @prop({ type: () => String, required: true })
  lockId!: string;

  @prop({ type: () => Number, required: true })
  seatNumber!: number;

  @prop({ type: () => Number, required: true })
  amount!: number;

  @prop({ type: () => Boolean, required: true })
  refunded!: boolean;
}

@modelOptions({ schemaOptions: { collection: 'payments', versionKey: false } })
// A payment by its id; guards that no id is used twice.
@index({ paymentId: 1 }, { unique: true })
// `User.payments`, newest first.
@index({ userId: 1, createdAt: -1, paymentId: -1 })
// `Event.sales`: what was paid and refunded.
@index({ eventId: 1, status: 1 })
// `Event.bookings` by the beginning of an address, and by the reference, that the organizer searches.
@index({ eventId: 1, contactEmail: 1 })
@index({ eventId: 1, reference: 1 })
// Finds events with overdue PENDING payments (the job), and these payments of one event (expirePayments).
@index({ createdAt: 1, eventId: 1 }, { partialFilterExpression: { status: 'pending' } })
// Deletes payments that their card refused at once: no lock and no booking refers to them.
@index({ refusedAt: 1 }, { expireAfterSeconds: REFUSED_PAYMENTS_KEPT_SECONDS, sparse: true })
export class PaymentDocument {
  @prop({ type: () => String, required: true })
  paymentId!: string;

  /** Made of the id, and stored to be searched. */
  @prop({ type: () => String })
  reference?: string;

  @prop({ type: () => String, required: true })
  userId!: string;

  @prop({ type: () => String, required: true })
  eventId!: string;

  @prop({ type: () => [String], required: true })
  lockIds!: string[];

  /** One for each of lockIds, in their order. */
  @prop({ type: () => [ShareDocument], _id: false, required: true })
  shares!: ShareDocument[];

  @prop({ type: () => Number, required: true })
  amount!: number;

  @prop({ type: () => Number, required: true })
  refundedAmount!: number;

  @prop({ type: () => String, required: true })
  currency!: string;

  @prop({ type: () => String })
  contactEmail?: string | null;

  @prop({ type: () => String })
  provider?: string;

  @prop({ type: () => String, required: true })
  status!: PaymentStatus;

  @prop({ type: () => String, default: null })
  reason!: string | null;

  @prop({ type: () => Boolean, default: null })
  retryable!: boolean | null;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;

  @prop({ type: () => Date, default: null })
  processedAt!: Date | null;

  /** Only if its card refused it at once: then it was never PENDING, and can never have a booking. */
  @prop({ type: () => Date })
  refusedAt?: Date;
}
