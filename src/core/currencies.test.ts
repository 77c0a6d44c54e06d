import { expect, test } from 'vitest';
import { CURRENCY_CODES, isCurrency, minorUnitDigits } from './currencies.js';

/** By ISO 4217, also where Node and browsers have other digits. */
test.each([
  [0, 'JPY KRW ISK UGX VND CLP XOF XAF XPF'],
  [2, 'USD EUR GBP COP HUF IDR PKR LBP MGA MRU'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
])('currencies with %i decimals: %s', (digits, codes) => {
  for (const code of codes.split(' ')) expect([code, minorUnitDigits(code)]).toEqual([code, digits]);
});

test.each([
  ['withdrawn', 'HRK BGN ZWL SLL ANG CUC LTL DEM VEF'],
  ['metals, bond units and units of account', 'XAU XAG XPT XPD XBA XBB XBC XBD XDR XSU XUA'],
  ['for tests or for no currency', 'XTS XXX'],
  ['no codes', 'usd US USDX $ toString'],
])('%s are not in force: %s', (_why, codes) => {
  for (const code of codes.split(' ')) {
    expect([code, isCurrency(code), minorUnitDigits(code)]).toEqual([code, false, undefined]);
  }
});

test.each('ZWG SLE VED XCG EUR STN'.split(' '))(
  '%s, which took the place of another one, is in force',
  (code) => {
    expect(isCurrency(code)).toBe(true);
  },
);

test('each code is three capitals, once, in order', () => {
  expect(CURRENCY_CODES).toHaveLength(165);
  expect(CURRENCY_CODES).toEqual([...new Set(CURRENCY_CODES)].sort());
  for (const code of CURRENCY_CODES) expect(code).toMatch(/^[A-Z]{3}$/);
});
