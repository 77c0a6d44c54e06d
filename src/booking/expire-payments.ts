import type { Expired, ExpirePayments } from './commands.js';
import type { Draft } from './draft.js';
import { failUnusedPayment } from './end-lock.js';
import { isLive } from './lock.js';
import type { Payment } from './payment.js';
import { locksOfPayment } from './payment-records.js';

/** How long a PENDING payment waits for its settlement. The slowest bank debits settle within two weeks. */
export const PENDING_PAYMENT_MS_MAX = 30 * 24 * 60 * 60 * 1000;
/** How many payments one expire command fails; each can have a hundred locks and bookings. */
export const PAYMENTS_EXPIRED_AT_ONCE_MAX = 25;

export const expirePaymentsCommand = (eventId: string): ExpirePayments => ({
  kind: 'expirePayments',
  eventId,
});

/** A pending payment made at or before this instant is overdue. */
export const overduePaymentsUntil = (now: Date): Date => new Date(now.getTime() - PENDING_PAYMENT_MS_MAX);

export const isOverdue = ({ status, createdAt }: Payment, now: Date): boolean =>
  status === 'pending' && createdAt <= overduePaymentsUntil(now);

/** Fails overdue PENDING payments that hold no seat. */
export function expirePayments(draft: Draft, now: Date): Expired {
  const overdue = [...draft.paymentsBeforeCommand()].filter(
    (payment) => payment.eventId === draft.event.id && isOverdue(payment, now),
  );
  const unused = overdue.filter((payment) => !locksOfPayment(draft, payment).some(isLive));
  for (const payment of unused) failUnusedPayment(draft, payment, now);
  // Payments that hold a seat stay, so if a full command failed none, repeating it would not help.
  return {
    ended: unused.length,
    hasMore: unused.length > 0 && overdue.length >= PAYMENTS_EXPIRED_AT_ONCE_MAX,
  };
}
