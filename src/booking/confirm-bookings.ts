import { DomainError } from '../core/errors.js';
import { bookLocks, replayedBooking } from './book-locks.js';
import type { Booking } from './booking.js';
import type { ConfirmBookings } from './commands.js';
import type { Draft } from './draft.js';
import { isReplay, requestKey } from './idempotent-request.js';
import { type Payment, shareOf } from './payment.js';
import { paymentNotFound, requireAllActive, requireNotStarted } from './refusals.js';
import { eventOfLocks } from './route.js';
import type { Rules } from './rules.js';

export interface Confirmation {
  readonly lockIds: readonly string[];
  readonly paymentId: string;
  readonly requestId: string;
}

/**
 * @param operation the mutation's name: a requestId may be used once for each
 * @throws BAD_USER_INPUT
 */
export function confirmBookingsCommand(
  operation: 'confirmBooking' | 'confirmBookings',
  userId: string,
  { lockIds, paymentId, requestId }: Confirmation,
): ConfirmBookings {
  const eventId = eventOfLocks(lockIds);
  return {
    kind: 'confirmBookings',
    eventId,
    userId,
    lockIds,
    paymentId,
    requestId,
    request: requestKey(userId, operation, requestId, [lockIds, paymentId]),
  };
}

/**
 * Turns paid locks into bookings: all or none, returned in the order of the locks.
 *
 * @throws IDEMPOTENCY_CONFLICT, LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, EVENT_CLOSED, PAYMENT_NOT_FOUND,
 *   PAYMENT_MISMATCH, PAYMENT_FAILED, checked in this order
 */
export function confirmBookings(draft: Draft, command: ConfirmBookings, now: Date, rules: Rules): Booking[] {
  const { event } = draft;
  const { request, userId, lockIds } = command;
  const earlier = draft.request(request.id);
  if (isReplay(earlier, request)) return earlier.resultIds.map((id) => replayedBooking(draft, id));

  const locks = requireAllActive(
    lockIds,
    draft.lock,
    userId,
    now,
    lockIds.length === 1 ? 'lockId' : 'lockIds',
  );
  requireNotStarted(event, now, 'booked');
  const payment = requirePaymentFor(draft.payment(command.paymentId), command);
  const bookings = bookLocks(draft, locks, payment, command.requestId, now, rules);
  draft.putRequest({ resultIds: bookings.map((booking) => booking.id), createdAt: now, ...request });
  return bookings;
}

function requirePaymentFor(payment: Payment | undefined, command: ConfirmBookings): Payment {
  if (payment === undefined || payment.userId !== command.userId) throw paymentNotFound();
  const unpaid = command.lockIds.filter((lockId) => shareOf(payment, lockId) === undefined);
  if (unpaid.length > 0) {
    const details = { paymentId: payment.id, lockIds: unpaid };
    throw new DomainError('PAYMENT_MISMATCH', 'This payment did not pay for this lock.', details);
  }
  if (payment.status === 'failed' || payment.status === 'refunded') {
    const reason = payment.reason ?? 'Payment was refunded';
    const details = { reason, retryable: payment.retryable ?? false, paymentId: payment.id };
    throw new DomainError('PAYMENT_FAILED', `The payment did not go through: ${reason}.`, details);
  }
  return payment;
}
