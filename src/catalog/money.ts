/** An amount in the currency's minor unit (15000 = USD 150.00) and its ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** One sum for each currency, without sums of 0. */
export function sumsByCurrency(amounts: readonly Money[]): Money[] {
  const sums = new Map<string, number>();
  for (const { amount, currency } of amounts) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].flatMap(([currency, amount]) => (amount === 0 ? [] : [{ amount, currency }]));
}

/** The largest price of a seat, and the largest amount that a client may name: GraphQL's Int holds no more. */
export const AMOUNT_MAX = 2 ** 31 - 1;

/**
 * The most that an event may take in all payments, refunded ones included. Sums are exact up to 2^53, in JavaScript, in the
 * database and as SafeInt. The other half is reserved for what a batch forecasts before it has decided.
 */
export const EVENT_AMOUNT_MAX = 2 ** 52;
