import { formatMoney, type Money, type Seating } from 'seat-map/map';

/** The sum of seat prices. */
export interface Total {
  /** The sum of the priced seats, in the currency's minor unit. */
  readonly amount: number;
  /** Undefined if no seat has a price. */
  readonly currency: string | undefined;
  /** False if the buyer names the price of a seat. */
  readonly isComplete: boolean;
}

/** What seats cost that are to be locked now. */
export const totalOf = (seatNumbers: readonly number[], seating: Seating): Total =>
  sumOf(seatNumbers.map((seatNumber) => seating.priceOf(seatNumber)));

/** What held seats cost: the prices that they had when they were locked. */
export const totalOfLocks = (locks: readonly { readonly price?: Money | null }[]): Total =>
  sumOf(locks.map(({ price }) => price ?? null));

function sumOf(prices: readonly (Money | null)[]): Total {
  let amount = 0;
  let currency: string | undefined;
  let isComplete = true;
  for (const price of prices) {
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
