import { type Event, isCancellable } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import type { Booking } from './booking.js';
import type { CancelBooking } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { hasTimedOut, type Lock } from './lock.js';
import { awaitsSettlement } from './payment.js';
import { requireOwnBooking } from './refusals.js';
import { eventOfBooking } from './route.js';

/** @throws BOOKING_NOT_FOUND */
export function cancelBookingCommand(userId: string, bookingId: string): CancelBooking {
  return { kind: 'cancelBooking', eventId: eventOfBooking(bookingId), userId, bookingId };
}

/**
 * Frees the seat and refunds its share of the payment. A pending payment's share is refunded when the payment settles.
 *
 * @throws BOOKING_NOT_FOUND, BOOKING_NOT_CANCELLABLE
 */
export function cancelBooking(draft: Draft, command: CancelBooking, now: Date): Booking {
  const booking = requireOwnBooking(draft.event, draft.booking(command.bookingId), command.userId);
  if (booking.status === 'cancelled') {
    preventRevival(draft, booking, now);
    return draft.booking(booking.id) as Booking;
  }
  // The bookings of a cancelled event are all cancelled, whoever is first.
  if (draft.event.cancellation === null) requireCancellable(draft.event, booking, now);
  return endBooking(draft, booking, 'released', now);
}

/** @throws BOOKING_NOT_CANCELLABLE */
function requireCancellable(event: Event, { checkedInAt }: Booking, now: Date): void {
  if (!isCancellable(event, now)) {
    throw new DomainError(
      'BOOKING_NOT_CANCELLABLE',
      'The event has started; its bookings can no longer be cancelled.',
    );
  }
  if (checkedInAt !== null) {
    throw new DomainError('BOOKING_NOT_CANCELLABLE', 'The ticket was used; the booking cannot be cancelled.');
  }
}

/**
 * A late settlement confirms a booking again that was cancelled as overdue. Once its user cancels it, it stays cancelled,
 * even if the user does so after the event has started.
 */
function preventRevival(draft: Draft, booking: Booking, now: Date): void {
  const payment = draft.payment(booking.paymentId);
  if (payment === undefined) throw new Error(`The payment of booking ${booking.id} was not loaded.`);
  const lock = lockOf(draft, booking);
  if (awaitsSettlement(payment) && hasTimedOut(lock)) endLock(draft, lock, 'released', now);
}

/**
 * Cancels a booking that is not cancelled yet.
 *
 * @param lockStatus the new status of its lock: `expired` if the booking was overdue, `released` otherwise
 */
export function endBooking(
  draft: Draft,
  booking: Booking,
  lockStatus: 'expired' | 'released',
  now: Date,
): Booking {
  const paymentStatus = booking.paymentStatus === 'completed' ? 'refunded' : booking.paymentStatus;
  draft.putBooking({ ...booking, status: 'cancelled', paymentStatus, expiresAt: null });
  endLock(draft, lockOf(draft, booking), lockStatus, now);
  return draft.booking(booking.id) as Booking;
}

function lockOf(draft: Draft, booking: Booking): Lock {
  const lock = draft.lock(booking.lockId);
  if (lock === undefined) throw new Error(`The lock of booking ${booking.id} was not loaded.`);
  return lock;
}
