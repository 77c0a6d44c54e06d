import type { Seating, Section } from './seating.js';

/**
 * Where every seat is drawn, in units of one seat with its gap. Rows are behind each other and bend around the stage: everything
 * is first laid out straight, and then each point is lifted by a parabola of its distance from the middle. So the seat at a point
 * is found by arithmetic, without a search.
 */

/** A block of rows behind each other: a section, or a part of a very deep or very wide one. */
export interface Bay {
  readonly section: Section;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
  /** Its top left corner before the bend. */
  readonly left: number;
  readonly top: number;
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The stage is symmetric around the middle. Its front bends as the rows do. */
export interface Stage {
  readonly halfWidth: number;
  readonly depth: number;
  /** The position of its front, in the middle. */
  readonly bottom: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Between two bays side by side: a gangway, and room for the rows' letters. */
const GANGWAY = 3;
/** Above a bay: a gangway, and room for the section's name. */
const HEADER = 3;
/** Where the stage ends in the middle. The first bays begin one header below. */
const STAGE_BOTTOM = 0.7;
const STAGE_DEPTH_MIN = 1.5;
/** Shares of half of the map's width. */
const STAGE_DEPTH = 0.05;
const STAGE_HALF_WIDTH = 0.45;
/** Above each further part of a row that is continued below. */
const CONTINUED = 1;
const MARGIN = 2;
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

export class Layout {
  readonly bays: readonly Bay[];
  readonly bounds: Bounds;
  readonly stage: Stage;
  readonly #bend: number;
  /** The bays of each section, by row and then by column. */
  readonly #baysOfSection: readonly (readonly Bay[])[];

  constructor(readonly seating: Seating) {
    const lines = bestLines(seating.sections.flatMap(partsOf));
    const width = widthOf(lines);
    const height = heightOf(lines);
    const halfWidth = width / 2;
    const lift = Math.min(width * BEND_OF_WIDTH, height * BEND_OF_HEIGHT);
    this.#bend = halfWidth === 0 ? 0 : lift / halfWidth ** 2;
    const depth = Math.max(STAGE_DEPTH_MIN, halfWidth * STAGE_DEPTH);
    this.stage = { halfWidth: halfWidth * STAGE_HALF_WIDTH, depth, bottom: STAGE_BOTTOM };
    const stageTop = STAGE_BOTTOM - depth - this.liftAt(this.stage.halfWidth);
    this.bays = place(lines);
    this.#baysOfSection = seating.sections.map((section) =>
      this.bays.filter((bay) => bay.section === section),
    );
    this.bounds = {
      left: -halfWidth - MARGIN,
      right: halfWidth + MARGIN,
      top: Math.min(stageTop, HEADER - lift) - MARGIN / 2,
      bottom: height + MARGIN / 2,
    };
  }

  /** How far a point at this distance from the middle is lifted. */
  liftAt(x: number): number {
    return this.#bend * x * x;
  }

  /** The middle of a seat. */
  positionOf(seatNumber: number): Point {
    const { section, row, column } = this.seating.placeOf(seatNumber);
    const bay = this.bayOf(section, row, column);
    const x = bay.left + (column - bay.firstColumn) + 0.5;
    return { x, y: bay.top + (row - bay.firstRow) + 0.5 - this.liftAt(x) };
  }

  bayOf(section: Section, row: number, column: number): Bay {
    const bays = this.#baysOfSection[section.index] as readonly Bay[];
    const first = bays[0] as Bay;
    const bandsOfRow = Math.ceil(section.seatsPerRow / first.columns);
    return bays[Math.floor(row / first.rows) * bandsOfRow + Math.floor(column / first.columns)] as Bay;
  }

  /** The height of a row's name at this distance from the middle: level with the nearest seat of the row. */
  rowNameHeight(bay: Bay, row: number, x: number): number {
    const column = Math.max(0, Math.min(bay.columns - 1, Math.floor(x - bay.left)));
    return bay.top + row + 0.5 - this.liftAt(bay.left + column + 0.5);
  }

  /** The seat nearest to a point: exact within a bay, approximate outside. */
  nearestSeat({ x, y }: Point): number {
    let nearest = 1;
    let least = Number.POSITIVE_INFINITY;
    for (const bay of this.bays) {
      const column = Math.max(0, Math.min(bay.columns - 1, Math.floor(x - bay.left)));
      const lift = this.liftAt(bay.left + column + 0.5);
      const row = Math.max(0, Math.min(bay.rows - 1, Math.floor(y + lift - bay.top)));
      const seat = this.seating.seatAt(bay.section, bay.firstRow + row, bay.firstColumn + column);
      if (seat === null) continue;
      const distance = Math.hypot(bay.left + column + 0.5 - x, bay.top + row + 0.5 - lift - y);
      if (distance >= least) continue;
      least = distance;
      nearest = seat;
    }
    return nearest;
  }

  /** The seat at a point, or null between bays. Gaps belong to their seats. */
  seatAt({ x, y }: Point): number | null {
    const straight = y + this.liftAt(x);
    for (const bay of this.bays) {
      const column = Math.floor(x - bay.left);
      const row = Math.floor(straight - bay.top);
      if (column < 0 || column >= bay.columns || row < 0 || row >= bay.rows) continue;
      return this.seating.seatAt(bay.section, bay.firstRow + row, bay.firstColumn + column);
    }
    return null;
  }

  /** The area of a section, with its name above and its rows' letters beside it. */
  boundsOfSection(section: Section): Bounds {
    const bays = this.#baysOfSection[section.index] as readonly Bay[];
    const boxes = bays.map((bay) => this.boundsOfBay(bay));
    return {
      left: Math.min(...boxes.map(({ left }) => left)) - MARGIN,
      right: Math.max(...boxes.map(({ right }) => right)) + MARGIN,
      top: Math.min(...boxes.map(({ top }) => top)) - HEADER / 2,
      bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
    };
  }

  boundsOfBay({ left, top, columns, rows }: Bay): Bounds {
    const right = left + columns;
    const lifts = [this.liftAt(left), this.liftAt(right), left < 0 && right > 0 ? 0 : this.liftAt(left)];
    return { left, right, top: top - Math.max(...lifts), bottom: top + rows - Math.min(...lifts) };
  }
}

type Part = Omit<Bay, 'left' | 'top'>;

function partsOf(section: Section): Part[] {
  const { rows, seatsPerRow } = section;
  const rowsOfBay = Math.ceil(rows / deepParts(rows, seatsPerRow));
  const columnsOfBay = Math.ceil(seatsPerRow / wideParts(rows, seatsPerRow));
  const parts: Part[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += rowsOfBay) {
    for (let firstColumn = 0; firstColumn < seatsPerRow; firstColumn += columnsOfBay) {
      const columns = Math.min(columnsOfBay, seatsPerRow - firstColumn);
      parts.push({ section, firstRow, rows: Math.min(rowsOfBay, rows - firstRow), firstColumn, columns });
    }
  }
  return parts;
}

function deepParts(rows: number, seatsPerRow: number): number {
  const depth = rows / seatsPerRow;
  return depth > DEPTH_MAX ? Math.ceil(Math.sqrt(depth / BAY_DEPTH)) : 1;
}

/** Arranged one below the other, the parts come close to the wanted ratio. */
function wideParts(rows: number, seatsPerRow: number): number {
  if (seatsPerRow <= COLUMNS_MAX || seatsPerRow / rows <= BREADTH_MAX) return 1;
  return Math.max(1, Math.round(Math.sqrt(seatsPerRow / (ASPECT * (rows + CONTINUED)))));
}

/** Arranges the parts in order, with as many per line as bring the map closest to the wanted ratio. */
function bestLines(parts: readonly Part[]): Part[][] {
  let best: { lines: Part[][]; miss: number } | undefined;
  for (let perLine = 1; perLine <= parts.length; perLine++) {
    const lines: Part[][] = [];
    for (let at = 0; at < parts.length; at += perLine) lines.push(parts.slice(at, at + perLine));
    const shapeMiss = Math.abs(Math.log(widthOf(lines) / heightOf(lines) / ASPECT));
    const miss = shapeMiss + (perLine > 1 ? SIDE_BY_SIDE_MISS : 0);
    if (best === undefined || miss < best.miss) best = { lines, miss };
  }
  return best?.lines ?? [];
}

const lineWidth = (line: readonly Part[]) =>
  line.reduce((width, { columns }) => width + columns, 0) + GANGWAY * (line.length - 1);
const lineHeight = (line: readonly Part[]) => Math.max(...line.map(({ rows }) => rows));
const widthOf = (lines: readonly Part[][]) => Math.max(0, ...lines.map(lineWidth));
const heightOf = (lines: readonly Part[][]) =>
  lines.reduce((height, line) => height + gapAbove(line) + lineHeight(line), 0);
const gapAbove = (line: readonly Part[]) =>
  line.every(({ firstColumn }) => firstColumn > 0) ? CONTINUED : HEADER;

function place(lines: readonly Part[][]): Bay[] {
  const bays: Bay[] = [];
  let top = 0;
  for (const line of lines) {
    top += gapAbove(line);
    let left = -lineWidth(line) / 2;
    for (const part of line) {
      bays.push({ ...part, left, top });
      left += part.columns + GANGWAY;
    }
    top += lineHeight(line);
  }
  return bays;
}
