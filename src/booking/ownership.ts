import type { Events } from '../catalog/events.js';
import { eventInBookingId, eventInLockId, eventInPaymentId } from '../core/ids.js';
import type { Booking } from './booking.js';
import type { BookingReads } from './booking-reads.js';
import type { Lock } from './lock.js';
import type { Payment } from './payment.js';
import { bookingNotFound, lockNotFound, paymentNotFound } from './refusals.js';

/** Reads records that belong to a user. Another user's record is refused as if it did not exist. */

/** @throws LOCK_NOT_FOUND */
export async function readOwnLock(reads: BookingReads, userId: string, id: string): Promise<Lock> {
  const lock = eventInLockId(id) === undefined ? null : await reads.lock(id);
  if (lock === null || lock.userId !== userId) throw lockNotFound('id');
  return lock;
}

/** @throws PAYMENT_NOT_FOUND */
export async function readOwnPayment(reads: BookingReads, userId: string, id: string): Promise<Payment> {
  const payment = eventInPaymentId(id) === undefined ? null : await reads.payment(id);
  if (payment === null || payment.userId !== userId) throw paymentNotFound();
  return payment;
}

/**
 * A booking is visible to its owner and to the event's organizer.
 *
 * @throws BOOKING_NOT_FOUND
 */
export async function readBooking(
  reads: BookingReads,
  events: Events,
  userId: string,
  id: string,
): Promise<Booking> {
  const booking = eventInBookingId(id) === undefined ? null : await reads.booking(id);
  if (booking === null) throw bookingNotFound();
  if (booking.userId === userId) return booking;
  const event = await events.find(booking.eventId);
  if (event?.organizerId !== userId) throw bookingNotFound();
  return booking;
}
