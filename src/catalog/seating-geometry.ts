import { type Point, positionsOf } from './seat-positions.js';
import type { Row, SeatFeature, SeatingPlan } from './seating-plan.js';

const WHEELCHAIR = 1;
const COMPANION = 2;
const RESTRICTED_VIEW = 4;
/** Of a seat that has its next neighbour at the number after its own. */
const BESIDE_NEXT = 8;
const STANDING = 16;

const FLAGS: Readonly<Record<SeatFeature, number>> = {
  wheelchair: WHEELCHAIR,
  companion: COMPANION,
  restrictedView: RESTRICTED_VIEW,
};

/**
 * What the rules ask about a plan's seats, in arrays that are indexed by seat number, section or row. Rows are counted from
 * 0 through all sections. 23 bytes a seat.
 */
export class SeatingGeometry {
  readonly totalSeats: number;
  readonly sectionCount: number;
  readonly sectionOf: Uint16Array;
  /** -1 in a standing section. */
  readonly rowOf: Int32Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rowFirst: Int32Array;
  readonly rowLast: Int32Array;
  /** The direction of the line between the row's ends: a vector of one seat width. */
  readonly rowDirectionX: Float64Array;
  readonly rowDirectionY: Float64Array;
  /** How far the row's middle lies behind that line. */
  readonly rowCurve: Float64Array;
  readonly sectionFirst: Int32Array;
  readonly sectionLast: Int32Array;
  /** The section's first row; the entry after the last section is the number of rows. */
  readonly sectionFirstRow: Int32Array;
  /** The longest run of ordinary neighbouring seats. */
  readonly longestRun: Int32Array;
  readonly wheelchairSeats: readonly number[];
  readonly companionSeats: readonly number[];
  /** Whether any seat has a restricted view. */
  readonly hasRestrictedViews: boolean;
  readonly #flags: Uint8Array;
  /** By section: the middle of its first row, or of its area. */
  readonly #focus: Point[] = [];

  constructor(plan: SeatingPlan) {
    const { sections, totalSeats } = plan;
    const rowCount = sections.reduce((sum, { rows }) => sum + rows.length, 0);
    this.totalSeats = totalSeats;
    this.sectionCount = sections.length;
    this.sectionOf = new Uint16Array(totalSeats + 2);
    this.rowOf = new Int32Array(totalSeats + 2).fill(-1);
    this.#flags = new Uint8Array(totalSeats + 2);
    this.rowFirst = new Int32Array(rowCount);
    this.rowLast = new Int32Array(rowCount);
    this.rowDirectionX = new Float64Array(rowCount);
    this.rowDirectionY = new Float64Array(rowCount);
    this.rowCurve = new Float64Array(rowCount);
    this.sectionFirst = new Int32Array(sections.length);
    this.sectionLast = new Int32Array(sections.length);
    this.sectionFirstRow = new Int32Array(sections.length + 1);
    this.longestRun = new Int32Array(sections.length);
    ({ x: this.x, y: this.y } = positionsOf(plan));

    let nextRow = 0;
    for (const [index, section] of sections.entries()) {
      const last = section.firstSeatNumber + section.seats - 1;
      this.sectionFirst[index] = section.firstSeatNumber;
      this.sectionLast[index] = last;
      this.sectionOf.fill(index, section.firstSeatNumber, last + 1);
      this.sectionFirstRow[index] = nextRow;
      if (section.kind === 'standing') this.#flags.fill(STANDING, section.firstSeatNumber, last + 1);
      for (const row of section.rows) this.#addRow(row, nextRow++);
      this.#focus.push(this.#middleOf(section.firstSeatNumber, last));
    }
    this.sectionFirstRow[sections.length] = nextRow;
    const seats = Array.from({ length: totalSeats }, (_, index) => index + 1);
    this.wheelchairSeats = seats.filter((seat) => this.isWheelchair(seat));
    this.companionSeats = seats.filter((seat) => this.isCompanion(seat));
    this.hasRestrictedViews = this.hasRestrictedView(1, totalSeats);
    this.#measureRuns();
  }

  /** Both seats exist, and no aisle or end of a row is between them. */
  isBesideNext(seat: number): boolean {
    return ((this.#flags[seat] as number) & BESIDE_NEXT) !== 0;
  }

  isStanding(section: number): boolean {
    return ((this.#flags[this.sectionFirst[section] as number] as number) & STANDING) !== 0;
  }

  isWheelchair(seat: number): boolean {
    return ((this.#flags[seat] as number) & WHEELCHAIR) !== 0;
  }

  isCompanion(seat: number): boolean {
    return ((this.#flags[seat] as number) & COMPANION) !== 0;
  }

  /** Whether any of these seats, which follow one another, has one. */
  hasRestrictedView(first: number, count: number): boolean {
    for (let seat = first; seat < first + count; seat++) {
      if (((this.#flags[seat] as number) & RESTRICTED_VIEW) !== 0) return true;
    }
    return false;
  }

  /** A seat in a row for everybody: neither for a wheelchair nor for a companion. */
  isOrdinary(seat: number): boolean {
    return ((this.#flags[seat] as number) & (WHEELCHAIR | COMPANION | STANDING)) === 0;
  }

  /** Two ordinary seats that are neighbours. Only these are in one free run. */
  joinsNext(seat: number): boolean {
    return this.isBesideNext(seat) && this.isOrdinary(seat) && this.isOrdinary(seat + 1);
  }

  focusOf(section: number): Point {
    return this.#focus[section] as Point;
  }

  positionOf(seat: number): Point {
    return { x: this.x[seat] as number, y: this.y[seat] as number };
  }

  #addRow(row: Row, index: number): void {
    const first = row.firstSeatNumber;
    const last = first + row.seats - 1;
    this.rowFirst[index] = first;
    this.rowLast[index] = last;
    this.rowOf.fill(index, first, last + 1);
    this.#flags.fill(BESIDE_NEXT, first, last);
    for (const seat of row.aislesAfter) {
      this.#flags[first + seat - 1] = (this.#flags[first + seat - 1] as number) & ~BESIDE_NEXT;
    }
    for (const { seat, feature } of row.features) {
      this.#flags[first + seat - 1] = (this.#flags[first + seat - 1] as number) | FLAGS[feature];
    }
    const angle = ((row.position?.angle ?? 0) * Math.PI) / 180;
    this.rowDirectionX[index] = Math.cos(angle);
    this.rowDirectionY[index] = Math.sin(angle);
    this.rowCurve[index] = row.position?.curve ?? 0;
  }

  #middleOf(firstSeat: number, lastSeat: number): Point {
    const row = this.rowOf[firstSeat] as number;
    const last = row === -1 ? lastSeat : (this.rowLast[row] as number);
    const left = this.positionOf(Math.floor((firstSeat + last) / 2));
    const right = this.positionOf(Math.ceil((firstSeat + last) / 2));
    return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
  }

  #measureRuns(): void {
    let length = 0;
    for (let seat = 1; seat <= this.totalSeats; seat++) {
      if (!this.isOrdinary(seat)) {
        length = 0;
        continue;
      }
      length = length > 0 && this.isBesideNext(seat - 1) ? length + 1 : 1;
      const section = this.sectionOf[seat] as number;
      if (length > (this.longestRun[section] as number)) this.longestRun[section] = length;
    }
  }
}

const geometries = new WeakMap<SeatingPlan, SeatingGeometry>();

/** The plan's geometry; built once, and kept as long as the plan. */
export function geometryOf(plan: SeatingPlan): SeatingGeometry {
  let geometry = geometries.get(plan);
  if (geometry === undefined) {
    geometry = new SeatingGeometry(plan);
    geometries.set(plan, geometry);
  }
  return geometry;
}
