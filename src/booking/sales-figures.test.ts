import { expect, test } from 'vitest';
import { type Quarter, salesOfHours } from './sales-figures.js';

const quarter = (at: string, amount: number, refunded = 0, currency = 'EUR'): Quarter => ({
  at: new Date(`2026-11-22T${at}:00Z`),
  sums: [{ currency, amount, refunded }],
});
const eur = (amount: number) => [{ amount, currency: 'EUR' }];

test('quarters become the hours of the time zone, oldest first; refunds are apart', () => {
  const quarters = [quarter('11:15', 300, 100), quarter('10:45', 20), quarter('10:30', 1)];
  const hours = (timeZone: string) =>
    salesOfHours(quarters, timeZone, 48).map(({ from, paid, refunded }) => [
      from.toISOString().slice(11, 16),
      paid,
      refunded,
    ]);
  expect(hours('Europe/Vienna')).toEqual([
    ['10:00', eur(21), []],
    ['11:00', eur(300), eur(100)],
  ]);
  // Its clocks are 5 hours and 30 minutes ahead, so that its hours begin at half past.
  expect(hours('Asia/Kolkata')).toEqual([['10:30', eur(321), eur(100)]]);
});

test('currencies are not added up', () => {
  const quarters = [quarter('11:15', 5, 0, 'USD'), quarter('11:00', 7), quarter('11:00', 8, 0, 'USD')];
  expect(salesOfHours(quarters, 'UTC', 48)[0]?.paid).toEqual([
    { amount: 7, currency: 'EUR' },
    { amount: 13, currency: 'USD' },
  ]);
});

test('the first hour is at most the given hours before the newest one', () => {
  const quarters = [quarter('11:00', 1), quarter('09:45', 2), quarter('08:45', 3)];
  const startsOf = (hours: number) =>
    salesOfHours(quarters, 'UTC', hours).map(({ from }) => from.getUTCHours());
  expect([startsOf(4), startsOf(3), startsOf(1)]).toEqual([[8, 9, 11], [9, 11], [11]]);
  expect(salesOfHours([], 'UTC', 48)).toEqual([]);
});
