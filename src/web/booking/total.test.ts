import { describe, expect, test } from 'vitest';
import { Seating } from '../map/seating.js';
import { totalOf, wholeOf, withTotal } from './total.js';

const price = { amount: 4_550, currency: 'USD' };
const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 10, price },
    { name: 'Standing', firstSeatNumber: 11, rows: 1, seatsPerRow: 10, price: null },
  ],
  20,
);

describe('what seats cost together', () => {
  test.each([
    ['priced seats have their sum', [1, 2], { amount: 9_100, currency: 'USD', isWhole: true }],
    [
      'one without a price leaves the rest to the buyer',
      [1, 11],
      { amount: 4_550, currency: 'USD', isWhole: false },
    ],
    ['without any price all of it is', [11, 12], { amount: 0, currency: undefined, isWhole: false }],
  ])('%s', (_, seats, total) => expect(totalOf(seats, seating)).toEqual(total));

  test('is named on a button only where it is whole', () => {
    expect(withTotal('Pay', totalOf([1, 2], seating))).toBe('Pay $91');
    expect(withTotal('Pay', totalOf([1, 11], seating))).toBe('Pay');
    expect(wholeOf(totalOf([1, 11], seating))).toBeNull();
  });
});
