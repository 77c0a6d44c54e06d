import type { PlannedSection, Row, RowPosition, SeatingPlan } from './seating-plan.js';

/** Between two sections that are one behind the other, in seat widths. */
const SECTION_GAP = 3;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the seats are in the hall, in seat widths; y grows away from the stage. Indexed by seat number. */
export interface SeatPositions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** How far each seat is turned with its row, in degrees. */
  readonly turn: Float32Array;
  /** By section: around the middles of its seats and half a seat more, or its standing area. */
  readonly boxes: readonly Box[];
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Sections without an area come last, one behind the other, with their middles in one line. Rows without a position are
 * centred in their section. All places of a standing section are in its middle.
 */
export function positionsOf(plan: SeatingPlan): SeatPositions {
  const x = new Float64Array(plan.totalSeats + 1);
  const y = new Float64Array(plan.totalSeats + 1);
  const turn = new Float32Array(plan.totalSeats + 1);
  const put = (seat: number, seatX: number, seatY: number, seatTurn: number) => {
    x[seat] = seatX;
    y[seat] = seatY;
    turn[seat] = seatTurn;
  };
  // Each section from its own corner at first.
  const boxes = plan.sections.map((section) => {
    if (section.kind === 'standing') return placeStanding(section, put);
    placeRows(section, put);
    return boxOf(x, y, section);
  });
  const placed = plan.sections.flatMap(({ area }, index) =>
    area === null ? [] : [moved(boxes[index] as Box, area)],
  );
  const hall = placed.length === 0 ? { left: 0, right: 0, bottom: -SECTION_GAP } : extentOf(placed);
  let nextTop = hall.bottom + SECTION_GAP;
  for (const [index, { area, firstSeatNumber, seats }] of plan.sections.entries()) {
    const box = boxes[index] as Box;
    const corner = area ?? { x: (hall.left + hall.right - box.left - box.right) / 2, y: nextTop - box.top };
    if (area === null) nextTop += box.bottom - box.top + SECTION_GAP;
    boxes[index] = moved(box, corner);
    for (let seat = firstSeatNumber; seat < firstSeatNumber + seats; seat++) {
      x[seat] = (x[seat] as number) + corner.x;
      y[seat] = (y[seat] as number) + corner.y;
    }
  }
  return { x, y, turn, boxes };
}

type Put = (seat: number, x: number, y: number, turn: number) => void;

/** Without an area it is a square with one place on each square seat width. */
function placeStanding({ area, seats, firstSeatNumber }: PlannedSection, put: Put): Box {
  const side = Math.ceil(Math.sqrt(seats));
  const { width, height } = area ?? { width: side, height: side };
  for (let place = firstSeatNumber; place < firstSeatNumber + seats; place++) {
    put(place, width / 2, height / 2, 0);
  }
  return { left: 0, right: width, top: 0, bottom: height };
}

function placeRows({ rows, area }: PlannedSection, put: Put): void {
  const width = area?.width ?? rows.reduce((most, row) => Math.max(most, widthOf(row)), 0);
  let y = -0.5;
  for (const row of rows) {
    const centred = { x: (width - widthOf(row) + 1) / 2, y: y + 1, angle: 0, curve: 0 };
    const position = row.position ?? centred;
    y = position.y;
    placeRow(row, position, put);
  }
}

/** The line between the row's ends has one seat width a seat, and one an aisle. A curved row is a parabola behind it. */
function placeRow(row: Row, { x, y, angle, curve }: RowPosition, put: Put): void {
  const [sin, cos] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const length = widthOf(row) - 1;
  for (const [index, along] of distancesAlong(row).entries()) {
    const fromMiddle = length === 0 ? 1 : (2 * along) / length - 1;
    const behind = curve * (1 - fromMiddle * fromMiddle);
    const slope = length === 0 ? 0 : (-4 * curve * fromMiddle) / length;
    const turn = angle + (Math.atan(slope) * 180) / Math.PI;
    const seat = row.firstSeatNumber + index;
    put(seat, x + along * cos - behind * sin, y + along * sin + behind * cos, turn);
  }
}

/** In seat widths, with its aisles. */
export const widthOf = ({ seats, aislesAfter }: Row): number => seats + aislesAfter.length;

/** How far each seat of the row is from its first one. An aisle is as wide as a seat. */
export function distancesAlong({ seats, aislesAfter }: Row): number[] {
  const aisles = new Set(aislesAfter);
  let next = 0;
  return Array.from({ length: seats }, (_, index) => {
    const at = next;
    next += aisles.has(index + 1) ? 2 : 1;
    return at;
  });
}

function boxOf(x: Float64Array, y: Float64Array, { firstSeatNumber, seats }: PlannedSection): Box {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let seat = firstSeatNumber; seat < firstSeatNumber + seats; seat++) {
    left = Math.min(left, x[seat] as number);
    right = Math.max(right, x[seat] as number);
    top = Math.min(top, y[seat] as number);
    bottom = Math.max(bottom, y[seat] as number);
  }
  return { left: left - 0.5, right: right + 0.5, top: top - 0.5, bottom: bottom + 0.5 };
}

const moved = ({ left, right, top, bottom }: Box, { x, y }: Point): Box => ({
  left: left + x,
  right: right + x,
  top: top + y,
  bottom: bottom + y,
});

const extentOf = (boxes: readonly Box[]) => ({
  left: boxes.reduce((least, { left }) => Math.min(least, left), Infinity),
  right: boxes.reduce((most, { right }) => Math.max(most, right), -Infinity),
  bottom: boxes.reduce((most, { bottom }) => Math.max(most, bottom), -Infinity),
});
