import { describe, expect, test } from 'vitest';
import { CURRENCY_CODES } from '../core/currencies.js';
import { fromStripeAmount, stripeAmountProblem, toStripeAmount } from './stripe-amounts.js';

describe('an amount for Stripe', () => {
  test.each([
    ['USD', 1_999, 1_999],
    ['USD', 50, 50],
    ['USD', 99_999_999, 99_999_999],
    // Stripe names no smallest amount of it.
    ['UAH', 1, 1],
    ['JPY', 5_000, 5_000],
    ['KWD', 12_340, 12_340],
    // Stripe counts these in hundredths, though they have no decimals.
    ['ISK', 1_500, 150_000],
    ['UGX', 1_500, 150_000],
    // Stripe counts whole units of it, though it has two decimals.
    ['MGA', 20_000, 200],
    ['HUF', 99_999_999, 99_999_999],
    // A ticket for about 60 dollars has more than eight digits.
    ['IDR', 100_000_000, 100_000_000],
  ])('of %s %i is %i', (currency, amount, stripes) => {
    expect(toStripeAmount({ amount, currency })).toBe(stripes);
    expect(fromStripeAmount(stripes, currency)).toBe(amount);
  });

  test.each([
    ['KWD', 12_345, /multiples of 10/],
    ['MGA', 20_050, /multiples of 100/],
    ['CLF', 10_000, /no payments in CLF/],
    ['IQD', 10_000, /no payments in IQD/],
    ['USD', 49, /at least 50 minor units of USD/],
    ['GBP', 29, /at least 30 /],
    ['JPY', 49, /at least 50 /],
    ['HUF', 17_499, /at least 17500 /],
    ['USD', 100_000_000, /at most 99999999/],
    ['HUF', 100_000_000, /at most 99999999/],
    ['ISK', 1_000_000, /at most 999999 /],
  ])('of %s %i is refused', (currency, amount, problem) => {
    expect(stripeAmountProblem({ amount, currency })).toMatch(problem);
  });

  test('of any currency comes back as the same amount, or is refused', () => {
    for (const currency of CURRENCY_CODES)
      for (const amount of [1, 7, 10, 99, 100, 12_340, 1_000_000]) {
        if (stripeAmountProblem({ amount, currency }) !== null) continue;
        expect(fromStripeAmount(toStripeAmount({ amount, currency }), currency)).toBe(amount);
      }
  });
});
