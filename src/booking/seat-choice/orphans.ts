import { chooseBlock } from './block.js';
import type { FreeSeats } from './free-seats.js';
import { Split } from './split.js';

/**
 * The *orphans* that a choice would newly leave: ordinary seats that stay free, without a free neighbour. Only the choice's
 * neighbours can become orphans.
 * @param seats free ones, in ascending order
 */
export function newOrphans(free: FreeSeats, seats: readonly number[]): number[] {
  const orphans: number[] = [];
  for (let index = 0; index < seats.length; index++) {
    const seat = seats[index] as number;
    const before = seats[index - 1] ?? 0;
    const after = seats[index + 1] ?? 0;
    // A seat between two chosen ones is their neighbour twice.
    if (isOrphanBefore(free, seat, before) && orphans.at(-1) !== seat - 1) orphans.push(seat - 1);
    if (isOrphanAfter(free, seat, after)) orphans.push(seat + 1);
  }
  return orphans;
}

/** Whether the choice of `seats`, from one index up to another, would newly leave an orphan. */
export function leavesOrphan(free: FreeSeats, seats: readonly number[], from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const seat = seats[index] as number;
    const before = index > from ? (seats[index - 1] as number) : 0;
    const after = index + 1 < to ? (seats[index + 1] as number) : 0;
    if (isOrphanBefore(free, seat, before) || isOrphanAfter(free, seat, after)) return true;
  }
  return false;
}

/** @param before the chosen seat before `seat`; 0 if there is none */
function isOrphanBefore(free: FreeSeats, seat: number, before: number): boolean {
  const { geometry } = free;
  const left = seat - 1;
  if (left === before || !free.hasFreeBefore(seat) || !geometry.isOrdinary(left)) return false;
  return left - 1 === before || !free.hasFreeBefore(left);
}

/** @param after the chosen seat after `seat`; 0 if there is none */
function isOrphanAfter(free: FreeSeats, seat: number, after: number): boolean {
  const { geometry } = free;
  const right = seat + 1;
  if (right === after || !free.hasFreeAfter(seat) || !geometry.isOrdinary(right)) return false;
  return right + 1 === after || !free.hasFreeAfter(right);
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
