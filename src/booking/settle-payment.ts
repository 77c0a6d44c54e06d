import { seatLimit } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import { endBooking } from './cancel-booking.js';
import type { SettlePayment } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { endReservation } from './end-reservations.js';
import { hasExpired, hasTimedOut, holdsSeat, isLive } from './lock.js';
import {
  awaitsSettlement,
  CARD_DECLINED,
  type Payment,
  refundShare,
  type SettlementOutcome,
  SIMULATED,
} from './payment.js';
import { bookingOfLock, locksOfPayment } from './payment-records.js';
import { paymentNotFound, paymentProviderOther } from './refusals.js';
import { eventOfPayment } from './route.js';
import type { Rules } from './rules.js';
import { holdingLocks } from './take-seats.js';

/**
 * @param userId null for the provider itself
 * @param reason why it failed, for people
 * @throws PAYMENT_NOT_FOUND
 */
export function settlePaymentCommand(
  userId: string | null,
  paymentId: string,
  outcome: SettlementOutcome,
  reason: string = CARD_DECLINED,
): SettlePayment {
  return { kind: 'settlePayment', eventId: eventOfPayment(paymentId), userId, paymentId, outcome, reason };
}

/**
 * Settles a payment. Its provider may do so; if that is the simulated one, so may the payer and the event's organizer.
 * The same outcome again changes nothing.
 *
 * @throws PAYMENT_NOT_FOUND, PAYMENT_ALREADY_SETTLED, PAYMENT_PROVIDER_OTHER
 */
export function settlePayment(draft: Draft, command: SettlePayment, now: Date, rules: Rules): Payment {
  const payment = draft.payment(command.paymentId);
  const { id: eventId, organizerId } = draft.event;
  if (payment?.eventId !== eventId) throw paymentNotFound();
  if (command.userId !== null) {
    if (![payment.userId, organizerId].includes(command.userId)) throw paymentNotFound();
    // A server whose provider was changed still has payments of the earlier one.
    if (payment.provider !== SIMULATED) throw paymentProviderOther();
  }
  if (!awaitsSettlement(payment)) return requireSameOutcome(payment, command.outcome);
  if (command.outcome === 'completed') completePayment(draft, payment, now, rules);
  else failPayment(draft, payment, command.reason, now);
  return draft.payment(payment.id) as Payment;
}

function requireSameOutcome(payment: Payment, outcome: SettlementOutcome): Payment {
  const settledAs: SettlementOutcome = payment.status === 'failed' ? 'failed' : 'completed';
  if (settledAs === outcome) return payment;
  throw new DomainError('PAYMENT_ALREADY_SETTLED', `The payment was settled as ${settledAs} before.`, {
    status: payment.status.toUpperCase(),
  });
}

/**
 * The payment succeeded. Pending bookings are confirmed. Bookings that were cancelled as overdue are confirmed again, all or
 * none, if their seats are still free and within their user's limit. Every other share whose lock has ended is refunded.
 * In a cancelled event nothing is confirmed, and every share is refunded.
 */
function completePayment(draft: Draft, payment: Payment, now: Date, rules: Rules): void {
  const processedAt = payment.processedAt ?? now;
  draft.putPayment({ ...payment, status: 'completed', reason: null, retryable: null, processedAt });
  const locks = locksOfPayment(draft, payment);
  const timedOut = locks.filter(hasTimedOut);
  const held = holdingLocks(draft, payment.userId, now).length;
  const isCancelled = draft.event.cancellation !== null;
  const canBeRevived =
    !isCancelled &&
    held + timedOut.length <= seatLimit(draft.event, rules.seatsPerViewerMax) &&
    timedOut.every((lock) => isSeatFree(draft, lock.seatNumber, now));
  const revived = new Set(canBeRevived ? timedOut : []);

  for (const lock of locks) {
    const booking = bookingOfLock(draft, lock);
    if (revived.has(lock)) {
      const expired = draft.liveLockOfSeat(lock.seatNumber);
      if (expired !== undefined) endLock(draft, expired, 'expired', expired.expiresAt);
      draft.putLock({ ...lock, status: 'used', endedAt: now });
    }
    if (isCancelled && isLive(lock)) {
      if (booking !== undefined) draft.putBooking({ ...booking, paymentStatus: 'completed' });
      endReservation(draft, lock, now);
    } else if (booking !== undefined && (lock.status === 'used' || revived.has(lock))) {
      draft.putBooking({ ...booking, status: 'confirmed', paymentStatus: 'completed', expiresAt: null });
    } else if (hasExpired(lock, now)) {
      endLock(draft, lock, 'expired', lock.expiresAt);
    } else if (lock.status !== 'active') {
      draft.putPayment(refundShare(draft.payment(payment.id) as Payment, lock.id));
      if (booking !== undefined) draft.putBooking({ ...booking, paymentStatus: 'refunded' });
    }
  }
}

/** The payment failed. Pending bookings are cancelled. Locks that are still active can be paid for again. */
function failPayment(draft: Draft, payment: Payment, reason: string, now: Date): void {
  const processedAt = payment.processedAt ?? now;
  draft.putPayment({ ...payment, status: 'failed', reason, retryable: true, processedAt });
  for (const lock of locksOfPayment(draft, payment)) {
    const booking = bookingOfLock(draft, lock);
    if (booking !== undefined) {
      const cancelled = lock.status === 'used' ? endBooking(draft, booking, 'released', now) : booking;
      draft.putBooking({ ...cancelled, paymentStatus: 'failed' });
    } else if (lock.status === 'active') {
      draft.putLock({ ...lock, paymentId: null });
    }
  }
}

function isSeatFree(draft: Draft, seatNumber: number, now: Date): boolean {
  const lock = draft.liveLockOfSeat(seatNumber);
  return lock === undefined || !holdsSeat(lock, now);
}
