import { describe, expect, test } from 'vitest';
import type { Row, SeatingPlan } from '../../../../src/catalog/seating-plan.js';
import { seatAfterKey } from './keyboard-navigation.js';
import { Layout } from './layout.js';
import { Seating } from './seating.js';

// Stalls: seats 1 to 8 in rows of 4. Circle: seats 9 to 13 in rows of 3; the last row is short.
const equal = new Layout(
  new Seating(
    [
      { name: 'Stalls', firstSeatNumber: 1, rows: 2, seatsPerRow: 4 },
      { name: 'Circle', firstSeatNumber: 9, rows: 2, seatsPerRow: 3 },
    ],
    13,
  ),
);

const row = (label: string, firstSeatNumber: number, seats: number, more: Partial<Row> = {}): Row => {
  return {
    label,
    firstSeatNumber,
    seats,
    seatLabels: null,
    aislesAfter: [],
    features: [],
    position: null,
    ...more,
  };
};
const PLAN: SeatingPlan = {
  totalSeats: 30,
  sections: [
    {
      kind: 'seated',
      name: 'Stalls',
      firstSeatNumber: 1,
      seats: 13,
      area: { x: 0, y: 0, width: 10, height: 3 },
      // 1 2 · 3 4 5 6 · 7 8, and below its right end 9 10, then 11 12 13 in the middle.
      rows: [
        row('A', 1, 8, { aislesAfter: [2, 6] }),
        row('B', 9, 2, { position: { x: 8, y: 2, angle: 0, curve: 0 } }),
        row('C', 11, 3),
      ],
    },
    {
      kind: 'standing',
      name: 'Floor',
      firstSeatNumber: 14,
      seats: 10,
      rows: [],
      area: { x: 0, y: 5, width: 10, height: 4 },
    },
    {
      // Behind the floor, facing it from below: its seats are numbered from right to left, its rows from bottom to top.
      kind: 'seated',
      name: 'Far side',
      firstSeatNumber: 24,
      seats: 7,
      area: { x: 0, y: 11, width: 10, height: 3 },
      rows: [
        row('A', 24, 4, { position: { x: 4, y: 2, angle: 180, curve: 0 } }),
        row('B', 28, 3, { position: { x: 4, y: 1, angle: 180, curve: 0 } }),
      ],
    },
  ],
};
const planned = new Layout(
  new Seating(
    PLAN.sections.map(({ name, firstSeatNumber }) => ({ name, firstSeatNumber, rows: 0, seatsPerRow: 0 })),
    30,
    PLAN,
  ),
);

const keys = ['ArrowRight', 'ArrowDown', 'ArrowUp', 'PageDown', 'ArrowLeft', 'PageUp'];

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
    ['PageUp', 12, 2],
    ['PageUp', 1, null],
    ['x', 1, null],
  ])('%s from seat %i goes to %j', (key, from, to) => expect(seatAfterKey(equal, from, key)).toBe(to));

  test.each([
    // Across an aisle.
    ['ArrowRight', 2, 3],
    ['ArrowLeft', 7, 6],
    // To the nearest seat of a row with another length and place.
    ['ArrowDown', 8, 10],
    ['ArrowDown', 1, 9],
    ['ArrowUp', 9, 7],
    ['ArrowDown', 9, 13],
    // A standing section is one stop.
    ['ArrowDown', 12, 14],
    ['ArrowRight', 14, null],
    ['ArrowUp', 14, 12],
    ['PageDown', 14, 26],
    // Seats that are numbered from right to left, rows that follow each other upwards.
    ['ArrowRight', 25, 24],
    ['ArrowLeft', 25, 26],
    ['ArrowUp', 24, 28],
    ['ArrowDown', 28, 24],
  ])('in a plan, %s from seat %i goes to %j', (key, from, to) =>
    expect(seatAfterKey(planned, from, key)).toBe(to),
  );

  test.each([
    ['equal rows', equal, 13],
    // The places of the standing section are one stop.
    ['a plan', planned, 30 - 9],
  ])('reaches every seat of %s', (_name, layout, stops) => {
    const reached = new Set([1]);
    for (const seat of reached) {
      for (const key of keys) {
        const next = seatAfterKey(layout, seat, key);
        if (next !== null) reached.add(next);
      }
    }
    expect(reached.size).toBe(stops);
  });

  test('never reaches a section that is not shown', () => {
    const reached = new Set([1]);
    for (const seat of reached) {
      for (const key of keys) {
        const next = seatAfterKey(planned, seat, key, ({ index }) => index !== 1);
        if (next !== null) reached.add(next);
      }
    }
    expect(reached.has(14)).toBe(false);
    expect(reached.size).toBe(20);
  });
});
