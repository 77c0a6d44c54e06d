import { isClosed } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import type { Booking } from './booking.js';
import type { CancelBooking } from './commands.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { bookingNotFound } from './refusals.js';
import { eventOfBooking } from './route.js';

/** @throws BOOKING_NOT_FOUND */
export function cancelBookingCommand(userId: string, bookingId: string): CancelBooking {
  return { kind: 'cancelBooking', eventId: eventOfBooking(bookingId), userId, bookingId };
}

/**
 * Frees the seat and gives its share of the payment back; a pending payment's share goes back when it settles.
 *
 * @throws BOOKING_NOT_FOUND, BOOKING_NOT_CANCELLABLE
 */
export function cancelBooking(draft: Draft, command: CancelBooking, now: Date): Booking {
  const booking = draft.booking(command.bookingId);
  if (booking === undefined || booking.userId !== command.userId) throw bookingNotFound();
  if (booking.status === 'cancelled') {
    if (booking.paymentStatus === 'pending' && !isClosed(draft.event, now)) forgoRevival(draft, booking);
    return booking;
  }
  if (isClosed(draft.event, now)) {
    throw new DomainError('BOOKING_NOT_CANCELLABLE', 'The event has begun; its bookings stand.');
  }
  return endBooking(draft, booking, 'released', now);
}

/** What time cancelled, a late settlement would confirm again; what its user cancelled stays cancelled. */
function forgoRevival(draft: Draft, booking: Booking): void {
  const lock = lockOf(draft, booking);
  if (lock.status === 'expired') draft.putLock({ ...lock, status: 'released' });
}

/**
 * Cancels a booking that is not cancelled yet, whoever or whatever ends it.
 *
 * @param lockStatus what becomes of its lock: `expired` when time did it, `released` otherwise
 */
export function endBooking(
  draft: Draft,
  booking: Booking,
  lockStatus: 'expired' | 'released',
  now: Date,
): Booking {
  draft.endLock(lockOf(draft, booking), lockStatus, now);
  const paymentStatus = booking.paymentStatus === 'completed' ? 'refunded' : booking.paymentStatus;
  return draft.putBooking({ ...booking, status: 'cancelled', paymentStatus, expiresAt: null });
}

function lockOf(draft: Draft, booking: Booking): Lock {
  const lock = draft.lock(booking.lockId);
  if (lock === undefined) throw new Error(`The lock of booking ${booking.id} was not loaded.`);
  return lock;
}
