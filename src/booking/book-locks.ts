import { bookingIdOfLock } from '../core/ids.js';
import type { Booking } from './booking.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { NO_PROVIDER, type Payment } from './payment.js';
import type { Rules } from './rules.js';

/** Turns locks into bookings of a payment that has not failed, in the order of the locks. */
export function bookLocks(
  draft: Draft,
  locks: readonly Lock[],
  payment: Payment,
  requestId: string,
  now: Date,
  rules: Rules,
): Booking[] {
  const pending = payment.status === 'pending';
  return locks.map((lock) => {
    const booking = draft.putBooking({
      id: bookingIdOfLock(lock.id),
      eventId: lock.eventId,
      userId: lock.userId,
      seatNumber: lock.seatNumber,
      lockId: lock.id,
      paymentId: payment.id,
      requestId,
      status: pending ? 'pending' : 'confirmed',
      paymentStatus: payment.status,
      createdAt: now,
      expiresAt: pending ? new Date(now.getTime() + rules.pendingBookingTtlMs) : null,
      ticketIssue: 1,
      checkedInAt: null,
      isInvitation: payment.provider === NO_PROVIDER,
    });
    draft.putLock({ ...lock, status: 'used', endedAt: now, bookingId: booking.id, paymentId: payment.id });
    return booking;
  });
}

/** A booking of a repeated call, as it is now. */
export function replayedBooking(draft: Draft, id: string): Booking {
  const booking = draft.booking(id);
  if (booking === undefined) throw new Error(`Booking ${id} of a replayed request was not loaded.`);
  return booking;
}
