import { expect, test } from 'vitest';
import { geometryOf } from '../catalog/seating-geometry.js';
import { availableSeat, bookedSeat, hallOf } from '../test/support/halls.js';
import { chooseSeats } from './choose-seats.js';
import { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';

/**
 * Aim: the rules fill a hall. Method: parties of 1 to 6 come to a hall of 600 seats. Half of them pick the block that is
 * nearest to the stage by rows, if the orphan rule allows it; the others get the best one. A fifth give their seats back
 * later. A sale ends when the first party of up to 4 finds no block.
 */
const SEATS = 600;
const SALES = 12;
/** Parties that come between a hold and its lapse. */
const PARTIES_UNTIL_LAPSE = 20;

test.each([20, 30])(
  'a hall with rows of %i is nearly sold out, with few single seats left, when the first small party finds no block',
  (seatsPerRow) => {
    const sales = Array.from({ length: SALES }, (_, seed) => sell(seatsPerRow, seed + 1));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / SALES;
    expect(mean(sales.map(({ sold }) => sold))).toBeGreaterThanOrEqual(0.97);
    expect(mean(sales.map(({ singles }) => singles))).toBeLessThanOrEqual(0.01);
  },
);

/** @returns parts of all seats */
function sell(seatsPerRow: number, seed: number): { sold: number; singles: number } {
  const draw = drawsOf(seed);
  const occupancy = new Occupancy(
    geometryOf(hallOf(Array(SEATS / seatsPerRow).fill('o'.repeat(seatsPerRow)))),
    1,
    [],
  );
  const lapses = new Map<number, readonly number[]>();
  for (let party = 0; ; party++) {
    for (const seat of lapses.get(party) ?? []) occupancy.set(availableSeat(seat));
    const quantity = 1 + Math.floor(6 * draw());
    const seats = draw() < 0.5 ? pickByHand(occupancy, seatsPerRow, quantity) : best(occupancy, quantity);
    if (seats === null) {
      if (quantity > 4) continue;
      const free = seatsFrom(1, SEATS).filter((seat) => occupancy.isFree(seat));
      const singles = free.filter(
        (seat) => !occupancy.free.hasFreeBefore(seat) && !occupancy.free.hasFreeAfter(seat),
      );
      return { sold: 1 - free.length / SEATS, singles: singles.length / SEATS };
    }
    for (const seat of seats) occupancy.set(bookedSeat(seat));
    if (draw() < 0.2) lapses.set(party + PARTIES_UNTIL_LAPSE, seats);
  }
}

function best(occupancy: Occupancy, quantity: number): readonly number[] | null {
  const wish = { quantity, sectionGroups: null, nearSeat: null, wheelchairs: 0, avoidsOrphans: true };
  return chooseSeats(occupancy, { ...wish, adjacency: 'together' })?.seatNumbers ?? null;
}

function pickByHand(occupancy: Occupancy, seatsPerRow: number, quantity: number): readonly number[] | null {
  const fromMiddle = (block: readonly number[]) =>
    Math.abs((((block[0] as number) - 1) % seatsPerRow) + (block.length - seatsPerRow) / 2);
  for (let row = 0; row < SEATS / seatsPerRow; row++) {
    const blocks = seatsFrom(row * seatsPerRow + 1, seatsPerRow - quantity + 1)
      .map((first) => seatsFrom(first, quantity))
      .filter((block) => block.every((seat) => occupancy.isFree(seat)))
      .sort((a, b) => fromMiddle(a) - fromMiddle(b));
    const allowed = blocks.find((block) => orphansLeftBy(occupancy, block).length === 0);
    if (allowed !== undefined) return allowed;
  }
  return null;
}

const seatsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index);

/** The same draws for the same seed, so that the test has one outcome. */
function drawsOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
