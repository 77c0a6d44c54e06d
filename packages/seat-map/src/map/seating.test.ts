import { describe, expect, test } from 'vitest';
import { Seating } from './seating.js';

const USD_45 = { amount: 4_500, currency: 'USD' };
const equal = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, rows: 3, seatsPerRow: 4, price: USD_45 },
    // Its last row is short.
    { name: 'Circle', firstSeatNumber: 13, rows: 2, seatsPerRow: 5 },
  ],
  20,
);
const row = { seatLabels: null, aislesAfter: [], features: [], position: null };
const shape = { rows: 0, seatsPerRow: 0, firstSeatNumber: 1 };
/** Rows of 3 and 2 seats with labels of their own, and 10 places to stand. */
const planned = new Seating(
  [
    { ...shape, name: 'Stalls', price: USD_45 },
    { ...shape, name: 'Floor' },
  ],
  15,
  {
    totalSeats: 15,
    sections: [
      {
        kind: 'seated',
        name: 'Stalls',
        firstSeatNumber: 1,
        seats: 5,
        area: null,
        rows: [
          { ...row, label: 'A', firstSeatNumber: 1, seats: 3, seatLabels: ['1', '3', '5'] },
          {
            ...row,
            label: '12',
            firstSeatNumber: 4,
            seats: 2,
            features: [
              { seat: 2, feature: 'wheelchair' },
              { seat: 2, feature: 'restrictedView' },
            ],
          },
        ],
      },
      { kind: 'standing', name: 'Floor', firstSeatNumber: 6, seats: 10, rows: [], area: null },
    ],
  },
);

describe.each([
  ['equal rows', equal, 20],
  ['a plan', planned, 5],
])('seating of %s', (_name, seating, seatsInRows) => {
  test('every seat is in one place, and that place has the seat', () => {
    const seats = Array.from({ length: seatsInRows }, (_, index) => index + 1);
    for (const seat of seats) {
      const { section, row, column } = seating.placeOf(seat);
      expect(seating.seatAt(section, row, column)).toBe(seat);
    }
    expect(new Set(seats.map((seat) => seating.nameOf(seat))).size).toBe(seatsInRows);
  });
});

test.each([
  [equal, 1, 'Stalls, row A, seat 1', 'A1'],
  [equal, 12, 'Stalls, row C, seat 4', 'C4'],
  [equal, 13, 'Circle, row A, seat 1', 'A1'],
  [equal, 20, 'Circle, row B, seat 3', 'B3'],
  [planned, 2, 'Stalls, row A, seat 3', 'A3'],
  // "121" could be seat 21 of row 1.
  [planned, 4, 'Stalls, row 12, seat 1', '12-1'],
  [planned, 7, 'Floor, place 2', 'standing'],
])('a seat is named by its labels', (seating, seat, name, shortName) => {
  expect([seating.nameOf(seat), seating.shortNameOf(seat)]).toEqual([name, shortName]);
});

test('a row ends where its seats do, and a standing section is one row with one seat', () => {
  const circle = equal.sectionOf(13);
  expect([equal.rowLength(circle, 0), equal.rowLength(circle, 1), equal.rowLength(circle, 2)]).toEqual([
    5, 3, 0,
  ]);
  expect([equal.seatAt(circle, 1, 2), equal.seatAt(circle, 1, 3)]).toEqual([20, null]);
  expect([equal.seatAt(circle, 2, 0), equal.seatAt(circle, -1, 0)]).toEqual([null, null]);
  const floor = planned.sectionOf(15);
  expect([planned.rowCount(floor), planned.rowLength(floor, 0), planned.rowLength(floor, 1)]).toEqual([
    1, 1, 0,
  ]);
  expect([planned.placeOf(15).column, planned.seatAt(floor, 0, 0)]).toEqual([0, 6]);
});

test('a seat has the price of its section, and the features that the plan gives it', () => {
  expect([equal.priceOf(12), equal.priceOf(13), planned.priceOf(1)]).toEqual([USD_45, null, USD_45]);
  expect([planned.featuresOf(4), planned.featuresOf(5)]).toEqual([[], ['wheelchair', 'restrictedView']]);
  expect([planned.seatsWith('wheelchair'), planned.seatsWith('companion')]).toEqual([[5], []]);
});

test('a right-to-left name does not change the order of section, row and seat', () => {
  const seating = new Seating([{ name: 'יציע', firstSeatNumber: 1, rows: 1, seatsPerRow: 2 }], 2);
  expect(seating.nameOf(2)).toBe('\u2068יציע\u2069, row A, seat 2');
});
