import { describe, expect, test } from 'vitest';
import { rowName, Seating } from './seating.js';

const seating = new Seating(
  [
    {
      name: 'Stalls',
      firstSeatNumber: 1,
      rows: 3,
      seatsPerRow: 4,
      price: { amount: 4_500, currency: 'USD' },
    },
    // Its last row is short.
    { name: 'Circle', firstSeatNumber: 13, rows: 2, seatsPerRow: 5 },
  ],
  20,
);

describe('seating', () => {
  test('every seat is in one place, and that place has the seat', () => {
    const seats = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const seat of seats) {
      const { section, row, column } = seating.placeOf(seat);
      expect(seating.seatAt(section, row, column)).toBe(seat);
    }
    expect(new Set(seats.map((seat) => seating.nameOf(seat))).size).toBe(20);
  });

  test.each([
    [1, 'Stalls, row A, seat 1', 'A1'],
    [12, 'Stalls, row C, seat 4', 'C4'],
    [13, 'Circle, row A, seat 1', 'A1'],
    [20, 'Circle, row B, seat 3', 'B3'],
  ])('seat %i is %s', (seat, name, shortName) => {
    expect(seating.nameOf(seat)).toBe(name);
    expect(seating.shortNameOf(seat)).toBe(shortName);
  });

  test('a short last row ends where the seats do', () => {
    const circle = seating.sectionOf(13);
    expect([seating.rowLength(circle, 0), seating.rowLength(circle, 1)]).toEqual([5, 3]);
    expect(seating.seatAt(circle, 1, 2)).toBe(20);
    expect(seating.seatAt(circle, 1, 3)).toBeNull();
    expect(seating.seatAt(circle, 2, 0)).toBeNull();
  });

  test('a price is its section’s, and nothing where there is none', () => {
    expect([seating.priceOf(12), seating.priceOf(13)]).toEqual([{ amount: 4_500, currency: 'USD' }, null]);
  });

  test.each([
    [0, 'A'],
    [25, 'Z'],
    [26, 'AA'],
    [701, 'ZZ'],
    [702, 'AAA'],
  ])('row %i is %s', (row, name) => expect(rowName(row)).toBe(name));
});
