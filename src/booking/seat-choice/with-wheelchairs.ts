import type { Point } from '../../catalog/seat-positions.js';
import { companionsBeside, companionsWithoutWheelchair } from '../companion-seats.js';
import { NEAR_ROWS_MAX } from './apart.js';
import { newOrphans } from './orphans.js';
import { aimIn, middleOfSeats, type Search, squareOfDistance } from './search.js';

/** Wheelchair seats around which one search tries to find the others, the nearest ones. */
const CENTRES_TRIED_MAX = 50;

/** A search for a party in which some need a wheelchair seat. */
export interface WheelchairSearch extends Search {
  readonly wheelchairs: number;
}

/**
 * A block of neighbours with exactly that many wheelchair seats. Best is the one that leaves no orphan, then has the most
 * companion seats, then is in the tightest sequence of free seats, then is nearest, then has the lowest number.
 */
export function chooseWheelchairBlock(search: WheelchairSearch): number[] | null {
  const { free, quantity } = search;
  const { geometry } = free;
  let best: { seats: number[]; order: number[] } | null = null;
  let first = 0;
  let last = 0;
  let tried = 0;
  for (const wheelchair of freeOf(search, geometry.wheelchairSeats)) {
    // The ends of its sequence of free seats, unless the wheelchair seat before it has the same ones.
    if (wheelchair > last) {
      first = last = wheelchair;
      while (free.hasFreeBefore(first)) first -= 1;
      while (free.hasFreeAfter(last)) last += 1;
    }
    const from = Math.max(first, wheelchair - quantity + 1, tried + 1);
    const to = Math.min(wheelchair, last - quantity + 1);
    tried = Math.max(tried, to);
    for (let seat = from; seat <= to; seat++) {
      const seats = Array.from({ length: quantity }, (_, index) => seat + index);
      if (!hasItsWheelchairs(search, seats)) continue;
      const order = [
        newOrphans(free, seats).length,
        -seats.filter((each) => geometry.isCompanion(each)).length,
        last - first,
        squareOfDistance(
          middleOfSeats(search, seat, quantity),
          aimIn(search, geometry.sectionOf[seat] as number),
        ),
        seat,
      ];
      if (best === null || isBefore(order, best.order)) best = { seats, order };
    }
  }
  return best?.seats ?? null;
}

/** Seats of one row that need not be neighbours, with exactly that many wheelchair seats, around one of these. */
export const chooseWheelchairRow = (search: WheelchairSearch): number[] | null => chooseInRows(search, 1);

/** The same in a few neighbouring rows of one section. */
export const chooseWheelchairRows = (search: WheelchairSearch): number[] | null =>
  chooseInRows(search, NEAR_ROWS_MAX);

/**
 * Wheelchair seats anywhere, their companion seats, and other seats.
 * @param chooseOthers chooses ordinary seats around a point
 */
export function chooseWheelchairAnywhere(
  search: WheelchairSearch,
  chooseOthers: (quantity: number, around: Point) => readonly number[] | null,
): number[] | null {
  const { geometry } = search.free;
  const reserved = freeOf(search, [...geometry.wheelchairSeats, ...geometry.companionSeats]);
  for (const centre of centresOf(search)) {
    const party = partyOf(search, nearestFirst(search, reserved, centre));
    if (party === null) return null;
    const missing = search.quantity - party.length;
    const others = missing === 0 ? [] : chooseOthers(missing, geometry.positionOf(centre));
    if (others !== null) return [...party, ...others].sort((a, b) => a - b);
  }
  return null;
}

function chooseInRows(search: WheelchairSearch, rows: number): number[] | null {
  const { rowOf, rowFirst, rowLast, sectionOf, sectionFirstRow } = search.free.geometry;
  for (const centre of centresOf(search)) {
    const row = rowOf[centre] as number;
    const section = sectionOf[centre] as number;
    const from = Math.max(sectionFirstRow[section] as number, row - rows + 1);
    for (let first = from; first <= row; first++) {
      const last = Math.min(first + rows, sectionFirstRow[section + 1] as number) - 1;
      const seats: number[] = [];
      for (let seat = rowFirst[first] as number; seat <= (rowLast[last] as number); seat++) seats.push(seat);
      const party = partyOf(search, nearestFirst(search, freeOf(search, seats), centre));
      if (party?.length === search.quantity) return party.sort((a, b) => a - b);
    }
  }
  return null;
}

/** The first wheelchair seats, then the first companion seats beside them, then the first ordinary seats. */
function partyOf(search: WheelchairSearch, seats: readonly number[]): number[] | null {
  const { geometry } = search.free;
  const wheelchairs = seats.filter((seat) => geometry.isWheelchair(seat)).slice(0, search.wheelchairs);
  if (wheelchairs.length < search.wheelchairs) return null;
  const beside = companionsBeside(geometry, wheelchairs);
  const companions = seats.filter((seat) => beside.has(seat));
  const ordinary = seats.filter((seat) => geometry.isOrdinary(seat));
  return [...wheelchairs, ...companions, ...ordinary].slice(0, search.quantity);
}

function hasItsWheelchairs({ free: { geometry }, wheelchairs }: WheelchairSearch, seats: number[]): boolean {
  return (
    seats.filter((seat) => geometry.isWheelchair(seat)).length === wheelchairs &&
    companionsWithoutWheelchair(geometry, seats, []).length === 0
  );
}

function freeOf({ free, sections }: Search, seats: readonly number[]): number[] {
  const allowed = new Set(sections);
  return seats.filter((seat) => free.has(seat) && allowed.has(free.geometry.sectionOf[seat] as number));
}

/** The free wheelchair seats that are nearest to the aim. */
function centresOf(search: WheelchairSearch): number[] {
  const { geometry } = search.free;
  return freeOf(search, geometry.wheelchairSeats)
    .map((seat) => ({
      seat,
      distance: squareOfDistance(
        geometry.positionOf(seat),
        aimIn(search, geometry.sectionOf[seat] as number),
      ),
    }))
    .sort((a, b) => a.distance - b.distance || a.seat - b.seat)
    .slice(0, CENTRES_TRIED_MAX)
    .map(({ seat }) => seat);
}

function nearestFirst({ free: { geometry } }: Search, seats: readonly number[], centre: number): number[] {
  const around = geometry.positionOf(centre);
  const distanceTo = (seat: number) => squareOfDistance(geometry.positionOf(seat), around);
  return seats.toSorted((a, b) => distanceTo(a) - distanceTo(b) || a - b);
}

function isBefore(order: readonly number[], other: readonly number[]): boolean {
  const index = order.findIndex((value, place) => value !== other[place]);
  return index !== -1 && (order[index] as number) < (other[index] as number);
}
