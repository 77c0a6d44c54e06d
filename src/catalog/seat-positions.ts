import type { PlannedSection, Row, SeatingPlan } from './seating-plan.js';

/** Between two sections that are one behind the other, in seat widths. */
export const SECTION_GAP = 3;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the seats are in the hall, in seat widths; y grows away from the stage. Indexed by seat number. */
export interface SeatPositions {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** Of a section that is still at the hall's corner. */
interface Extent {
  readonly width: number;
  readonly depth: number;
}

/**
 * Sections without an area are one behind the other, with their middles in one line. Rows without a position are centred
 * in their section. All places of a standing section are in its middle.
 */
export function positionsOf(plan: SeatingPlan): SeatPositions {
  const x = new Float64Array(plan.totalSeats + 1);
  const y = new Float64Array(plan.totalSeats + 1);
  let nextY = 0;
  for (const section of plan.sections) {
    const { width, depth } =
      section.kind === 'standing' ? standingExtent(section, x, y) : placeRows(section, x, y);
    const { area } = section;
    const corner = area ?? { x: -width / 2, y: nextY };
    for (let seat = section.firstSeatNumber; seat < section.firstSeatNumber + section.seats; seat++) {
      x[seat] = (x[seat] as number) + corner.x;
      y[seat] = (y[seat] as number) + corner.y;
    }
    nextY = Math.max(nextY, corner.y + (area?.height ?? depth) + SECTION_GAP);
  }
  return { x, y };
}

/** Without an area it is a square with one place on each square seat width. */
function standingExtent(section: PlannedSection, x: Float64Array, y: Float64Array): Extent {
  const side = Math.ceil(Math.sqrt(section.seats));
  const width = section.area?.width ?? side;
  const depth = section.area?.height ?? side;
  const end = section.firstSeatNumber + section.seats;
  x.fill(width / 2, section.firstSeatNumber, end);
  y.fill(depth / 2, section.firstSeatNumber, end);
  return { width, depth };
}

function placeRows({ rows, area }: PlannedSection, x: Float64Array, y: Float64Array): Extent {
  let width = 0;
  for (const row of rows) {
    if (row.position === null) continue;
    placeRow(row, row.position, x, y);
    for (let seat = row.firstSeatNumber; seat < row.firstSeatNumber + row.seats; seat++) {
      width = Math.max(width, x[seat] as number);
    }
  }
  width = area?.width ?? width;
  let rowY = -1;
  let depth = 0;
  for (const row of rows) {
    rowY = row.position?.y ?? rowY + 1;
    if (row.position === null) {
      placeRow(row, { x: (width - row.seats + 1) / 2, y: rowY, angle: 0, curve: 0 }, x, y);
    }
    for (let seat = row.firstSeatNumber; seat < row.firstSeatNumber + row.seats; seat++) {
      depth = Math.max(depth, (y[seat] as number) + 1);
    }
  }
  return { width, depth };
}

/** The line between the row's ends has one seat width a seat. A curved row is a parabola behind it. */
function placeRow(
  { firstSeatNumber, seats }: Row,
  { x: firstX, y: firstY, angle, curve }: NonNullable<Row['position']>,
  x: Float64Array,
  y: Float64Array,
): void {
  const cos = Math.cos((angle * Math.PI) / 180);
  const sin = Math.sin((angle * Math.PI) / 180);
  for (let index = 0; index < seats; index++) {
    const fromMiddle = seats === 1 ? 1 : (2 * index) / (seats - 1) - 1;
    const behind = curve * (1 - fromMiddle * fromMiddle);
    x[firstSeatNumber + index] = firstX + index * cos - behind * sin;
    y[firstSeatNumber + index] = firstY + index * sin + behind * cos;
  }
}
