import type { HeldSeat } from 'seat-map';
import { expect, test } from 'vitest';
import { extensionText } from './extension-text.js';

const lock = (seatNumber: number) => ({ seatNumber }) as HeldSeat;
const textOf = (extended: number[], exhausted: number[], failed: [seat: number, error: string][]) =>
  extensionText(
    {
      extended: extended.map(lock),
      exhausted: exhausted.map(lock),
      failed: failed.map(([seat, error]) => ({ lock: lock(seat), error: new Error(error) })),
    },
    (seat) => `seat ${seat}`,
    (error) => (error as Error).message,
  );

test('a text says which of the locks were extended, and why others were not', () => {
  expect(textOf([1, 2], [], [])).toBe('You have more time.');
  expect(textOf([], [1], [])).toBe('These seats cannot be held longer.');
  expect(textOf([2, 3], [1], [])).toBe('More time for seat 2; seat 3. Cannot be held longer: seat 1.');
  expect(textOf([1], [], [[2, 'Busy.']])).toBe('More time for seat 1. No more time for seat 2: Busy.');
});
