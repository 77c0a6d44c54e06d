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
  /** Indices of the plan's sections that may be chosen from; null for all. */
  readonly sections: ReadonlySet<number> | null;
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
 * @param nearestFirst the nearest block is better than the one in the tightest free run
 */
export function chooseSeats({ free }: Occupancy, wish: BestWish, nearestFirst = false): Choice | null {
  return chooseFrom(free, wish, nearestFirst);
}

/** As `chooseSeats`, from a set of free seats. */
export function chooseFrom(free: FreeSeats, wish: BestWish, nearestFirst: boolean): Choice | null {
  const { quantity, nearSeat, wheelchairs } = wish;
  const { geometry } = free;
  const search: Search = {
    free,
    quantity,
    sections: [...Array(geometry.sectionCount).keys()].filter((each) => wish.sections?.has(each) ?? true),
    aim: nearSeat === null ? null : geometry.positionOf(nearSeat),
    nearestFirst,
  };
  const isTooFew =
    search.sections.reduce((sum, each) => sum + (free.inSection[each] as number), 0) < quantity;
  const choose =
    wheelchairs > 0
      ? waysWithWheelchairs({ ...search, wheelchairs }, wish)
      : isTooFew
        ? null
        : waysOf(search, wish.avoidsOrphans);
  for (const adjacency of ADJACENCIES) {
    const seatNumbers = choose?.[adjacency]() ?? null;
    if (seatNumbers !== null) return { seatNumbers, adjacency };
    if (adjacency === wish.adjacency) return null;
  }
  return null;
}

type Ways = Readonly<Record<Adjacency, () => number[] | null>>;

function waysOf(search: Search, avoidsOrphans: boolean): Ways {
  const never = () => false;
  // As the rule for seats that users pick: an orphan is allowed where no choice in the section avoids it.
  const permitted = new Map<number, boolean>();
  const wherePermitted = (section: number) => {
    const known =
      permitted.get(section) ??
      (!avoidsOrphans || !canAvoidOrphans(search.free, section, search.quantity, false));
    permitted.set(section, known);
    return known;
  };
  return {
    together: () => chooseBlock(search, false) ?? chooseBlock(search, true),
    sameRow: () => chooseSameRow(search, never) ?? chooseSameRow(search, wherePermitted),
    near: () => chooseNear(search, never) ?? chooseNear(search, wherePermitted),
    any: () => chooseAny(search, avoidsOrphans),
  };
}

/** In a section with wheelchair seats of the choice, an orphan is allowed: there are few such seats to choose from. */
function waysWithWheelchairs(search: Search & { wheelchairs: number }, wish: BestWish): Ways {
  return {
    together: () => chooseWheelchairBlock(search),
    sameRow: () => chooseWheelchairRow(search),
    near: () => chooseWheelchairRows(search),
    any: () =>
      chooseWheelchairAnywhere(search, (quantity, nearSeat) => {
        const others = { ...wish, quantity, nearSeat, wheelchairs: 0, adjacency: 'any' as const };
        return chooseFrom(search.free, others, true)?.seatNumbers ?? null;
      }),
  };
}
