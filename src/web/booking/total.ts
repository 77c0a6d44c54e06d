import type { Seating } from '../map/seating.js';
import { formatMoney, type Money } from '../text/money.js';

/** The sum of seat prices. */
export interface Total {
  /** The sum of the priced seats, in the currency's minor unit. */
  readonly amount: number;
  /** Undefined if no seat has a price. */
  readonly currency: string | undefined;
  /** False if the buyer names the price of a seat. */
  readonly isComplete: boolean;
}

export function totalOf(seatNumbers: readonly number[], seating: Seating): Total {
  let amount = 0;
  let currency: string | undefined;
  let isComplete = true;
  for (const seatNumber of seatNumbers) {
    const price = seating.priceOf(seatNumber);
    if (price === null) isComplete = false;
    amount += price?.amount ?? 0;
    currency ??= price?.currency;
  }
  return { amount, currency, isComplete };
}

/** The total as money, or null if the buyer names a part of it. */
export function completeTotalOf({ amount, currency, isComplete }: Total): Money | null {
  return isComplete && currency !== undefined ? { amount, currency } : null;
}

/** "Pay $190", or just "Pay" if the buyer names the price. */
export function withTotal(label: string, total: Total, separator = ' '): string {
  const sum = completeTotalOf(total);
  return sum === null ? label : `${label}${separator}${formatMoney(sum, { short: true })}`;
}
