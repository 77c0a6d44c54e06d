import type { MapState } from 'seat-map/map';
import { AVAILABLE, type Layout, type Seating, type Section } from 'seat-map/map';
import type { SeatFeature } from '../../catalog/seating-plan.js';

/** Seats for wheelchairs and their companions are picked by hand. */
const RESERVED: readonly SeatFeature[] = ['wheelchair', 'companion'];

/** What the search needs of a map. */
type FreeSeats = Pick<MapState, 'statusOf' | 'freeInSection' | 'freedInSection'>;

/**
 * The section in which the server is asked for seats: of these that are not too dear, the dearest one with so many free seats
 * together. So section and price can be said before anything is held.
 *
 * Remembers a block of each section, as it is asked after every message of the live map: a section is searched again once a
 * seat of its block is taken or, if it had no block, once one of its seats is free again.
 */
export class SectionForBestSeats {
  readonly #dearestFirst: readonly Section[];
  readonly #found = new Map<Section, { readonly block: readonly number[] | null; readonly freed: number }>();

  /** @param priceMax in minor units; null for any price */
  constructor(
    private readonly seating: Seating,
    sections: readonly Section[],
    private readonly quantity: number,
    priceMax: number | null,
  ) {
    const amountOf = ({ price }: Section) => price?.amount ?? 0;
    this.#dearestFirst = sections
      .filter((section) => priceMax === null || amountOf(section) <= priceMax)
      .sort((a, b) => amountOf(b) - amountOf(a));
  }

  find(state: FreeSeats): Section | null {
    return this.#dearestFirst.find((section) => this.#hasBlock(section, state)) ?? null;
  }

  #hasBlock(section: Section, state: FreeSeats): boolean {
    if (state.freeInSection(section.index) < this.quantity) return false;
    const isFree = (seat: number) => state.statusOf(seat) === AVAILABLE;
    const freed = state.freedInSection(section.index);
    const found = this.#found.get(section);
    if (found !== undefined && (found.block === null ? found.freed === freed : found.block.every(isFree))) {
      return found.block !== null;
    }
    const [block = null] = blocksIn(this.seating, section, this.quantity, isFree);
    this.#found.set(section, { block, freed });
    return block !== null;
  }
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
    const aisles = new Set(aislesAfter);
    let length = 0;
    for (let index = 0; index < seats; index++) {
      const seat = firstSeatNumber + index;
      length = isToBeHad(seat) ? length + 1 : 0;
      if (length >= quantity) yield Array.from({ length: quantity }, (_, at) => seat - quantity + 1 + at);
      if (aisles.has(index + 1)) length = 0;
    }
  }
}
