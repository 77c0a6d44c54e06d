import { currencyOf, type Event, isClosed, priceOfSeat } from '../catalog/event.js';
import { AMOUNT_MAX, EVENT_AMOUNT_MAX } from '../catalog/money.js';
import { isCurrency } from '../core/currencies.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { newPaymentId } from '../core/ids.js';
import type { SimulatePayment } from './commands.js';
import type { Draft } from './draft.js';
import { isReplay, requestKey } from './idempotent-request.js';
import type { Lock } from './lock.js';
import { CARD_ANSWERS, type CardStatus, type Payment, type Share, SIMULATED } from './payment.js';
import { paymentNotFound, requireAllActive } from './refusals.js';
import { eventOfLocks } from './route.js';

const CURRENCY_CODE = /^[A-Z]{3}$/;

export interface CardPayment {
  readonly lockIds: readonly string[];
  /** Default: the sum of the seats' prices. */
  readonly amount?: number | null | undefined;
  /** Default: the event's. */
  readonly currency?: string | null | undefined;
  readonly cardStatus: CardStatus;
  readonly requestId?: string | null | undefined;
}

/** @throws BAD_USER_INPUT */
export function simulatePaymentCommand(userId: string, input: CardPayment, now: Date): SimulatePayment {
  const { lockIds, amount = null, currency = null, cardStatus } = input;
  const eventId = eventOfLocks(lockIds);
  if (amount !== null && (amount < 1 || amount > AMOUNT_MAX)) {
    throw badUserInput('amount', `An amount is 1 to ${AMOUNT_MAX} minor units.`, { max: AMOUNT_MAX });
  }
  // A currency may be withdrawn while an event has it, so whether a code is in force matters only for events without one.
  if (currency !== null && !CURRENCY_CODE.test(currency)) throw noSuchCurrency();
  return {
    kind: 'simulatePayment',
    eventId,
    userId,
    lockIds,
    amount,
    currency,
    cardStatus,
    newPaymentId: newPaymentId(eventId, now),
    // The input as it was sent: a repeated call that names the sum which the first one left out has other input.
    request:
      input.requestId == null
        ? null
        : requestKey(userId, 'simulatePayment', input.requestId, [lockIds, amount, currency, cardStatus]),
  };
}

/**
 * Pays for locks with a simulated card. If the card is refused, the answer is a FAILED payment and no error.
 *
 * @throws IDEMPOTENCY_CONFLICT, LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, LOCK_ALREADY_PAID, EVENT_CLOSED,
 *   AMOUNT_MISMATCH, BAD_USER_INPUT; PAYMENT_NOT_FOUND for a repeated call whose payment has been deleted
 */
export function simulatePayment(draft: Draft, command: SimulatePayment, now: Date): Payment {
  const { event } = draft;
  const { request, userId } = command;
  const earlier = request === null ? undefined : draft.request(request.id);
  if (request !== null && isReplay(earlier, request)) {
    const payment = draft.payment(earlier.resultIds[0] as string);
    // A refused payment is deleted not long after its request.
    if (payment === undefined) throw paymentNotFound();
    return payment;
  }

  const locks = requireAllActive(command.lockIds, draft.lock, userId, now, 'lockIds');
  const paid = locks.find((lock) => lock.paymentId !== null);
  if (paid) {
    const details = { lockId: paid.id, paymentId: paid.paymentId };
    throw new DomainError('LOCK_ALREADY_PAID', 'This lock already has a payment.', details);
  }
  if (isClosed(event, now))
    throw new DomainError('EVENT_CLOSED', 'The event has started; nothing can be paid.');

  const { amount, currency, shares } = bill(event, command, locks);
  const { status, reason, retryable } = CARD_ANSWERS[command.cardStatus];
  const payment = draft.putPayment({
    id: command.newPaymentId,
    eventId: event.id,
    userId,
    shares,
    amount,
    refundedAmount: 0,
    currency,
    provider: SIMULATED,
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

/** What is paid, and each seat's share of it. */
interface Bill {
  readonly amount: number;
  readonly currency: string;
  readonly shares: Share[];
}

/**
 * The sum and its shares. A seat's share is its price. Seats without a price share the rest equally, and the remainder is
 * added to the one with the lowest number.
 *
 * @throws BAD_USER_INPUT, AMOUNT_MISMATCH
 */
function bill(event: Event, command: SimulatePayment, locks: readonly Lock[]): Bill {
  const prices = new Map(locks.map((lock) => [lock, priceOfSeat(event, lock.seatNumber)]));
  const priced = [...prices.values()].reduce((sum, price) => sum + (price?.amount ?? 0), 0);
  const unpriced = locks.filter((lock) => !prices.get(lock));
  if (unpriced.length > 0 && command.amount === null) {
    throw badUserInput('amount', 'A seat has no price: the amount is needed.');
  }
  const currency = currencyOf(event) ?? namedCurrency(command);
  const amount = command.amount ?? priced;
  const rest = amount - priced;
  const isOtherCurrency = command.currency !== null && command.currency !== currency;
  if (isOtherCurrency || (unpriced.length === 0 ? rest !== 0 : rest < 1)) {
    const least = unpriced.length > 0;
    throw new DomainError(
      'AMOUNT_MISMATCH',
      least ? `These seats cost more than ${priced} ${currency}.` : `These seats cost ${priced} ${currency}.`,
      { expectedAmount: least ? priced + 1 : priced, atLeast: least, currency },
    );
  }
  if (amount > EVENT_AMOUNT_MAX - event.amountPaid) {
    throw badUserInput('amount', 'The event cannot take so much more: its sums would no longer be exact.', {
      max: EVENT_AMOUNT_MAX - event.amountPaid,
    });
  }
  const equal = Math.floor(rest / Math.max(1, unpriced.length));
  const lowest = unpriced.reduce<Lock | undefined>(
    (low, lock) => (low === undefined || lock.seatNumber < low.seatNumber ? lock : low),
    undefined,
  );
  const shares = locks.map((lock) => {
    const remainder = lock === lowest ? rest - equal * unpriced.length : 0;
    const share = prices.get(lock)?.amount ?? equal + remainder;
    return { lockId: lock.id, seatNumber: lock.seatNumber, amount: share, refunded: false };
  });
  return { amount, currency, shares };
}

/** The client's currency, for an event without prices. */
function namedCurrency({ currency }: SimulatePayment): string {
  if (currency === null) throw badUserInput('currency', 'No seat has a price: the currency is needed.');
  if (!isCurrency(currency)) throw noSuchCurrency();
  return currency;
}

const noSuchCurrency = (): DomainError =>
  badUserInput('currency', 'The currency must be an ISO 4217 code in force, in capitals, such as USD.');
