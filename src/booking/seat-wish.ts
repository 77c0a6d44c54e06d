import { type Event, hasSeat, priceOfSection } from '../catalog/event.js';
import { indexAt } from '../catalog/seating-plan.js';
import { badUserInput } from '../core/errors.js';
import { sectionIndexIn } from '../core/ids.js';
import { type Adjacency, type BestWish, chooseSeats } from './choose-seats.js';
import { companionsWithoutWheelchair } from './companion-seats.js';
import type { Draft } from './draft.js';
import type { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import { offersNear } from './seat-offers.js';
import { holdingLocks, isTaken } from './take-seats.js';

/** Seats that the user chose, or seats that the server is to choose. */
export type SeatWish = { readonly seatNumbers: readonly number[] } | { readonly best: BestSeats };

export interface BestSeats {
  readonly quantity: number;
  /** Null for any section. */
  readonly sectionIds: readonly string[] | null;
  /** The dearest that one of the seats may be, in minor units; null for any price. */
  readonly priceMax: number | null;
  /** Null for the middle of the section's first row. */
  readonly nearSeat: number | null;
  readonly adjacency: Adjacency;
  readonly wheelchairs: number;
}

/** Why the seats of a wish cannot be had, and what could be had at the same decision. */
export interface SeatRefusal {
  readonly code: SeatRefusalCode;
  readonly lostSeats: readonly number[];
  /** Free blocks of the wished size, best first. */
  readonly offers: readonly (readonly number[])[];
  readonly largestBlock: number;
  /** Single seats that the pick would leave. */
  readonly orphanSeats: readonly number[];
}

/** What is wrong with seats that the user picked. */
export type PickFault = Pick<SeatRefusal, 'code' | 'lostSeats' | 'orphanSeats'>;

export type SeatRefusalCode = 'seatsTaken' | 'notTogether' | 'soldOut' | 'leavesOrphan' | 'companionOnly';

export type WishResult =
  | { readonly seatNumbers: readonly number[]; readonly adjacency: Adjacency | null }
  /** A function, as a refusal that nobody is told would cost a search for offers. */
  | { readonly refusal: () => SeatRefusal };

/**
 * @param field the wish's name as the client wrote it
 * @throws BAD_USER_INPUT for a seat or section that the event does not have
 */
export function requirePlacesOfWish(event: Event, wish: SeatWish, field: string): void {
  if ('seatNumbers' in wish) {
    wish.seatNumbers.forEach((seat, index) => {
      requireSeat(event, seat, `${field}.seatNumbers[${index}]`);
    });
    return;
  }
  const { nearSeat, sectionIds } = wish.best;
  if (nearSeat !== null) requireSeat(event, nearSeat, `${field}.best.nearSeat`);
  sectionIds?.forEach((id, index) => {
    if (sectionOf(event, id) !== undefined) return;
    throw badUserInput(`${field}.best.sectionIds[${index}]`, 'The event has no section with this id.');
  });
}

/** Which seats the wish gets now. Its seats and sections are the event's. */
export function seatsOfWish(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  wish: SeatWish,
  now: Date,
): WishResult {
  return 'best' in wish
    ? bestSeats(draft.event, occupancy, wish.best)
    : pickedSeats(draft, occupancy, userId, wish.seatNumbers, now);
}

function bestSeats(event: Event, occupancy: Occupancy, best: BestSeats): WishResult {
  const wish: BestWish = {
    quantity: best.quantity,
    sectionGroups: sectionGroups(event, best),
    nearSeat: best.nearSeat,
    adjacency: best.adjacency,
    wheelchairs: best.wheelchairs,
    avoidsOrphans: event.orphanRule === 'refuse',
  };
  const choice = chooseSeats(occupancy, wish);
  if (choice !== null) return choice;
  return {
    refusal: () => ({
      code: chooseSeats(occupancy, { ...wish, adjacency: 'any' }) === null ? 'soldOut' : 'notTogether',
      lostSeats: [],
      // A block that would do would have been chosen.
      offers: [],
      largestBlock: occupancy.largestFreeBlock(wish.sectionGroups?.flat() ?? null),
      orphanSeats: [],
    }),
  };
}

/**
 * The sections that the wish allows, grouped by price, seats before standing places. A limit says what the user wants to pay,
 * so the dearest within it is first; without one the cheapest, as nobody should pay more by chance. A named seat says both.
 */
function sectionGroups(event: Event, { sectionIds, priceMax, nearSeat }: BestSeats): number[][] {
  const lookOf = (section: number) => ({
    isStanding: event.sections[section]?.kind === 'standing',
    amount: priceOfSection(event, section)?.amount ?? 0,
  });
  const near = nearSeat === null ? null : lookOf(indexAt(event.sections, nearSeat));
  const rankOf = (section: number): readonly [number, number, number] => {
    const { isStanding, amount } = lookOf(section);
    const isLikeNear = near?.isStanding === isStanding && near.amount === amount;
    return [isLikeNear ? 0 : 1, Number(isStanding), priceMax === null ? amount : -amount];
  };
  const named = sectionIds?.flatMap((id) => sectionOf(event, id) ?? []) ?? [...event.sections.keys()];
  const ranked = [...new Set(named)]
    .filter((section) => priceMax === null || lookOf(section).amount <= priceMax)
    .map((section) => ({ section, rank: rankOf(section) }))
    .sort(
      ({ rank: [a, b, c], section }, { rank: [d, e, f], section: other }) =>
        a - d || b - e || c - f || section - other,
    );
  const groups = new Map<string, number[]>();
  for (const { section, rank } of ranked) {
    const key = rank.join(' ');
    groups.set(key, [...(groups.get(key) ?? []), section]);
  }
  return [...groups.values()];
}

/** The index of the section with this id. */
function sectionOf(event: Event, id: string): number | undefined {
  const section = sectionIndexIn(event.id, id);
  return section === undefined || event.sections[section] === undefined ? undefined : section;
}

/** Seats that the user picked: all of them or none. */
function pickedSeats(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  seatNumbers: readonly number[],
  now: Date,
): WishResult {
  const fault = faultOfPick(draft, occupancy, userId, seatNumbers, now);
  if (fault === null) return { seatNumbers, adjacency: null };
  const avoidsOrphans = draft.event.orphanRule === 'refuse';
  return {
    refusal: () => ({
      ...fault,
      offers: offersNear(occupancy, seatNumbers, { sectionGroups: null, avoidsOrphans }),
      largestBlock: occupancy.largestFreeBlock(null),
    }),
  };
}

/** Why these seats cannot be locked for the user now; null if they can. */
export function faultOfPick(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  seatNumbers: readonly number[],
  now: Date,
): PickFault | null {
  const lostSeats = seatNumbers.filter((seat) => isTaken(draft, userId, seat, now));
  if (lostSeats.length > 0) return { code: 'seatsTaken', lostSeats, orphanSeats: [] };
  const ownSeats = holdingLocks(draft, userId, now).map(({ seatNumber }) => seatNumber);
  if (companionsWithoutWheelchair(occupancy.geometry, seatNumbers, ownSeats).length > 0) {
    return { code: 'companionOnly', lostSeats: [], orphanSeats: [] };
  }
  const orphanSeats = draft.event.orphanRule === 'refuse' ? orphansLeftBy(occupancy, seatNumbers) : [];
  return orphanSeats.length > 0 ? { code: 'leavesOrphan', lostSeats: [], orphanSeats } : null;
}

function requireSeat(event: Event, seatNumber: number, field: string): void {
  if (hasSeat(event, seatNumber)) return;
  const { totalSeats } = event;
  throw badUserInput(field, `The event's seats are numbered 1 to ${totalSeats}.`, { totalSeats });
}
