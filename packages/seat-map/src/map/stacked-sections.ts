import { distancesAlong, widthOf } from '../../../../src/catalog/seat-positions.js';
import { type Arrangement, type NameSpot, SeatPositions } from './arrangement.js';
import type { Bounds } from './geometry.js';
import type { Seating, Section } from './seating.js';

/**
 * Arranges sections without positions: one behind the other, their rows centred, or side by side where that fills the map
 * better. Everything is first laid out straight, and then bends around the stage: each point is lifted by a parabola of its
 * distance from the middle.
 */

/** A section, or a part of a very deep or very wide one. */
interface Part {
  readonly section: Section;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
}

/** A part with its top left corner before the bend. */
interface Bay extends Part {
  readonly left: number;
  readonly top: number;
}

/** Between two bays side by side: a gangway, and room for the rows' labels. */
const GANGWAY = 3;
/** Above a bay: a gangway, and room for the section's name. */
const HEADER = 3;
/** Above each further part of a row that is continued below. */
const CONTINUED = 1;
/** Rows divided by seats per row. A section above this is split into bays side by side. */
const DEPTH_MAX = 2.5;
const BAY_DEPTH = 1.5;
/** Rows continue below if they have more seats than this, and seats divided by rows exceeds BREADTH_MAX: as one line they would be too thin to see. */
const COLUMNS_MAX = 200;
const BREADTH_MAX = 40;
/** The wanted ratio of width to height: that of most screens' map area. */
const ASPECT = 1.2;
/** Penalty for sections side by side: in most venues they are behind each other. */
const SIDE_BY_SIDE_MISS = 0.4;
/** How far the outermost seats are lifted towards the stage, as a share of the width and of the height. */
const BEND_OF_WIDTH = 0.07;
const BEND_OF_HEIGHT = 0.16;
/** The size of a standing area, which says nothing about how many fit. */
const STANDING_WIDTH_MIN = 16;
const STANDING_WIDTH_MAX = 60;
const STANDING_RATIO = 4;

export function arrangeStacked({ sections, totalSeats }: Seating): Arrangement {
  const lines = bestLines(partsOf(sections));
  const width = extentOf(lines.map(lineWidth));
  const height = heightOf(lines);
  const lift = Math.min(width * BEND_OF_WIDTH, height * BEND_OF_HEIGHT);
  const bend = width === 0 ? 0 : lift / (width / 2) ** 2;
  const seats = new SeatPositions(totalSeats);
  const nameSpots: NameSpot[] = [];
  const areas = new Map<number, Bounds>();
  for (const bay of bays(lines)) {
    const { section, left, top, columns, rows } = bay;
    const box = { left, top, right: left + columns, bottom: top + rows };
    nameSpots[section.index] ??= box;
    if (section.kind === 'standing') {
      areas.set(section.index, box);
      const [x, y] = [left + columns / 2, top + rows / 2];
      for (let seat = section.firstSeatNumber; seat <= section.lastSeatNumber; seat++) seats.put(seat, x, y);
    } else placeBay(seats, bay, bend);
  }
  return { seats, nameSpots, areas, bend };
}

function placeBay(seats: SeatPositions, bay: Bay, bend: number): void {
  const { section, firstRow, firstColumn, columns, left, top } = bay;
  const isWhole = columns >= lengthOf(section);
  for (let index = 0; index < bay.rows; index++) {
    const row = section.rows[firstRow + index];
    if (row === undefined) return;
    const start = left + 0.5 + (isWhole ? (columns - widthOf(row)) / 2 : -firstColumn);
    const last = isWhole ? row.seats : Math.min(row.seats, firstColumn + columns);
    const along = row.aislesAfter.length === 0 ? undefined : distancesAlong(row);
    for (let column = firstColumn; column < last; column++) {
      const x = start + (along?.[column] ?? column);
      seats.put(row.firstSeatNumber + column, x, top + index + 0.5 - bend * x * x);
    }
  }
}

/** Of the section's longest row. */
const lengthOf = ({ rows }: Section): number =>
  rows.reduce((longest, row) => Math.max(longest, widthOf(row)), 0);

function partsOf(sections: readonly Section[]): Part[] {
  const longest = extentOf(sections.map(lengthOf));
  return sections.flatMap((section) => {
    if (section.kind === 'standing') {
      const columns = Math.round(Math.max(STANDING_WIDTH_MIN, Math.min(STANDING_WIDTH_MAX, longest)));
      const rows = Math.round(columns / STANDING_RATIO);
      return [{ section, firstRow: 0, rows, firstColumn: 0, columns }];
    }
    return partsOfSection(section);
  });
}

function partsOfSection(section: Section): Part[] {
  const rows = section.rows.length;
  const length = lengthOf(section);
  const rowsOfBay = Math.ceil(rows / deepParts(rows, length));
  const isUniform = section.rows.every(({ aislesAfter }) => aislesAfter.length === 0);
  const columnsOfBay = Math.ceil(length / (isUniform ? wideParts(rows, length) : 1));
  const parts: Part[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += rowsOfBay) {
    for (let firstColumn = 0; firstColumn < length; firstColumn += columnsOfBay) {
      const columns = Math.min(columnsOfBay, length - firstColumn);
      parts.push({ section, firstRow, rows: Math.min(rowsOfBay, rows - firstRow), firstColumn, columns });
    }
  }
  return parts;
}

function deepParts(rows: number, length: number): number {
  const depth = rows / length;
  return depth > DEPTH_MAX ? Math.ceil(Math.sqrt(depth / BAY_DEPTH)) : 1;
}

/** Arranged one below the other, the parts come close to the wanted ratio. */
function wideParts(rows: number, length: number): number {
  if (length <= COLUMNS_MAX || length / rows <= BREADTH_MAX) return 1;
  return Math.max(1, Math.round(Math.sqrt(length / (ASPECT * (rows + CONTINUED)))));
}

/** Arranges the parts in order, with as many per line as bring the map closest to the wanted ratio. */
function bestLines(parts: readonly Part[]): Part[][] {
  let best: { lines: Part[][]; miss: number } | undefined;
  for (let perLine = 1; perLine <= parts.length; perLine++) {
    const lines: Part[][] = [];
    for (let at = 0; at < parts.length; at += perLine) lines.push(parts.slice(at, at + perLine));
    const shapeMiss = Math.abs(Math.log(extentOf(lines.map(lineWidth)) / heightOf(lines) / ASPECT));
    const miss = shapeMiss + (perLine > 1 ? SIDE_BY_SIDE_MISS : 0);
    if (best === undefined || miss < best.miss) best = { lines, miss };
  }
  return best?.lines ?? [];
}

const extentOf = (lengths: readonly number[]) => lengths.reduce((most, length) => Math.max(most, length), 0);
const lineWidth = (line: readonly Part[]) =>
  line.reduce((width, { columns }) => width + columns, 0) + GANGWAY * (line.length - 1);
const lineHeight = (line: readonly Part[]) => extentOf(line.map(({ rows }) => rows));
const heightOf = (lines: readonly Part[][]) =>
  lines.reduce((height, line) => height + gapAbove(line) + lineHeight(line), 0);
const gapAbove = (line: readonly Part[]) =>
  line.every(({ firstColumn }) => firstColumn > 0) ? CONTINUED : HEADER;

function bays(lines: readonly Part[][]): Bay[] {
  const placed: Bay[] = [];
  let top = 0;
  for (const line of lines) {
    top += gapAbove(line);
    let left = -lineWidth(line) / 2;
    for (const part of line) {
      placed.push({ ...part, left, top });
      left += part.columns + GANGWAY;
    }
    top += lineHeight(line);
  }
  return placed;
}
