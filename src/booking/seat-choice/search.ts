import type { Point } from '../../catalog/seat-positions.js';
import type { FreeSeats } from './free-seats.js';

/** What the parts of one choice have in common. */
export interface Search {
  readonly free: FreeSeats;
  readonly quantity: number;
  /** Those that may be chosen from, in their order. */
  readonly sections: readonly number[];
  /** Where the seats should be near to; null for the focus of the section that they are in. */
  readonly aim: Point | null;
  /** The nearest block comes before the one in the tightest free run. */
  readonly nearestFirst: boolean;
}

export const aimIn = ({ aim, free }: Search, section: number): Point => aim ?? free.geometry.focusOf(section);

export const squareOfDistance = (one: Point, other: Point): number =>
  (one.x - other.x) * (one.x - other.x) + (one.y - other.y) * (one.y - other.y);

/** The first `count` free places of a standing section. */
export function freePlaces({ free }: Search, section: number, count: number): number[] {
  const last = free.geometry.sectionLast[section] as number;
  const places: number[] = [];
  let place = (free.geometry.sectionFirst[section] as number) - 1;
  while (places.length < count) {
    place = free.nextFree(place + 1, last);
    if (place === -1) break;
    places.push(place);
  }
  return places;
}

export const middleOf = (one: Point, other: Point): Point => ({
  x: (one.x + other.x) / 2,
  y: (one.y + other.y) / 2,
});

/** The middle of neighbouring seats, or of a row. */
export const middleOfSeats = ({ free: { geometry } }: Search, first: number, seats: number): Point =>
  middleOf(geometry.positionOf(first + ((seats - 1) >> 1)), geometry.positionOf(first + (seats >> 1)));
