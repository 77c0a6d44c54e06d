/** An amount in the currency's minor unit (15000 = USD 150.00) and its ISO 4217 code. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** What one seat may cost, and what a client may name: GraphQL's Int holds no more. */
export const AMOUNT_MAX = 2 ** 31 - 1;

/**
 * What an event may take in all, whatever was given back. Sums are exact up to 2^53, in JavaScript, in the database and as
 * SafeInt; the other half is for what a batch forecasts on top before it has decided.
 */
export const EVENT_AMOUNT_MAX = 2 ** 52;
