import { expect, test } from 'vitest';
import { type Appearance, countsByAppearance } from './seat-appearance.js';
import { AVAILABLE, BOOKED, LOCKED, OFF_SALE, type Status } from './seat-states.js';

test('each seat is counted once, by its appearance', () => {
  const statuses: Readonly<Record<number, Status>> = {
    1: AVAILABLE,
    2: LOCKED,
    3: BOOKED,
    4: BOOKED,
    5: OFF_SALE,
  };
  const own = new Map<number, Appearance>([
    [1, 'picked'],
    [2, 'held'],
    [3, 'pending'],
    [4, 'yours'],
    [5, 'picked'],
  ]);
  const counts = { totalSeats: 100, availableSeats: 60, lockedSeats: 15, bookedSeats: 20, offSaleSeats: 5 };
  const shown = countsByAppearance(counts, { statusOf: (seat) => statuses[seat] as Status }, own);
  expect(shown).toEqual({
    available: 59,
    locked: 14,
    booked: 18,
    offSale: 4,
    picked: 2,
    held: 1,
    pending: 1,
    yours: 1,
  });
  expect(Object.values(shown).reduce((sum, count) => sum + count)).toBe(100);
});
