import { AVAILABLE, LOCKED, Seating } from 'seat-map/map';
import { expect, test } from 'vitest';
import { freePlaces, replacePlaces } from './free-places.js';
import { NO_PICKS } from './picks.js';

// Seats 1 to 4 in a row, places 5 to 14 to stand.
const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 4 },
    { kind: 'STANDING', name: 'Floor', firstSeatNumber: 5, rows: 0, seatsPerRow: 0 },
  ],
  14,
);
const floor = seating.sectionOf(5);
const taken = new Set([6, 7]);
const state = { statusOf: (seat: number) => (taken.has(seat) ? LOCKED : AVAILABLE) };
const none = () => false;

test('free places start anywhere, and go on at the beginning after the last one', () => {
  expect(freePlaces(state, floor, 3, none, () => 0)).toEqual([5, 8, 9]);
  expect(freePlaces(state, floor, 3, none, () => 0.999)).toEqual([14, 5, 8]);
  expect(
    freePlaces(
      state,
      floor,
      20,
      (place) => place === 5,
      () => 0.5,
    ),
  ).toEqual([10, 11, 12, 13, 14, 8, 9]);
});

test('a taken place is replaced by another one of its section, a taken seat is lost', () => {
  const picks = { ...NO_PICKS, seats: [2, 6, 10] };
  const free = (section: typeof floor, count: number, isExcluded: (place: number) => boolean) =>
    freePlaces(state, section, count, isExcluded, () => 0);
  expect(replacePlaces(picks, [2, 6], seating, free)).toEqual({
    picks: { ...NO_PICKS, seats: [2, 10, 5] },
    lost: [2],
  });
  // Where no other place is left, it is lost.
  expect(replacePlaces(picks, [6], seating, () => [])).toEqual({ picks, lost: [6] });
});
