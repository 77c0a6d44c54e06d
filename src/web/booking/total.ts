import type { Seating } from '../map/seating.js';
import { formatMoney, type Money } from '../text/money.js';

/** What seats cost together. */
export interface Total {
  /** Of the seats that have a price, in the currency's minor unit. */
  readonly amount: number;
  /** Undefined where none has a price. */
  readonly currency: string | undefined;
  /** False where the price of some seat is for the buyer to name. */
  readonly isWhole: boolean;
}

export function totalOf(seatNumbers: readonly number[], seating: Seating): Total {
  let amount = 0;
  let currency: string | undefined;
  let isWhole = true;
  for (const seatNumber of seatNumbers) {
    const price = seating.priceOf(seatNumber);
    if (price === null) isWhole = false;
    amount += price?.amount ?? 0;
    currency ??= price?.currency;
  }
  return { amount, currency, isWhole };
}

/** The whole as money, or null where the buyer names a part of it. */
export function wholeOf({ amount, currency, isWhole }: Total): Money | null {
  return isWhole && currency !== undefined ? { amount, currency } : null;
}

/** "Pay $190", or just "Pay" where the buyer names the price. */
export function withTotal(words: string, total: Total, separator = ' '): string {
  const whole = wholeOf(total);
  return whole === null ? words : `${words}${separator}${formatMoney(whole, { short: true })}`;
}
