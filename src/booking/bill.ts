import { currencyOf, type Event } from '../catalog/event.js';
import { AMOUNT_MAX, EVENT_AMOUNT_MAX } from '../catalog/money.js';
import { isCurrency } from '../core/currencies.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { type Lock, priceOfLock } from './lock.js';
import type { Share } from './payment.js';

const CURRENCY_CODE = /^[A-Z]{3}$/;

/** The sum that a client names. Both may be left out where every seat has a price. */
export interface NamedSum {
  readonly amount: number | null;
  readonly currency: string | null;
}

/** What is paid, and each seat's share of it. */
export interface Bill {
  readonly amount: number;
  readonly currency: string;
  readonly shares: Share[];
}

/** @throws BAD_USER_INPUT for a sum that no payment can have */
export function checkNamedSum({ amount, currency }: NamedSum): void {
  if (amount !== null && (amount < 1 || amount > AMOUNT_MAX)) {
    throw badUserInput('amount', `An amount is 1 to ${AMOUNT_MAX} minor units.`, { max: AMOUNT_MAX });
  }
  // A currency may be withdrawn while an event has it, so whether a code is in force matters only for events without one.
  if (currency !== null && !CURRENCY_CODE.test(currency)) throw noSuchCurrency();
}

/**
 * The sum and its shares. A seat's share is its price when it was locked. Seats without a price share the rest equally,
 * and the remainder is added to the one with the lowest number.
 *
 * @throws BAD_USER_INPUT, AMOUNT_MISMATCH
 */
export function billOf(event: Event, locks: readonly Lock[], named: NamedSum): Bill {
  const prices = new Map(locks.map((lock) => [lock, priceOfLock(event, lock)]));
  const priced = [...prices.values()].reduce((sum, price) => sum + (price?.amount ?? 0), 0);
  const unpriced = locks.filter((lock) => !prices.get(lock));
  if (unpriced.length > 0 && named.amount === null) {
    throw badUserInput('amount', 'A seat has no price: the amount is needed.');
  }
  const currency = currencyOf(event) ?? namedCurrency(named);
  const amount = named.amount ?? priced;
  const rest = amount - priced;
  const isOtherCurrency = named.currency !== null && named.currency !== currency;
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
function namedCurrency({ currency }: NamedSum): string {
  if (currency === null) throw badUserInput('currency', 'No seat has a price: the currency is needed.');
  if (!isCurrency(currency)) throw noSuchCurrency();
  return currency;
}

const noSuchCurrency = (): DomainError =>
  badUserInput('currency', 'The currency must be an ISO 4217 code in force, in capitals, such as USD.');
