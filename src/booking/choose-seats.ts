import type { Point } from '../catalog/seat-positions.js';
import type { Occupancy } from './occupancy.js';
import { chooseAny, chooseNear } from './seat-choice/apart.js';
import { chooseBlock } from './seat-choice/block.js';
import type { FreeSeats } from './seat-choice/free-seats.js';
import { canAvoidOrphans } from './seat-choice/orphans.js';
import { chooseSameRow } from './seat-choice/same-row.js';
import type { Search } from './seat-choice/search.js';
import {
  chooseWheelchairAnywhere,
  chooseWheelchairBlock,
  chooseWheelchairRow,
  chooseWheelchairRows,
} from './seat-choice/with-wheelchairs.js';

/** From the closest to the loosest. `near` is within a few neighbouring rows of one section. */
export const ADJACENCIES = ['together', 'sameRow', 'near', 'any'] as const;
export type Adjacency = (typeof ADJACENCIES)[number];

/** Seats that the server is to choose. */
export interface BestWish {
  readonly quantity: number;
  /**
   * Sections that may be chosen from, by their index in the plan. Seats of an earlier group are better than equally close ones
   * of a later group. Null for all sections, in one group.
   */
  readonly sectionGroups: readonly (readonly number[])[] | null;
  /** Null for the focus of each section: the middle of its first row. */
  readonly nearSeat: number | null;
  /** The loosest that is accepted. */
  readonly adjacency: Adjacency;
  /** How many must be wheelchair seats. Companion seats go only with these. */
  readonly wheelchairs: number;
  /** The event refuses choices that leave an orphan and could avoid it. */
  readonly avoidsOrphans: boolean;
}

export interface Choice {
  /** In ascending order. */
  readonly seatNumbers: readonly number[];
  readonly adjacency: Adjacency;
}

/**
 * The best seats for a wish. It tries one adjacency after the other, and first without leaving an orphan. The answer depends
 * only on which seats are free.
 */
export const chooseSeats = ({ free }: Occupancy, wish: BestWish): Choice | null =>
  chooseFrom(free, wish, null);

/**
 * As `chooseSeats`.
 * @param around the block nearest to this point is better than one in a tighter run; null for the wish's own order
 */
export function chooseFrom(free: FreeSeats, wish: BestWish, around: Point | null): Choice | null {
  const { quantity, nearSeat, wheelchairs } = wish;
  const { geometry } = free;
  const groups = wish.sectionGroups ?? [[...Array(geometry.sectionCount).keys()]];
  const sections = groups.flat();
  const isEnough = sections.reduce((sum, each) => sum + (free.inSection[each] as number), 0) >= quantity;
  if (wheelchairs === 0 && !isEnough) return null;
  const aim = around ?? (nearSeat === null ? null : geometry.positionOf(nearSeat));
  const waysIn = (ofGroup: readonly number[]): Ways => {
    const search = { free, quantity, sections: ofGroup, aim, nearestFirst: around !== null };
    return wheelchairs > 0
      ? waysWithWheelchairs({ ...search, wheelchairs }, wish)
      : waysOf(search, wish.avoidsOrphans);
  };
  const waysOfGroups = groups.map(waysIn);
  for (const adjacency of ADJACENCIES) {
    // Seats that may be anywhere may be of several groups.
    const tried =
      adjacency === 'any' && groups.length > 1 ? [...waysOfGroups, waysIn(sections)] : waysOfGroups;
    for (const ways of tried) {
      const seatNumbers = ways[adjacency]();
      if (seatNumbers !== null) return { seatNumbers, adjacency };
    }
    if (adjacency === wish.adjacency) return null;
  }
  return null;
}

type Ways = Readonly<Record<Adjacency, () => number[] | null>>;

function waysOf(search: Search, avoidsOrphans: boolean): Ways {
  const never = () => false;
  // As the rule for seats that users pick: an orphan is allowed where no choice in the section avoids it.
  const canAvoid = new Map<number, boolean>();
  const wherePermitted = (section: number) => {
    if (!avoidsOrphans) return true;
    const known = canAvoid.get(section) ?? canAvoidOrphans(search.free, section, search.quantity, false);
    canAvoid.set(section, known);
    return !known;
  };
  return {
    together: () => chooseBlock(search, false) ?? chooseBlock(search, true),
    sameRow: () => chooseSameRow(search, never) ?? chooseSameRow(search, wherePermitted),
    near: () => chooseNear(search, never) ?? chooseNear(search, wherePermitted),
    any: () => chooseAny(search),
  };
}

/** In a section with wheelchair seats of the choice, an orphan is allowed: there are few such seats to choose from. */
function waysWithWheelchairs(search: Search & { wheelchairs: number }, wish: BestWish): Ways {
  return {
    together: () => chooseWheelchairBlock(search),
    sameRow: () => chooseWheelchairRow(search),
    near: () => chooseWheelchairRows(search),
    any: () =>
      chooseWheelchairAnywhere(search, (quantity, around) => {
        const others = { ...wish, quantity, wheelchairs: 0, adjacency: 'any' as const };
        return chooseFrom(search.free, others, around)?.seatNumbers ?? null;
      }),
  };
}
