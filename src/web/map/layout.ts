import type { Seating, Section } from './seating.js';

/**
 * Where every seat is drawn, in units of one seat with its gap. Rows stand behind each other and bend around the stage:
 * everything is first laid out straight, and then each point is lifted by a parabola of its distance from the middle.
 * Finding the seat at a point is therefore arithmetic, however many seats there are.
 */

/** A block of rows that stand behind each other: a section, or a part of a very deep or a very wide one. */
export interface Bay {
  readonly section: Section;
  readonly firstRow: number;
  readonly rows: number;
  readonly firstColumn: number;
  readonly columns: number;
  /** Of its corner, before the bend. */
  readonly left: number;
  readonly top: number;
}

export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The stage's sides stand at equal distances from the middle; its front bends as the rows do. */
export interface Stage {
  readonly halfWidth: number;
  readonly depth: number;
  /** Of its front, in the middle. */
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
/** Where the stage ends, in the middle: the first bays begin a header further. */
const STAGE_BOTTOM = 0.7;
const STAGE_DEPTH_MIN = 1.5;
/** As parts of half of the whole width. */
const STAGE_DEPTH = 0.05;
const STAGE_HALF_WIDTH = 0.45;
/** Above the next part of rows that are continued. */
const CONTINUED = 1;
const MARGIN = 2;
/** A section deeper than this, in rows for each seat of a row, is split into bays side by side. */
const DEPTH_MAX = 2.5;
const BAY_DEPTH = 1.5;
/** Rows longer than both of these, the second in seats for each row, are continued below: as one line they would be too thin to be seen. */
const COLUMNS_MAX = 200;
const BREADTH_MAX = 40;
/** Width to height that the whole should come near: that of most screens' larger part. */
const ASPECT = 1.2;
/** What it costs to put sections side by side: most halls have them one behind the other. */
const SIDE_BY_SIDE_MISS = 0.4;
/** How far the outermost seats are lifted towards the stage, as a part of the width and of the height. */
const BEND_OF_WIDTH = 0.07;
const BEND_OF_HEIGHT = 0.16;

export class Layout {
  readonly bays: readonly Bay[];
  readonly bounds: Bounds;
  readonly stage: Stage;
  readonly #bend: number;
  /** Of each section, by row and then by column. */
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

  /** How high the name of a bay's row stands, at this distance from the middle: level with the nearest of its seats. */
  rowNameHeight(bay: Bay, row: number, x: number): number {
    const column = Math.max(0, Math.min(bay.columns - 1, Math.floor(x - bay.left)));
    return bay.top + row + 0.5 - this.liftAt(bay.left + column + 0.5);
  }

  /** The seat nearest to a point, by bays: exact where the point is in one, and near enough where it is in none. */
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

  /** The seat at a point, gaps counted to their seats; null between bays. */
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

  /** What a section takes up, with its name above it and its rows' letters beside it. */
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

/** One below the other, they come near to the shape that the whole should have. */
function wideParts(rows: number, seatsPerRow: number): number {
  if (seatsPerRow <= COLUMNS_MAX || seatsPerRow / rows <= BREADTH_MAX) return 1;
  return Math.max(1, Math.round(Math.sqrt(seatsPerRow / (ASPECT * (rows + CONTINUED)))));
}

/** The parts in their order, as many to a line as bring the whole nearest to the wanted shape. */
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
