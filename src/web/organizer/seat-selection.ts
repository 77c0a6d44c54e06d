import { countText, type Layout, type Seating } from 'seat-map/map';

/** What a press on a seat selects. `box`: two seats are the corners of a rectangle. */
export const SELECTION_MODES = ['seat', 'row', 'section', 'box'] as const;
export type SelectionMode = (typeof SELECTION_MODES)[number];

/** The seats that a press on this one selects. A place in a standing section stands for all places of it. */
export function seatsSelectedBy(
  mode: Exclude<SelectionMode, 'box'>,
  seat: number,
  seating: Seating,
): number[] {
  const { section, row } = seating.placeOf(seat);
  const { firstSeatNumber, lastSeatNumber } = section;
  if (mode === 'section' || section.kind === 'standing') return numbers(firstSeatNumber, lastSeatNumber);
  if (mode === 'seat') return [seat];
  const first = seating.seatAt(section, row, 0) ?? seat;
  return numbers(first, first + seating.rowLength(section, row) - 1);
}

/** In seat widths. Rows may be curved, so a rectangle has half of each seat at its edge as well. */
const MARGIN = 0.45;

/** The seats in the rectangle whose corners are these two. Standing sections have no single places on the map. */
export function seatsBetween(corner: number, opposite: number, layout: Layout): number[] {
  const [a, b] = [layout.positionOf(corner), layout.positionOf(opposite)];
  const isBetween = (at: number, one: number, other: number) =>
    at >= Math.min(one, other) - MARGIN && at <= Math.max(one, other) + MARGIN;
  return numbers(1, layout.seating.totalSeats).filter((seat) => {
    if (layout.seating.isStanding(seat)) return false;
    const { x, y } = layout.positionOf(seat);
    return isBetween(x, a.x, b.x) && isBetween(y, a.y, b.y);
  });
}

/** Adds the seats; if all of them are selected, removes them. */
export function withToggled(selected: ReadonlySet<number>, seats: readonly number[]): Set<number> {
  const isRemoval = seats.every((seat) => selected.has(seat));
  const changed = new Set(selected);
  for (const seat of seats) {
    if (isRemoval) changed.delete(seat);
    else changed.add(seat);
  }
  return changed;
}

/** Parts of the length that one call may have. */
export function inParts<Item>(items: readonly Item[], size: number): Item[][] {
  const parts: Item[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** "12 seats" */
export const seatsText = (count: number): string => `${countText(count)} ${count === 1 ? 'seat' : 'seats'}`;
