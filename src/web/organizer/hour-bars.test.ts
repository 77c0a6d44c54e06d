import { expect, test } from 'vitest';
import { currenciesOf, hourBars, type PaidInHour } from './hour-bars.js';

const hour = (at: string, paid: number, refunded = 0, currency = 'EUR'): PaidInHour => ({
  from: `2026-11-22T${at}:00.000Z`,
  paid: [{ amount: paid, currency }],
  refunded: refunded === 0 ? [] : [{ amount: refunded, currency }],
});

test('every hour from the first to the last has a bar, also one without payments, and those of half an hour', () => {
  expect(hourBars([hour('08:30', 500, 100), hour('10:30', 200)], 'EUR')).toEqual([
    { from: '2026-11-22T08:30:00.000Z', paid: 500, refunded: 100 },
    { from: '2026-11-22T09:30:00.000Z', paid: 0, refunded: 0 },
    { from: '2026-11-22T10:30:00.000Z', paid: 200, refunded: 0 },
  ]);
  expect(hourBars([], 'EUR')).toEqual([]);
});

test('each currency has bars of its own', () => {
  const hours = [hour('08:00', 5), hour('09:00', 7, 0, 'USD')];
  expect(currenciesOf(hours)).toEqual(['EUR', 'USD']);
  expect(hourBars(hours, 'USD').map(({ paid }) => paid)).toEqual([0, 7]);
});

test('of more than 48 hours the newest are shown', () => {
  const bars = hourBars([{ ...hour('08:00', 5), from: '2026-11-01T08:00:00.000Z' }, hour('08:00', 9)], 'EUR');
  expect(bars).toHaveLength(48);
  expect(bars.at(-1)?.paid).toBe(9);
});
