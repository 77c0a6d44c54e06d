import { DomainError } from '../core/errors.js';
import type { Bill } from './bill.js';
import type { Draft } from './draft.js';
import type { Request } from './idempotent-request.js';
import type { Lock } from './lock.js';
import type { CardAnswer, Payment } from './payment.js';
import { paymentNotFound } from './refusals.js';

export interface NewPayment {
  readonly id: string;
  readonly userId: string;
  readonly bill: Bill;
  readonly provider: string;
  readonly answer: CardAnswer;
  readonly contactEmail: string | null;
}

/** Writes a payment for locks. Unless the card was refused, it pays for them from now on. */
export function putNewPayment(
  draft: Draft,
  { id, userId, bill, provider, answer, contactEmail }: NewPayment,
  now: Date,
): Payment {
  return draft.putPayment({
    id,
    eventId: draft.event.id,
    userId,
    refundedAmount: 0,
    provider,
    contactEmail,
    createdAt: now,
    processedAt: answer.status === 'pending' ? null : now,
    ...bill,
    ...answer,
  });
}

/** @throws LOCK_ALREADY_PAID */
export function requireUnpaid(locks: readonly Lock[]): void {
  const paid = locks.find((lock) => lock.paymentId !== null);
  if (paid === undefined) return;
  const details = { lockId: paid.id, paymentId: paid.paymentId };
  throw new DomainError('LOCK_ALREADY_PAID', 'This lock already has a payment.', details);
}

/**
 * The payment of a repeated call, as it is now.
 *
 * @throws PAYMENT_NOT_FOUND: a refused payment is deleted not long after its request
 */
export function replayedPayment(draft: Draft, { resultIds }: Request): Payment {
  const payment = draft.payment(resultIds[0] as string);
  if (payment === undefined) throw paymentNotFound();
  return payment;
}
