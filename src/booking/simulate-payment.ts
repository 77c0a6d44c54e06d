import { currencyOf, isClosed, priceOfSeat } from '../catalog/event.js';
import { isCurrency } from '../core/currencies.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newPaymentId } from '../core/ids.js';
import type { SimulatePayment } from './commands.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { CARD_ANSWERS, type CardStatus, type Payment, type Share } from './payment.js';
import { paymentNotFound, requireAllActive } from './refusals.js';
import { isReplay, requestKey } from './request.js';
import { eventOfLocks } from './route.js';

export interface CardPayment {
  readonly lockIds: readonly string[];
  readonly amount: number;
  readonly currency: string;
  readonly cardStatus: CardStatus;
  readonly requestId?: string | null | undefined;
}

/** @throws BAD_USER_INPUT */
export function simulatePaymentCommand(userId: string, input: CardPayment, now: Date): SimulatePayment {
  const { lockIds, amount, currency, cardStatus } = input;
  const eventId = eventOfLocks(lockIds);
  if (amount < 1) throw badUserInput('amount', 'The amount is above 0, in the minor unit of the currency.');
  if (!isCurrency(currency)) {
    throw badUserInput('currency', 'The currency is no ISO 4217 code in capitals, such as USD.');
  }
  return {
    kind: 'simulatePayment',
    eventId,
    userId,
    lockIds,
    amount,
    currency,
    cardStatus,
    newPaymentId: newPaymentId(eventId, now),
    request:
      input.requestId == null
        ? null
        : requestKey(userId, 'simulatePayment', input.requestId, [lockIds, amount, currency, cardStatus]),
  };
}

/**
 * Pays for locks with a simulated card. A refused card is an answer and no error: the payment is FAILED.
 *
 * @throws IDEMPOTENCY_CONFLICT, LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, LOCK_ALREADY_PAID, EVENT_CLOSED,
 *   AMOUNT_MISMATCH; PAYMENT_NOT_FOUND for a repeated call whose payment is no longer kept
 */
export function simulatePayment(draft: Draft, command: SimulatePayment, now: Date): Payment {
  const { event } = draft;
  const { request, userId } = command;
  const earlier = request === null ? undefined : draft.request(request.id);
  if (request !== null && isReplay(earlier, request)) {
    const payment = draft.payment(earlier.resultIds[0] as string);
    // Deleted since: a refused payment is kept for little longer than its request.
    if (payment === undefined) throw paymentNotFound();
    return payment;
  }

  const locks = requireAllActive(command.lockIds, draft.lock, userId, now, 'lockIds');
  const paid = locks.find((lock) => lock.paymentId !== null);
  if (paid) {
    const details = { lockId: paid.id, paymentId: paid.paymentId };
    throw new DomainError('LOCK_ALREADY_PAID', 'There is a payment for this lock already.', details);
  }
  if (isClosed(event, now))
    throw new DomainError('EVENT_CLOSED', 'The event has begun; nothing can be paid.');

  const { status, reason, retryable } = CARD_ANSWERS[command.cardStatus];
  const payment = draft.putPayment({
    id: command.newPaymentId,
    eventId: event.id,
    userId,
    shares: divide(draft, command, locks),
    amount: command.amount,
    refundedAmount: 0,
    currency: command.currency,
    status,
    reason,
    retryable,
    createdAt: now,
    processedAt: status === 'pending' ? null : now,
  });
  if (status !== 'failed') for (const lock of locks) draft.putLock({ ...lock, paymentId: payment.id });
  if (request !== null) draft.putRequest({ ...request, resultIds: [payment.id], createdAt: now });
  return payment;
}

/**
 * What each seat gets of the amount: its price; where a seat has none, an equal share of what is left, the remainder
 * with the lowest seat.
 */
function divide(draft: Draft, command: SimulatePayment, locks: readonly Lock[]): Share[] {
  const { event } = draft;
  const prices = new Map(locks.map((lock) => [lock, priceOfSeat(event, lock.seatNumber)]));
  const priced = [...prices.values()].reduce((sum, price) => sum + (price?.amount ?? 0), 0);
  const unpriced = locks.filter((lock) => !prices.get(lock));
  const currency = currencyOf(event) ?? command.currency;
  const rest = command.amount - priced;
  if (command.currency !== currency || (unpriced.length === 0 ? rest !== 0 : rest < 1)) {
    const least = unpriced.length > 0;
    throw new DomainError(
      'AMOUNT_MISMATCH',
      least ? `These seats cost more than ${priced} ${currency}.` : `These seats cost ${priced} ${currency}.`,
      { expectedAmount: least ? priced + 1 : priced, atLeast: least, currency },
    );
  }
  const equal = Math.floor(rest / Math.max(1, unpriced.length));
  const lowest = unpriced.reduce<Lock | undefined>(
    (low, lock) => (low === undefined || lock.seatNumber < low.seatNumber ? lock : low),
    undefined,
  );
  return locks.map((lock) => {
    const remainder = lock === lowest ? rest - equal * unpriced.length : 0;
    const amount = prices.get(lock)?.amount ?? equal + remainder;
    return { lockId: lock.id, seatNumber: lock.seatNumber, amount, refunded: false };
  });
}
