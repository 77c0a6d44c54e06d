import { type Event, priceOfSection } from '../catalog/event.js';
import { badUserInput } from '../core/errors.js';
import { sectionIndexIn } from '../core/ids.js';
import { type Adjacency, type BestWish, chooseSeats } from './choose-seats.js';
import { companionsWithoutWheelchair } from './companion-seats.js';
import type { Draft } from './draft.js';
import { holdsSeat } from './lock.js';
import type { Occupancy } from './occupancy.js';
import { orphansLeftBy } from './orphans.js';
import { offersFor, offersNear } from './seat-offers.js';
import { isTaken } from './take-seats.js';

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

export type SeatRefusalCode = 'seatsTaken' | 'notTogether' | 'soldOut' | 'leavesOrphan' | 'companionOnly';

export type WishResult =
  | { readonly seatNumbers: readonly number[]; readonly adjacency: Adjacency | null }
  | { readonly refusal: SeatRefusal };

/**
 * Which seats the wish gets now.
 *
 * @param field the wish's name as the client wrote it
 * @throws BAD_USER_INPUT for a seat or section that the event does not have
 */
export function seatsOfWish(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  wish: SeatWish,
  now: Date,
  field: string,
): WishResult {
  return 'best' in wish
    ? bestSeats(draft.event, occupancy, wish.best, `${field}.best`)
    : pickedSeats(draft, occupancy, userId, wish.seatNumbers, now, `${field}.seatNumbers`);
}

function bestSeats(event: Event, occupancy: Occupancy, best: BestSeats, field: string): WishResult {
  if (best.nearSeat !== null) requireSeat(event, best.nearSeat, `${field}.nearSeat`);
  const wish: BestWish = {
    quantity: best.quantity,
    sections: allowedSections(event, best, field),
    nearSeat: best.nearSeat,
    adjacency: best.adjacency,
    wheelchairs: best.wheelchairs,
    avoidsOrphans: event.orphanRule === 'refuse',
  };
  const choice = chooseSeats(occupancy, wish);
  if (choice !== null) return choice;
  const code = chooseSeats(occupancy, { ...wish, adjacency: 'any' }) === null ? 'soldOut' : 'notTogether';
  return { refusal: { code, ...alternatives(occupancy, offersFor(occupancy, wish), wish.sections) } };
}

/** @returns null if every section is allowed */
function allowedSections(
  event: Event,
  { sectionIds, priceMax }: BestSeats,
  field: string,
): ReadonlySet<number> | null {
  if (sectionIds === null && priceMax === null) return null;
  const named = sectionIds?.map((id, index) => {
    const section = sectionIndexIn(event.id, id);
    if (section === undefined || event.sections[section] === undefined) {
      throw badUserInput(`${field}.sectionIds[${index}]`, 'The event has no section with this id.');
    }
    return section;
  });
  const sections = named ?? event.sections.keys();
  const isAffordable = (section: number) => {
    const price = priceOfSection(event, section);
    return priceMax === null || price === null || price.amount <= priceMax;
  };
  return new Set([...sections].filter(isAffordable));
}

/** Seats that the user picked: all of them or none. */
function pickedSeats(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  seatNumbers: readonly number[],
  now: Date,
  field: string,
): WishResult {
  const { event } = draft;
  seatNumbers.forEach((seat, index) => {
    requireSeat(event, seat, `${field}[${index}]`);
  });
  const refused = pickRefusal(draft, occupancy, userId, seatNumbers, now);
  return refused === null ? { seatNumbers, adjacency: null } : { refusal: refused };
}

/** Why these seats cannot be locked for the user now; null if they can. */
export function pickRefusal(
  draft: Draft,
  occupancy: Occupancy,
  userId: string,
  seatNumbers: readonly number[],
  now: Date,
): SeatRefusal | null {
  const avoidsOrphans = draft.event.orphanRule === 'refuse';
  const refusal = (code: SeatRefusalCode, named: Partial<SeatRefusal>): SeatRefusal => {
    const offers = offersNear(occupancy, seatNumbers, { sections: null, avoidsOrphans });
    return { code, ...alternatives(occupancy, offers, null), ...named };
  };
  const lostSeats = seatNumbers.filter((seat) => isTaken(draft, userId, seat, now));
  if (lostSeats.length > 0) return refusal('seatsTaken', { lostSeats });
  const own = draft.locksOfUser(userId).filter((lock) => holdsSeat(lock, now));
  const ownSeats = own.map(({ seatNumber }) => seatNumber);
  if (companionsWithoutWheelchair(occupancy.geometry, seatNumbers, ownSeats).length > 0) {
    return refusal('companionOnly', {});
  }
  const orphanSeats = avoidsOrphans ? orphansLeftBy(occupancy, seatNumbers) : [];
  return orphanSeats.length > 0 ? refusal('leavesOrphan', { orphanSeats }) : null;
}

/** What a refusal says besides its reason. */
function alternatives(
  occupancy: Occupancy,
  offers: readonly (readonly number[])[],
  sections: ReadonlySet<number> | null,
) {
  return { lostSeats: [], offers, largestBlock: occupancy.largestFreeBlock(sections), orphanSeats: [] };
}

function requireSeat({ totalSeats }: Event, seatNumber: number, field: string): void {
  if (seatNumber >= 1 && seatNumber <= totalSeats) return;
  throw badUserInput(field, `The event's seats are numbered 1 to ${totalSeats}.`, { totalSeats });
}
