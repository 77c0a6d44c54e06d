import type { Row } from '../../../../src/catalog/seating-plan.js';
import type { Arrangement, NameSpot } from './arrangement.js';
import { type Bounds, boxAround, boxOfPoint, contains, grown, type Point } from './geometry.js';
import { arrangeHall, hasPositions } from './hall-sections.js';
import { SeatIndex } from './seat-index.js';
import type { Seating, Section } from './seating.js';
import { arrangeStacked } from './stacked-sections.js';

/** The stage is symmetric around the middle. Its front bends as the rows do. */
export interface Stage {
  readonly halfWidth: number;
  readonly depth: number;
  /** The position of its front, in the middle. */
  readonly bottom: number;
}

/** From the outermost seats to the edge of the map, with room for the rows' labels. */
const MARGIN = 2;
/** Between a section and the stage, and above a section: room for the section's name. */
const NAME_ROOM = 2.6;
/** From the stage's front to the first seats. */
const STAGE_GAP = 2.3;
const STAGE_DEPTH_MIN = 1.5;
/** Shares of half of the map's width. */
const STAGE_DEPTH = 0.05;
const STAGE_HALF_WIDTH = 0.45;
/** From this ratio of its height to its width on, a row is steep: it is not level with anything beside it. */
const STEEP = 0.6;
/** How many seats around one are shown with it. */
const NEIGHBOURS = 5;
/** From a seat's middle to its corner, with its gap. */
const HALF_DIAGONAL = Math.SQRT1_2;
/** From the middle of the seat at a row's end to the middle of the row's label. */
const ROW_LABEL_DISTANCE = 1.2;

/** Where everything on the map is drawn, in units of one seat with its gap, and what is at a point. */
export class Layout {
  readonly bounds: Bounds;
  readonly stage: Stage;
  readonly #arrangement: Arrangement;
  readonly #index: SeatIndex;
  /** By index of the section. */
  readonly #boxes: readonly Bounds[];

  constructor(readonly seating: Seating) {
    this.#arrangement = hasPositions(seating) ? arrangeHall(seating) : arrangeStacked(seating);
    const { seats, areas } = this.#arrangement;
    this.#boxes = seating.sections.map(
      ({ index, firstSeatNumber, lastSeatNumber }) =>
        areas.get(index) ?? grown(seats.boxOf(firstSeatNumber, lastSeatNumber), 0.5),
    );
    const box = boxAround(this.#boxes);
    this.#index = new SeatIndex(seats.x, seats.y, box, this.#seatsInRows());
    const halfWidth = Math.max(box.right, -box.left);
    const depth = Math.max(STAGE_DEPTH_MIN, halfWidth * STAGE_DEPTH);
    const stageHalfWidth = halfWidth * STAGE_HALF_WIDTH;
    const bottom = this.#frontOf(stageHalfWidth) - STAGE_GAP;
    this.stage = { halfWidth: stageHalfWidth, depth, bottom };
    this.bounds = {
      left: -halfWidth - MARGIN,
      right: halfWidth + MARGIN,
      top: Math.min(bottom - depth - this.liftAt(stageHalfWidth), box.top) - MARGIN / 2,
      bottom: box.bottom + MARGIN / 2,
    };
  }

  /** How far a point at this distance from the middle is lifted. */
  liftAt(x: number): number {
    return this.#arrangement.bend * x * x;
  }

  /** By seat number minus 1, for loops over very many seats. */
  get positions(): { readonly x: Float32Array; readonly y: Float32Array } {
    return this.#arrangement.seats;
  }

  /** The middle of a seat; for a place in a standing section, the middle of its area. */
  positionOf(seatNumber: number): Point {
    const { x, y } = this.#arrangement.seats;
    return { x: x[seatNumber - 1] as number, y: y[seatNumber - 1] as number };
  }

  /** How far a seat is turned, in degrees. */
  tiltOf(seatNumber: number): number {
    return this.#arrangement.seats.tilt[seatNumber - 1] as number;
  }

  /** By index of the section. */
  get standingAreas(): ReadonlyMap<number, Bounds> {
    return this.#arrangement.areas;
  }

  nameSpotOf({ index }: Section): NameSpot {
    return this.#arrangement.nameSpots[index] as NameSpot;
  }

  /** The middle of a row's label before its first seat, or after its last one. */
  rowLabelSpot(section: Section, row: number, end: 'first' | 'last'): Point {
    const seats = this.seating.rowLength(section, row);
    const first = this.seating.seatAt(section, row, 0) as number;
    const [at, beside] =
      end === 'first'
        ? [first, first + Math.min(1, seats - 1)]
        : [first + seats - 1, first + Math.max(0, seats - 2)];
    const from = this.positionOf(at);
    const towards = this.positionOf(beside);
    const distance = Math.hypot(from.x - towards.x, from.y - towards.y);
    // A single seat has its label to the left and to the right. Stacked rows have theirs level with the seat.
    const isLevel = distance === 0 || this.#arrangement.bend > 0;
    const x = isLevel ? (end === 'first' ? -1 : 1) : (from.x - towards.x) / distance;
    const y = isLevel ? 0 : (from.y - towards.y) / distance;
    return { x: from.x + x * ROW_LABEL_DISTANCE, y: from.y + y * ROW_LABEL_DISTANCE };
  }

  /** The seat nearest to a point; a standing area counts by its middle. */
  nearestSeat({ x, y }: Point): number {
    const { x: seatX, y: seatY } = this.#arrangement.seats;
    let nearest = 1;
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < seatX.length; at++) {
      const distance = ((seatX[at] as number) - x) ** 2 + ((seatY[at] as number) - y) ** 2;
      if (distance >= least) continue;
      least = distance;
      nearest = at + 1;
    }
    return nearest;
  }

  /** The seat at a point, the first place of a standing area, or null. Gaps belong to their seats. */
  seatAt(point: Point): number | null {
    const seat = this.#index.nearest(point, HALF_DIAGONAL);
    if (seat !== null) return seat;
    for (const [index, area] of this.standingAreas) {
      if (contains(area, point)) return this.seating.sections[index]?.firstSeatNumber ?? null;
    }
    return null;
  }

  /** Calls with every seat in rows whose middle is in the box, and with some beside it. */
  visitSeats(box: Bounds, call: (seatNumber: number) => void): void {
    this.#index.visit(box, call);
  }

  /** The box around a section's seats, or its standing area. */
  boxOf({ index }: Section): Bounds {
    return this.#boxes[index] as Bounds;
  }

  /** The box of a section, with its name above and its rows' labels beside it. */
  boundsOfSection(section: Section): Bounds {
    const box = grown(this.boxOf(section), MARGIN, 0);
    return { ...box, top: box.top - NAME_ROOM };
  }

  /** A seat with its neighbours in all directions, or its standing area. */
  boundsAround(seatNumber: number): Bounds {
    const area = this.standingAreas.get(this.seating.sectionOf(seatNumber).index);
    return area ?? grown(boxOfPoint(this.positionOf(seatNumber)), NEIGHBOURS);
  }

  /** The box of a row with its labels. */
  boundsOfRow(section: Section, row: number): Bounds {
    return grown(this.#boxOfRow(section, row), MARGIN);
  }

  /** How high a row is at an x; null if the row does not reach there, or is steep. */
  heightOfRowAt(section: Section, row: number, x: number): number | null {
    const { left, right, top, bottom } = this.#boxOfRow(section, row);
    if (left > x || right < x || bottom - top > STEEP * (right - left)) return null;
    const { x: seatX, y: seatY } = this.#arrangement.seats;
    const first = (section.rows[row] as Row).firstSeatNumber - 1;
    let nearest = first;
    for (let at = first; at < first + this.seating.rowLength(section, row); at++) {
      if (Math.abs((seatX[at] as number) - x) < Math.abs((seatX[nearest] as number) - x)) nearest = at;
    }
    return seatY[nearest] as number;
  }

  /** Where the seats of a section begin at an x, or its rows' labels if they are above the seats. */
  topOfSectionAt(section: Section, x: number): number {
    const ends = [0, section.rows.length - 1].map((row) => this.heightOfRowAt(section, row, x));
    const heights = ends.filter((height) => height !== null);
    if (heights.length > 0) return Math.min(...heights) - 0.5;
    return this.boxOf(section).top - ROW_LABEL_DISTANCE;
  }

  #boxOfRow(section: Section, row: number): Bounds {
    const { firstSeatNumber, seats } = section.rows[row] as Row;
    return grown(this.#arrangement.seats.boxOf(firstSeatNumber, firstSeatNumber + seats - 1), 0.5);
  }

  /** Where the first seats in front of the stage begin, as if nothing were bent. */
  #frontOf(halfWidth: number): number {
    const { seats, areas } = this.#arrangement;
    const tops = [...areas.values()].filter(({ left, right }) => left < halfWidth && right > -halfWidth);
    let front = tops.reduce((least, { top }) => Math.min(least, top), Number.POSITIVE_INFINITY);
    for (let at = 0; at < seats.x.length; at++) {
      const x = seats.x[at] as number;
      if (Math.abs(x) < halfWidth) front = Math.min(front, (seats.y[at] as number) - 0.5 + this.liftAt(x));
    }
    return Number.isFinite(front) ? front : boxAround(this.#boxes).top;
  }

  #seatsInRows(): Uint32Array {
    const { sections, totalSeats } = this.seating;
    const seats = new Uint32Array(totalSeats);
    let count = 0;
    for (const { kind, firstSeatNumber, lastSeatNumber } of sections) {
      if (kind === 'standing') continue;
      for (let seat = firstSeatNumber; seat <= lastSeatNumber; seat++) seats[count++] = seat;
    }
    return seats.subarray(0, count);
  }
}
