import { expect, test } from 'vitest';
import { dateText, moneyText } from './mail-words.js';

test('amounts have their currency, with its decimals, to the last digit', () => {
  expect(moneyText({ amount: 109_500, currency: 'USD' })).toBe('USD 1,095.00');
  expect(moneyText({ amount: 500, currency: 'JPY' })).toBe('JPY 500');
  expect(moneyText({ amount: 1_005, currency: 'KWD' })).toBe('KWD 1.005');
  expect(moneyText({ amount: 2 ** 53 - 1, currency: 'EUR' })).toBe('EUR 90,071,992,547,409.91');
});

test('dates are in the zone of the venue, with its name', () => {
  expect(dateText(new Date('2027-01-01T20:00:00Z'), 'Europe/Vienna')).toBe(
    'Friday, January 1, 2027 at 21:00 Central European Standard Time',
  );
  expect(dateText(new Date('2027-07-01T23:30:00Z'), 'Asia/Tokyo')).toMatch(/^Friday, July 2, 2027 at 08:30 /);
});
