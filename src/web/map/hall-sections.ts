import type { RowPosition } from '../../catalog/seating-plan.js';
import { type Arrangement, type NameSpot, SeatPositions, widthOf } from './arrangement.js';
import { type Bounds, boxAround, grown, moved } from './geometry.js';
import type { Seating, Section } from './seating.js';

/**
 * Arranges a plan by its own positions: sections at their areas, rows where the plan puts them. What has no position is
 * placed by the plan's rules: rows are centred, one behind the other, and sections without an area come last.
 */

/** Between two sections that are one behind the other. */
const SECTION_GAP = 3;
/** The size of a standing section without an area, which says nothing about how many fit. */
const STANDING = { left: 0, top: 0, right: 24, bottom: 8 };

/** @returns whether any section or row says where it is */
export const hasPositions = ({ plan }: Seating): boolean =>
  plan.sections.some(({ area, rows }) => area !== null || rows.some(({ position }) => position !== null));

export function arrangeHall({ sections, totalSeats }: Seating): Arrangement {
  const seats = new SeatPositions(totalSeats);
  // Every section from its own corner at first.
  const boxes = sections.map((section) => placeSection(section, seats));
  const placed = sections.flatMap(({ area, index }) =>
    area === null ? [] : [moved(boxes[index] as Bounds, area.x, area.y)],
  );
  const hall = placed.length === 0 ? { left: 0, right: 0, top: 0, bottom: -SECTION_GAP } : boxAround(placed);
  let nextTop = hall.bottom + SECTION_GAP;
  const corners = sections.map(({ area, index }) => {
    if (area !== null) return area;
    const { left, right, top, bottom } = boxes[index] as Bounds;
    const corner = { x: (hall.left + hall.right - left - right) / 2, y: nextTop - top };
    nextTop += bottom - top + SECTION_GAP;
    return corner;
  });
  const all = boxAround(
    boxes.map((box, index) => moved(box, corners[index]?.x ?? 0, corners[index]?.y ?? 0)),
  );
  const middle = (all.left + all.right) / 2;
  const nameSpots: NameSpot[] = [];
  const areas = new Map<number, Bounds>();
  for (const { index, kind, firstSeatNumber, lastSeatNumber } of sections) {
    const corner = corners[index] ?? { x: 0, y: 0 };
    const box = moved(boxes[index] as Bounds, corner.x - middle, corner.y);
    nameSpots.push(box);
    if (kind === 'standing') areas.set(index, box);
    for (let at = firstSeatNumber - 1; at < lastSeatNumber; at++) {
      seats.x[at] = (seats.x[at] as number) + corner.x - middle;
      seats.y[at] = (seats.y[at] as number) + corner.y;
    }
  }
  return { seats, nameSpots, areas, bend: 0 };
}

/** @returns the section's box, from its own corner */
function placeSection(
  { kind, area, rows, firstSeatNumber, lastSeatNumber }: Section,
  seats: SeatPositions,
): Bounds {
  if (kind === 'standing') {
    const box = area === null ? STANDING : { left: 0, top: 0, right: area.width, bottom: area.height };
    for (let seat = firstSeatNumber; seat <= lastSeatNumber; seat++) {
      seats.put(seat, box.right / 2, box.bottom / 2);
    }
    return box;
  }
  const width = area?.width ?? rows.reduce((most, row) => Math.max(most, widthOf(row)), 0);
  let y = -0.5;
  for (const row of rows) {
    const position: RowPosition = row.position ?? {
      x: (width - widthOf(row) + 1) / 2,
      y: y + 1,
      angle: 0,
      curve: 0,
    };
    y = position.y;
    seats.putRow(row, position);
  }
  return grown(seats.boxOf(firstSeatNumber, lastSeatNumber), 0.5);
}
