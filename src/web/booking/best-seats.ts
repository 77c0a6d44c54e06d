import type { SeatFeature } from '../../catalog/seating-plan.js';
import type { Layout } from '../map/layout.js';
import type { Seating, Section } from '../map/seating.js';

/** Seats for wheelchairs and their companions are picked by hand. */
const RESERVED: readonly SeatFeature[] = ['wheelchair', 'companion'];

/**
 * The section in which the server is asked for seats: of these that are not too dear, the dearest one with so many free seats
 * together. So section and price can be said before anything is held.
 *
 * @param priceMax in minor units; null for any price
 */
export function sectionFor(
  seating: Seating,
  sections: readonly Section[],
  quantity: number,
  priceMax: number | null,
  isFree: (seat: number) => boolean,
): Section | null {
  const amountOf = ({ price }: Section) => price?.amount ?? 0;
  const dearestFirst = sections
    .filter((section) => priceMax === null || amountOf(section) <= priceMax)
    .sort((a, b) => amountOf(b) - amountOf(a));
  return dearestFirst.find((section) => !blocksIn(seating, section, quantity, isFree).next().done) ?? null;
}

/** Blocks of free neighbouring seats, the nearest to the middle of the section's first row first. */
export function nearestBlocks(
  layout: Layout,
  section: Section,
  quantity: number,
  isFree: (seat: number) => boolean,
  countMax: number,
): number[][] {
  const [row] = section.rows;
  const middleOf = (first: number, last: number) => {
    const [one, other] = [layout.positionOf(first), layout.positionOf(last)];
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
  };
  const first = section.firstSeatNumber;
  const focus = middleOf(first, first + (row?.seats ?? 1) - 1);
  const distanceOf = (block: readonly number[]) => {
    const { x, y } = middleOf(block[0] as number, block.at(-1) as number);
    return Math.hypot(x - focus.x, y - focus.y);
  };
  return [...blocksIn(layout.seating, section, quantity, isFree)]
    .map((block) => ({ block, distance: distanceOf(block) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, countMax)
    .map(({ block }) => block);
}

/** All blocks of so many free neighbours; of a standing section one set of free places. */
function* blocksIn(
  seating: Seating,
  section: Section,
  quantity: number,
  isFree: (seat: number) => boolean,
): Generator<number[]> {
  const isToBeHad = (seat: number) =>
    isFree(seat) && !seating.featuresOf(seat).some((feature) => RESERVED.includes(feature));
  if (section.kind === 'standing') {
    const places: number[] = [];
    for (let place = section.firstSeatNumber; place <= section.lastSeatNumber; place++) {
      if (isFree(place)) places.push(place);
      if (places.length < quantity) continue;
      yield places;
      return;
    }
    return;
  }
  for (const { firstSeatNumber, seats, aislesAfter } of section.rows) {
    let block: number[] = [];
    for (let index = 0; index < seats; index++) {
      const seat = firstSeatNumber + index;
      block = isToBeHad(seat) ? [...block, seat].slice(-quantity) : [];
      if (block.length === quantity) yield block;
      if (aislesAfter.includes(index + 1)) block = [];
    }
  }
}
