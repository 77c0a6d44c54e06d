import { describe, expect, test } from 'vitest';
import { formatMoney, isCurrency, spokenMoney } from './money.js';

describe('money', () => {
  test.each([
    [{ amount: 4_500, currency: 'USD' }, 'en-US', '$45.00', '$45', '45 US dollars'],
    [{ amount: 4_550, currency: 'USD' }, 'en-US', '$45.50', '$45.50', '45.50 US dollars'],
    [{ amount: 4_500, currency: 'CAD' }, 'en-US', 'CA$45.00', 'CA$45', '45 Canadian dollars'],
    [{ amount: 4_500, currency: 'AUD' }, 'en-US', 'A$45.00', 'A$45', '45 Australian dollars'],
    [{ amount: 4_500, currency: 'MXN' }, 'en-US', 'MX$45.00', 'MX$45', '45 Mexican pesos'],
    [{ amount: 4_500, currency: 'USD' }, 'en-CA', 'US$45.00', 'US$45', '45 US dollars'],
    [{ amount: 4_500, currency: 'JPY' }, 'en-US', '¥4,500', '¥4,500', '4,500 Japanese yen'],
    [{ amount: 4_500, currency: 'KWD' }, 'en-US', 'KWD 4.500', 'KWD 4.500', '4.500 Kuwaiti dinars'],
    [{ amount: 4_500, currency: 'EUR' }, 'de-DE', '45,00 €', '45 €', '45 Euro'],
  ])('%j in %s is formatted by currency and locale', (money, locale, long, short, spoken) => {
    const plain = (text: string) => text.replaceAll(/\s/g, ' ');
    expect(plain(formatMoney(money, { locale }))).toBe(long);
    expect(plain(formatMoney(money, { locale, short: true }))).toBe(short);
    expect(plain(spokenMoney(money, locale))).toBe(spoken);
  });

  test.each([
    ['COP', 500_000_000, 'COP 5,000,000.00'],
    ['HUF', 4_500_000, 'HUF 45,000.00'],
    ['IDR', 150_000_000, 'IDR 1,500,000.00'],
    ['IQD', 4_500, 'IQD 4.500'],
    ['KRW', 4_500, '₩4,500'],
    ['CLF', 45_000, 'CLF 4.5000'],
    ['USD', 9_007_199_254_740_991, '$90,071,992,547,409.91'],
    ['KWD', 9_007_199_254_740_991, 'KWD 9,007,199,254,740.991'],
    ['USD', 5, '$0.05'],
    ['USD', 0, '$0.00'],
  ])('in %s has the decimals of ISO 4217 and not the browser’s', (currency, amount, text) => {
    expect(formatMoney({ amount, currency }, { locale: 'en-US' }).replaceAll(/\s/g, ' ')).toBe(text);
  });

  test('only real currencies are currencies', () => {
    expect(['USD', 'eur', 'HRK', 'XAU', 'DOLLAR', ''].map(isCurrency)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});
