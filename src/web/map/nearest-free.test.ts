import { describe, expect, test } from 'vitest';
import { Layout } from './layout.js';
import { nearestFree } from './nearest-free.js';
import { Seating } from './seating.js';

const CHEAP = { amount: 1_000, currency: 'USD' };
const DEAR = { amount: 9_000, currency: 'USD' };
/** Each section as rows, seats a row and price. */
function hall(...shapes: readonly (readonly [number, number, typeof CHEAP])[]): Layout {
  let next = 1;
  const sections = shapes.map(([rows, seatsPerRow, price], index) => {
    const firstSeatNumber = next;
    next += rows * seatsPerRow;
    return { name: `S${index}`, firstSeatNumber, rows, seatsPerRow, price };
  });
  return new Layout(new Seating(sections, next - 1));
}
const namesOf = (layout: Layout, seats: readonly number[]) =>
  seats.map((seat) => `${layout.seating.sectionOf(seat).name} ${layout.seating.shortNameOf(seat)}`);
const near = (layout: Layout, lost: number, count = 5, taken: readonly number[] = []) =>
  namesOf(
    layout,
    nearestFree(layout, lost, count, (seat) => !taken.includes(seat)),
  );

describe('the nearest free seats', () => {
  test('are beside the lost one and in front of it or behind, not at the other end of another row', () => {
    const layout = hall([5, 10, CHEAP]);
    // The last seat of row B: the next number is the first seat of row C, the farthest there is.
    expect(near(layout, 20)).toEqual(['S0 B9', 'S0 A10', 'S0 B8', 'S0 C10', 'S0 A9']);
    // In the middle of a row both neighbours come first.
    expect(near(layout, 25)).toEqual(['S0 C4', 'S0 C6', 'S0 B5', 'S0 C3', 'S0 C7']);
  });

  test('are none that is taken, and no more than there are', () => {
    const layout = hall([1, 4, CHEAP]);
    expect(near(layout, 2, 5, [2, 3])).toEqual(['S0 A1', 'S0 A4']);
    expect(near(layout, 2, 5, [1, 2, 3, 4])).toEqual([]);
  });

  test('are in the same section before another one, and for the same price before another one', () => {
    // One behind the other, all as wide: the last row of the second section is lost.
    const layout = hall([2, 20, DEAR], [2, 20, CHEAP], [2, 20, CHEAP]);
    const rest = (seats: readonly number[]) =>
      near(
        layout,
        70,
        2,
        Array.from({ length: 120 }, (_, index) => index + 1).filter((seat) => !seats.includes(seat)),
      );
    // Ten seats along in its own row, or just behind it: within the section until that is far.
    expect(rest([72, 90])).toEqual(['S1 B12', 'S2 A10']);
    // Behind it for the same price rather than in front of it for nine times as much.
    expect(rest([30, 110])).toEqual(['S2 B10', 'S0 B10']);
  });

  test('of 100,000 are the same whether or not the far ones are looked at', () => {
    const layout = hall([100, 250, CHEAP], [100, 250, DEAR], [100, 250, CHEAP], [100, 250, DEAR]);
    const isFree = (seat: number) => seat % 7 === 0;
    expect(nearestFree(layout, 60_000, 5, isFree)).toEqual(
      nearestFree(layout, 60_000, 500, isFree).slice(0, 5),
    );
  });
});
