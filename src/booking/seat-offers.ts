import { type BestWish, chooseFrom } from './choose-seats.js';
import type { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import type { FreeSeats } from './seat-choice/free-seats.js';

/** Offers that one refusal names. */
export const SEAT_OFFERS_MAX = 5;
/** Choices that one search for offers makes. Some are no offer: they avoid orphans only beside an earlier choice. */
const CHOICES_MAX = 3 * SEAT_OFFERS_MAX;

/**
 * For a pick of which seats were taken: blocks of as many neighbours as were picked, nearest first. No two of them have a
 * seat in common.
 * @param sectionGroups those that may be offered; null for all
 */
export function offersNear(
  occupancy: Occupancy,
  seatNumbers: readonly number[],
  { sectionGroups, avoidsOrphans }: Pick<BestWish, 'sectionGroups' | 'avoidsOrphans'>,
): number[][] {
  const { geometry } = occupancy;
  const points = seatNumbers.map((seat) => geometry.positionOf(seat));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = { x: mean(points.map(({ x }) => x)), y: mean(points.map(({ y }) => y)) };
  const wish: BestWish = {
    quantity: seatNumbers.length,
    sectionGroups,
    nearSeat: null,
    adjacency: 'together',
    wheelchairs: seatNumbers.filter((seat) => geometry.isWheelchair(seat)).length,
    avoidsOrphans,
  };
  const { free } = occupancy;
  const chosen: number[][] = [];
  const offered: number[][] = [];
  for (let tries = 0; tries < CHOICES_MAX && offered.length < SEAT_OFFERS_MAX; tries++) {
    const choice = without(free, chosen.flat(), () => chooseFrom(free, wish, middle));
    if (choice === null) break;
    const seats = [...choice.seatNumbers];
    chosen.push(seats);
    if (!wish.avoidsOrphans || orphansLeftBy(occupancy, seats).length === 0) offered.push(seats);
  }
  return offered;
}

/** What `choose` returns while the seats are not free. The free seats are the event's own, so they must come back. */
function without<Result>(free: FreeSeats, seats: readonly number[], choose: () => Result): Result {
  try {
    for (const seat of seats) free.remove(seat);
    return choose();
  } finally {
    for (const seat of seats) free.add(seat);
  }
}
