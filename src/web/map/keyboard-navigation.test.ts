import { describe, expect, test } from 'vitest';
import { seatAfterKey } from './keyboard-navigation.js';
import { Seating } from './seating.js';

// Stalls: seats 1 to 8 in rows of 4. Circle: seats 9 to 13 in rows of 3; the last row is short.
const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 2, seatsPerRow: 4 },
    { name: 'Circle', firstSeatNumber: 9, rows: 2, seatsPerRow: 3 },
  ],
  13,
);

describe('the keyboard', () => {
  test.each([
    ['ArrowRight', 1, 2],
    ['ArrowRight', 4, null],
    ['ArrowLeft', 5, null],
    ['ArrowLeft', 6, 5],
    ['ArrowDown', 1, 5],
    ['ArrowUp', 5, 1],
    ['ArrowUp', 1, null],
    ['ArrowDown', 5, 9],
    ['ArrowDown', 8, 11],
    ['ArrowUp', 9, 5],
    ['ArrowDown', 11, 13],
    ['ArrowDown', 13, null],
    ['Home', 3, 1],
    ['End', 1, 4],
    ['End', 12, 13],
    ['PageDown', 6, 10],
    ['PageUp', 12, 1],
    ['PageUp', 1, null],
    ['x', 1, null],
  ])('%s from seat %i goes to %j', (key, from, to) => expect(seatAfterKey(seating, from, key)).toBe(to));

  test('reaches every seat', () => {
    const reached = new Set([1]);
    for (const seat of reached) {
      for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'PageDown', 'ArrowLeft']) {
        const next = seatAfterKey(seating, seat, key);
        if (next !== null) reached.add(next);
      }
    }
    expect(reached.size).toBe(13);
  });
});
