import { describe, expect, test } from 'vitest';
import { formatMoney, isCurrency, minorAmount, spokenMoney } from './money.js';

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
  ])('%j in %s is written by its own currency and locale', (money, locale, long, short, spoken) => {
    const plain = (text: string) => text.replaceAll(/\s/g, ' ');
    expect(plain(formatMoney(money, { locale }))).toBe(long);
    expect(plain(formatMoney(money, { locale, short: true }))).toBe(short);
    expect(plain(spokenMoney(money, locale))).toBe(spoken);
  });

  test.each([
    ['95', 'USD', 9_500],
    ['95.5', 'USD', 9_550],
    ['95,50', 'EUR', 9_550],
    [' 0.01 ', 'USD', 1],
    ['4500', 'JPY', 4_500],
    ['1.5', 'JPY', null],
    ['1.005', 'USD', null],
    ['1.005', 'KWD', 1_005],
    ['', 'USD', null],
    ['-1', 'USD', null],
    ['1e3', 'USD', null],
  ])('%j typed as %s is %j in the minor unit, without a rounding', (typed, currency, amount) => {
    expect(minorAmount(typed, currency)).toBe(amount);
  });

  test('only real currencies are currencies', () => {
    expect(['USD', 'eur', 'DOLLAR', ''].map(isCurrency)).toEqual([true, true, false, false]);
  });
});
