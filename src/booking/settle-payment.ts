import { DomainError } from '../core/errors.js';
import type { Booking } from './booking.js';
import { endBooking } from './cancel-booking.js';
import type { SettlePayment } from './commands.js';
import type { Draft } from './draft.js';
import { hasLapsed, holdsSeat, type Lock } from './lock.js';
import { type Payment, refundShare, type SettlementOutcome } from './payment.js';
import { paymentNotFound } from './refusals.js';
import { eventOfPayment } from './route.js';

/** @throws PAYMENT_NOT_FOUND */
export function settlePaymentCommand(
  userId: string,
  paymentId: string,
  outcome: SettlementOutcome,
): SettlePayment {
  return { kind: 'settlePayment', eventId: eventOfPayment(paymentId), userId, paymentId, outcome };
}

/**
 * Ends a pending payment as the card network would. The same outcome again changes nothing.
 *
 * @throws PAYMENT_NOT_FOUND, PAYMENT_ALREADY_SETTLED
 */
export function settlePayment(draft: Draft, command: SettlePayment, now: Date): Payment {
  const payment = draft.payment(command.paymentId);
  if (payment === undefined || payment.userId !== command.userId) throw paymentNotFound();
  if (payment.status !== 'pending') return requireSameOutcome(payment, command.outcome);
  if (command.outcome === 'completed') complete(draft, payment, now);
  else fail(draft, payment, now);
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
 * The money came. Pending bookings are confirmed; bookings that time cancelled are confirmed again, all or none,
 * if their seats are still free; every other share whose lock is over goes back.
 */
function complete(draft: Draft, payment: Payment, now: Date): void {
  draft.putPayment({ ...payment, status: 'completed', processedAt: now });
  const locks = locksOf(draft, payment);
  const timedOut = locks.filter((lock) => lock.status === 'expired' && lock.bookingId !== null);
  const revived = timedOut.every((lock) => isSeatFree(draft, lock.seatNumber, now))
    ? new Set(timedOut)
    : new Set();

  for (const lock of locks) {
    const booking = bookingOf(draft, lock);
    if (revived.has(lock)) {
      const lapsed = draft.liveLockOfSeat(lock.seatNumber);
      if (lapsed !== undefined) draft.endLock(lapsed, 'expired', lapsed.expiresAt);
      draft.putLock({ ...lock, status: 'used', endedAt: now });
    }
    if (booking !== undefined && (lock.status === 'used' || revived.has(lock))) {
      draft.putBooking({ ...booking, status: 'confirmed', paymentStatus: 'completed', expiresAt: null });
    } else if (hasLapsed(lock, now)) {
      draft.endLock(lock, 'expired', lock.expiresAt);
    } else if (lock.status !== 'active') {
      draft.putPayment(refundShare(draft.payment(payment.id) as Payment, lock.id));
      if (booking !== undefined) draft.putBooking({ ...booking, paymentStatus: 'refunded' });
    }
  }
}

/** The money did not come. Pending bookings are cancelled; locks that are still active may be paid again. */
function fail(draft: Draft, payment: Payment, now: Date): void {
  const reason = 'Card was declined';
  draft.putPayment({ ...payment, status: 'failed', reason, retryable: true, processedAt: now });
  for (const lock of locksOf(draft, payment)) {
    const booking = bookingOf(draft, lock);
    if (booking !== undefined) {
      const cancelled = lock.status === 'used' ? endBooking(draft, booking, 'released', now) : booking;
      draft.putBooking({ ...cancelled, paymentStatus: 'failed' });
    } else if (lock.status === 'active') {
      draft.putLock({ ...lock, paymentId: null });
    }
  }
}

function isSeatFree(draft: Draft, seatNumber: number, now: Date): boolean {
  const holder = draft.liveLockOfSeat(seatNumber);
  return holder === undefined || !holdsSeat(holder, now);
}

function locksOf(draft: Draft, payment: Payment): Lock[] {
  return payment.shares.map((share) => {
    const lock = draft.lock(share.lockId);
    if (lock === undefined) throw new Error(`Lock ${share.lockId} of payment ${payment.id} was not loaded.`);
    return lock;
  });
}

function bookingOf(draft: Draft, lock: Lock): Booking | undefined {
  if (lock.bookingId === null) return undefined;
  const booking = draft.booking(lock.bookingId);
  if (booking === undefined) throw new Error(`Booking ${lock.bookingId} was not loaded.`);
  return booking;
}
