import type { Money } from '../catalog/money.js';

/** The most hours that one call reads: two weeks. */
export const HOURS_MAX = 336;
export const QUARTER_MINUTES = 15;
export const QUARTERS_PER_HOUR = 4;

const HOUR_MS = 3_600_000;

/** What was paid, refunded parts included, and what of it was refunded, each by currency. */
export interface PaidAndRefunded {
  readonly paid: readonly Money[];
  readonly refunded: readonly Money[];
}

/** Refunds count in the hour in which the money was paid, and not in the hour of the refund. */
export interface HourSales extends PaidAndRefunded {
  readonly from: Date;
}

export interface SumsOfCurrency {
  readonly currency: string;
  readonly amount: number;
  readonly refunded: number;
}

/** The payments of a quarter of an hour. */
export interface Quarter {
  readonly at: Date;
  readonly sums: readonly SumsOfCurrency[];
}

/** Without sums of 0. */
export const moneyOf = (
  sums: readonly SumsOfCurrency[],
  amountOf: (sum: SumsOfCurrency) => number,
): Money[] =>
  sums.map((sum) => ({ amount: amountOf(sum), currency: sum.currency })).filter(({ amount }) => amount > 0);

export const paidAndRefunded = (sums: readonly SumsOfCurrency[]): PaidAndRefunded => ({
  paid: moneyOf(sums, ({ amount }) => amount),
  refunded: moneyOf(sums, ({ refunded }) => refunded),
});

/**
 * The hours of a time zone in which something was paid, oldest first.
 *
 * @param quarters newest first
 * @param hours how many hours there are from the first to the newest one
 */
export function salesOfHours(quarters: readonly Quarter[], timeZone: string, hours: number): HourSales[] {
  const minuteOf = new Intl.DateTimeFormat('en', { timeZone, minute: 'numeric' });
  /** By the start of the hour. */
  const byHour = new Map<number, SumsOfCurrency[]>();
  for (const { at, sums } of quarters) {
    const from = at.getTime() - Number(minuteOf.format(at)) * 60_000;
    byHour.set(from, added(byHour.get(from) ?? [], sums));
  }
  const newest = Math.max(...byHour.keys());
  return [...byHour]
    .filter(([from]) => from > newest - hours * HOUR_MS)
    .sort(([a], [b]) => a - b)
    .map(([from, sums]) => ({ from: new Date(from), ...paidAndRefunded(sums) }));
}

/** Sums of each currency together. */
function added(some: readonly SumsOfCurrency[], others: readonly SumsOfCurrency[]): SumsOfCurrency[] {
  const byCurrency = new Map(some.map((sum) => [sum.currency, sum]));
  for (const { currency, amount, refunded } of others) {
    const sum = byCurrency.get(currency);
    byCurrency.set(currency, {
      currency,
      amount: amount + (sum?.amount ?? 0),
      refunded: refunded + (sum?.refunded ?? 0),
    });
  }
  return [...byCurrency.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
