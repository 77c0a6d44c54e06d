import { describe, expect, test } from 'vitest';
import { AMOUNT_MAX } from './money.js';
import { typedAmount } from './typed-amount.js';

const read = (typed: string, currency: string, locale: string) => {
  const result = typedAmount(typed, currency, locale);
  return 'amount' in result ? result.amount : result.problem;
};

describe('an amount as people type it', () => {
  test.each([
    ['95', 'USD', 'en-US', 9_500],
    ['95.5', 'USD', 'en-US', 9_550],
    ['95,50', 'EUR', 'en-US', 9_550],
    [' 0.01 ', 'USD', 'en-US', 1],
    ['95.500', 'KWD', 'de-DE', 95_500_000],
    ['4500', 'JPY', 'en-US', 4_500],
    ['45000', 'HUF', 'hu-HU', 4_500_000],
    ['1000', 'KWD', 'en-US', 1_000_000],
    ['4.5', 'KWD', 'en-US', 4_500],
    ['0.500', 'KWD', 'en-US', 500],
    ['1234.500', 'KWD', 'en-US', 1_234_500],
    ['1.0050', 'KWD', 'en-US', 1_005],
    ['12.50000', 'USD', 'en-US', 1_250],
  ])('%j in %s (%s) is %j in the minor unit, without rounding', (typed, currency, locale, amount) => {
    expect(read(typed, currency, locale)).toBe(amount);
  });

  test.each([
    ['en-US', '1,234,567.50', 123_456_750],
    ['en-US', '1,000', 100_000],
    ['de-DE', '1.234.567,50', 123_456_750],
    ['de-DE', '1.000', 100_000],
    ['fr-FR', '1 234 567,50', 123_456_750],
    ['fr-FR', '1 000', 100_000],
    ['de-CH', '1’234’567.50', 123_456_750],
    ['de-CH', "1'000", 100_000],
    ['en-IN', '12,34,567.50', 123_456_750],
    ['en-IN', '1,00,000', 10_000_000],
    ['ar-EG', '١٬٢٣٤٬٥٦٧٫٥٠', 123_456_750],
    ['hi-IN', '१,००,०००', 10_000_000],
    ['en-US', '1,000,000', 100_000_000],
    ['en-US', '1.234.567,50', 123_456_750],
  ])('with the separators of %s, %j is %j cents', (locale, typed, amount) => {
    expect(read(typed, 'USD', locale)).toBe(amount);
  });

  test('of a thousand is a thousand even if the currency has three decimals', () => {
    expect(read('1,000', 'KWD', 'en-US')).toBe(1_000_000);
    expect(read('1.000', 'KWD', 'de-DE')).toBe(1_000_000);
    expect(read('1 000', 'KWD', 'fr-FR')).toBe(1_000_000);
    expect(read('1’000', 'KWD', 'de-CH')).toBe(1_000_000);
  });
});

describe('an amount is refused with a reason:', () => {
  test.each([
    ['1.000', 'KWD', 'en-US', '“1.000” can be read in two ways. Write 1000 for the larger one, or 1.0000.'],
    ['1,000', 'KWD', 'de-DE', '“1,000” can be read in two ways. Write 1000 for the larger one, or 1,0000.'],
    ['1,005', 'KWD', 'fr-FR', '“1,005” can be read in two ways. Write 1005 for the larger one, or 1,0050.'],
    ['1.005', 'USD', 'en-US', '“1.005” can be read in two ways. Write 1005 for the larger one.'],
    ['1,000', 'EUR', 'de-CH', '“1,000” can be read in two ways. Write 1000 for the larger one.'],
    ['1.5', 'JPY', 'en-US', 'JPY has no decimals.'],
    ['1.0051', 'USD', 'en-US', 'USD has at most 2 decimals.'],
    ['1,00,0', 'USD', 'en-US', '“1,00,0” is no amount: its digits are not in groups of three.'],
    ['1 00', 'USD', 'fr-FR', '“1 00” is no amount: its digits are not in groups of three.'],
    ['1,000.000,5', 'USD', 'en-US', '“1,000.000,5” is no amount: its digits are not in groups of three.'],
    ['', 'USD', 'en-US', 'Name an amount in USD.'],
    ['-1', 'USD', 'en-US', '“-1” is no amount in USD: write digits only.'],
    ['1e3', 'USD', 'en-US', '“1e3” is no amount in USD: write digits only.'],
    ['$45', 'USD', 'en-US', '“$45” is no amount in USD: write digits only.'],
    ['45.', 'USD', 'en-US', '“45.” is no amount in USD: write digits only.'],
    ['30,000,000', 'USD', 'en-US', 'At most $21,474,836.47.'],
    ['9'.repeat(400), 'USD', 'en-US', 'At most $21,474,836.47.'],
  ])('%j in %s (%s): %s', (typed, currency, locale, problem) => {
    expect(read(typed, currency, locale)).toBe(problem);
  });

  test('above the maximum of the API', () => {
    expect(read('21474836.47', 'USD', 'en-US')).toBe(AMOUNT_MAX);
    expect(read('21474836.48', 'USD', 'en-US')).toBe('At most $21,474,836.47.');
  });
});
