import { isLive } from './lock.js';
import { MAIL_KINDS, type MailMessage } from './mail-messages.js';
import { awaitsSettlement, newlyRefunded, type Payment, SIMULATED } from './payment.js';
import type { Changed, WorkingSet } from './working-set.js';

/**
 * What the outside is to be asked for. A message is written in the transaction that decides it, and sent after the
 * commit, so that a crash loses none. Its id is made of ids that outlive a crash: sending it again has no second effect.
 */
export type OutboxMessage = PaymentMessage | MailMessage;
export type PaymentMessage = StartPayment | CancelPayment | RefundShare;

/**
 * Whether somebody must look at the message if it cannot be sent. A mail to a mistyped address cannot be sent, and anybody
 * can cause that; money must never be left where it is.
 */
export const mustBeSent = ({ kind }: Pick<OutboxMessage, 'kind'>): boolean => !MAIL_KINDS.has(kind);

interface OfPayment {
  readonly id: string;
  readonly paymentId: string;
  readonly provider: string;
}

/** Asks the provider for a payment that the customer can then make. */
export interface StartPayment extends OfPayment {
  readonly kind: 'startPayment';
  readonly amount: number;
  readonly currency: string;
}

/** The payment can buy nothing any more: the customer shall not pay it. */
export interface CancelPayment extends OfPayment {
  readonly kind: 'cancelPayment';
}

/** Gives one lock's share of a completed payment back. */
export interface RefundShare extends OfPayment {
  readonly kind: 'refundShare';
  readonly lockId: string;
  readonly amount: number;
  readonly currency: string;
}

export const startMessageId = (paymentId: string): string => `${paymentId}:start`;

export const cancelMessage = ({ id, provider }: Pick<Payment, 'id' | 'provider'>): CancelPayment => ({
  id: `${id}:cancel`,
  kind: 'cancelPayment',
  paymentId: id,
  provider,
});

/**
 * The messages that follow from what a batch changed. It compares records with their state before the batch, so that no
 * rule can forget a message.
 */
export function messagesOf(set: WorkingSet): OutboxMessage[] {
  const payments = set.changedPayments();
  return [
    ...payments.filter(mustStart).map(({ after }) => startMessage(after)),
    ...cancelMessages(set),
    ...payments.flatMap(refundMessages),
  ];
}

/** A simulated payment is answered by the decision itself. One that failed in its own batch is never started. */
const mustStart = ({ before, after }: Changed<Payment>): boolean =>
  before === undefined && after.status === 'pending' && after.provider !== SIMULATED;

/**
 * Cancels started payments that hold no seat any more, so that the customer cannot pay them. Bookings that timed out
 * count as not held. If the customer is faster, the payment completes, and is refunded or confirmed.
 */
function cancelMessages(set: WorkingSet): CancelPayment[] {
  const locks = set.changedLocks();
  if (locks.every(({ after }) => isLive(after) || after.paymentId === null)) return [];
  const started = new Map([...set.payments()].map((payment) => [payment.id, payment]));
  for (const { before, after } of set.changedPayments()) if (before === undefined) started.delete(after.id);
  const ended = locks.flatMap(({ before, after }) =>
    before !== undefined && isLive(before) && !isLive(after) ? [started.get(after.paymentId ?? '')] : [],
  );
  return [...new Set(ended)]
    .filter((payment) => payment !== undefined)
    .filter((payment) => payment.provider !== SIMULATED && awaitsSettlement(payment))
    .filter(({ shares }) => !shares.some(({ lockId }) => holdsLiveLock(set, lockId)))
    .map(cancelMessage);
}

/** A lock that was not loaded timed out together with those that were: bookings of one check-out end at one time. */
function holdsLiveLock(set: WorkingSet, lockId: string): boolean {
  const lock = set.lock(lockId);
  return lock !== undefined && isLive(lock);
}

export const startMessage = ({ id, provider, amount, currency }: Payment): StartPayment => ({
  id: startMessageId(id),
  kind: 'startPayment',
  paymentId: id,
  provider,
  amount,
  currency,
});

function refundMessages({ before, after }: Changed<Payment>): RefundShare[] {
  const { id, provider, currency } = after;
  return newlyRefunded(before, after)
    .filter(({ amount }) => amount > 0)
    .map(({ lockId, amount }) => ({
      id: `${id}:refund:${lockId}`,
      kind: 'refundShare',
      paymentId: id,
      provider,
      lockId,
      amount,
      currency,
    }));
}
