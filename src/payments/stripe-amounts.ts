import type { Money } from '../catalog/money.js';
import { minorUnitDigits } from '../core/currencies.js';

/**
 * Stripe counts in ISO 4217's minor units, with these exceptions (docs.stripe.com/currencies, "Minor units in API
 * amounts"). Amounts that it could not take exactly are refused.
 */

/** Stripe counts whole units of them. */
const ZERO_DECIMAL: ReadonlySet<string> = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
);
/** Stripe counts thousandths, and the last digit must be 0. */
const THREE_DECIMAL: ReadonlySet<string> = new Set('BHD JOD KWD OMR TND'.split(' '));
const DECIMALS = 2;

/** Stripe's units of our minor unit, e.g. 100 for ISK, which has no decimals and which Stripe counts in hundredths. */
function factorOf(currency: string): number | undefined {
  const ours = minorUnitDigits(currency);
  // Stripe takes no currency with four decimals, and no other one with three.
  if (ours === undefined || (ours > DECIMALS && !THREE_DECIMAL.has(currency))) return undefined;
  const stripes = ZERO_DECIMAL.has(currency) ? 0 : THREE_DECIMAL.has(currency) ? 3 : DECIMALS;
  return 10 ** (stripes - ours);
}

/**
 * The smallest amounts that Stripe takes, in its units ("Minimum and maximum charge amounts" on the same page). They are
 * those of the account's own currency; in another one Stripe converts them, and refuses what is less when it is asked.
 */
const AMOUNT_MIN: Readonly<Record<string, number>> = {
  ...{ AED: 200, AUD: 50, BGN: 100, BRL: 50, CAD: 50, CHF: 50, CZK: 1_500, DKK: 250, EUR: 50, GBP: 30 },
  ...{ HKD: 400, HUF: 17_500, INR: 50, JPY: 50, MXN: 1_000, MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200 },
  ...{ SEK: 300, SGD: 50, THB: 1_000, USD: 50 },
};

/** The largest amount that Stripe takes, in its units: eight digits, and twelve for IDR. */
const amountMax = (currency: string): number => (currency === 'IDR' ? 999_999_999_999 : 99_999_999);

/** @returns why Stripe cannot take exactly this amount, or null */
export function stripeAmountProblem({ amount, currency }: Money): string | null {
  const factor = factorOf(currency);
  if (factor === undefined) return `Stripe takes no payments in ${currency}.`;
  const stripes = Math.round(amount * factor);
  if (fromStripeAmount(stripes, currency) !== amount)
    return `Stripe takes ${currency} in multiples of ${Math.round(1 / factor)} minor units only.`;
  if (THREE_DECIMAL.has(currency) && amount % 10 !== 0)
    return `Stripe takes ${currency} in multiples of 10 minor units only.`;
  const min = AMOUNT_MIN[currency] ?? 1;
  if (stripes < min) return `Stripe takes at least ${Math.ceil(min / factor)} minor units of ${currency}.`;
  const max = amountMax(currency);
  if (stripes > max) return `Stripe takes at most ${Math.floor(max / factor)} minor units of ${currency}.`;
  return null;
}

/** @throws Error for an amount that Stripe cannot take exactly */
export function toStripeAmount(money: Money): number {
  const problem = stripeAmountProblem(money);
  if (problem !== null) throw new Error(problem);
  return Math.round(money.amount * (factorOf(money.currency) as number));
}

/** In our minor unit. It is no whole number if Stripe names an amount that we never ask for. */
export const fromStripeAmount = (amount: number, currency: string): number =>
  amount / (factorOf(currency) ?? Number.NaN);
