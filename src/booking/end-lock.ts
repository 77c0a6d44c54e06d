// Read docs/architecture.md, "How a seat is never sold twice", before a change.

import type { Draft } from './draft.js';
import { canStillBeBooked, type Lock } from './lock.js';
import { type Payment, refundShare, SEATS_NO_LONGER_HELD } from './payment.js';
import { bookingOfLock, locksOfPayment } from './payment-records.js';

/**
 * Ends a lock. A completed payment refunds the lock's share. A pending payment fails if it can no longer buy any seat.
 */
export function endLock(draft: Draft, lock: Lock, status: 'expired' | 'released', endedAt: Date): Lock {
  const ended = draft.putLock({ ...lock, status, endedAt });
  if (lock.paymentId === null) return ended;
  const payment = draft.payment(lock.paymentId);
  if (payment === undefined) throw new Error(`The payment of lock ${lock.id} was not loaded.`);
  const refunded = refundShare(payment, lock.id);
  if (refunded !== payment) draft.putPayment(refunded);
  if (payment.status === 'pending' && !canStillBeBooked(ended)) {
    if (!locksOfPayment(draft, payment).some(canStillBeBooked)) failUnusedPayment(draft, payment, endedAt);
  }
  return ended;
}

/** Fails a pending payment that can no longer buy any seat. It may still settle; then it is refunded. */
export function failUnusedPayment(draft: Draft, payment: Payment, at: Date): void {
  draft.putPayment({
    ...payment,
    status: 'failed',
    reason: SEATS_NO_LONGER_HELD,
    retryable: false,
    processedAt: at,
  });
  for (const lock of locksOfPayment(draft, payment)) {
    const booking = bookingOfLock(draft, lock);
    if (booking !== undefined) draft.putBooking({ ...booking, paymentStatus: 'failed' });
  }
}
