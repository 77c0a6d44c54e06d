import { chooseBlock } from './block.js';
import type { FreeSeats } from './free-seats.js';
import { Split } from './split.js';

/**
 * The *orphans* that a choice would newly leave: ordinary seats that stay free, without a free neighbour. Only the choice's
 * neighbours can become orphans.
 * @param seats free ones
 */
export function newOrphans(free: FreeSeats, seats: readonly number[]): number[] {
  const { geometry } = free;
  const chosen = new Set(seats);
  const stays = (seat: number) => free.has(seat) && !chosen.has(seat);
  const isSingle = (seat: number) =>
    stays(seat) &&
    geometry.isOrdinary(seat) &&
    !(geometry.isBesideNext(seat - 1) && stays(seat - 1)) &&
    !(geometry.isBesideNext(seat) && stays(seat + 1));
  const orphans = new Set<number>();
  for (const seat of seats) {
    if (geometry.isBesideNext(seat - 1) && isSingle(seat - 1)) orphans.add(seat - 1);
    if (geometry.isBesideNext(seat) && isSingle(seat + 1)) orphans.add(seat + 1);
  }
  return [...orphans];
}

/**
 * Whether a choice in the section can leave no orphan: a block of that many neighbours or, for seats that are apart anyway,
 * any so many ordinary seats.
 */
export function canAvoidOrphans(
  free: FreeSeats,
  section: number,
  quantity: number,
  isBlock: boolean,
): boolean {
  const search = { free, quantity, sections: [section], aim: null, nearestFirst: false };
  if (chooseBlock(search, false) !== null) return true;
  if (isBlock) return false;
  const split = new Split(quantity, false);
  // Longer runs would have had a block.
  const longest = Math.min(quantity + 1, free.largestBlock(section));
  for (let length = 1; length <= longest; length++) {
    let run = free.firstRun(section, length);
    for (let left = runsNeeded(quantity, length); run !== 0 && left > 0; left--) {
      split.add({ first: run, length });
      if (split.isPossible) return true;
      run = free.runAfter(run);
    }
  }
  return false;
}

/**
 * More runs of one length never help to reach a number of seats: two runs that both give a part can give a whole run and the
 * rest, or all from one of them, except in one case.
 */
export const runsNeeded = (quantity: number, length: number): number => Math.floor(quantity / length) + 2;

/** All of them are neighbours. */
export function isBlock({ geometry }: FreeSeats, seats: readonly number[]): boolean {
  return seats.every(
    (seat, index) =>
      index === 0 || (seat === (seats[index - 1] as number) + 1 && geometry.isBesideNext(seat - 1)),
  );
}
