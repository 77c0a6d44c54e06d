import { Seating } from 'seat-map/map';
import { describe, expect, test } from 'vitest';
import { completeTotalOf, totalOf, totalOfLocks, withTotal } from './total.js';

const price = { amount: 4_550, currency: 'USD' };
const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 10, price },
    { name: 'Standing', firstSeatNumber: 11, rows: 1, seatsPerRow: 10, price: null },
  ],
  20,
);

describe('the total of seats', () => {
  test.each([
    ['priced seats have their sum', [1, 2], { amount: 9_100, currency: 'USD', isComplete: true }],
    [
      'one without a price leaves the rest to the buyer',
      [1, 11],
      { amount: 4_550, currency: 'USD', isComplete: false },
    ],
    ['without any price all of it is', [11, 12], { amount: 0, currency: undefined, isComplete: false }],
  ])('%s', (_, seats, total) => expect(totalOf(seats, seating)).toEqual(total));

  test('is shown on a button only if it is complete', () => {
    expect(withTotal('Pay', totalOf([1, 2], seating))).toBe('Pay $91');
    expect(withTotal('Pay', totalOf([1, 11], seating))).toBe('Pay');
    expect(completeTotalOf(totalOf([1, 11], seating))).toBeNull();
  });
});

test('held seats cost what they cost when they were locked', () => {
  expect(totalOfLocks([{ price: { amount: 4_000, currency: 'USD' } }, { price }])).toEqual({
    amount: 8_550,
    currency: 'USD',
    isComplete: true,
  });
  expect(totalOfLocks([{ price: null }]).isComplete).toBe(false);
});
