import type { Money } from '../catalog/money.js';
import { indexAt, type Row, type SeatingPlan } from '../catalog/seating-plan.js';

/** How many free seats are suggested for seats that are taken. */
export const SUGGESTED_SEATS_MAX = 5;
/** Seats that one search checks, so that a nearly sold-out event is not searched completely. */
export const SEATS_SEARCHED_MAX = 10_000;
/** The search starts around at most this many of the taken seats, the first ones. */
const SEARCHED_AROUND_MAX = 20;

/** Distances are in half seats, because rows with odd and even widths are aligned at their middles. */
const SEAT = 2;
/** The next row counts as six seats: people prefer their row, and so five suggestions can all be in it. */
const ROW = 6 * SEAT;
const OTHER_SECTION = 6 * SEAT;
const OTHER_PRICE = 30 * SEAT;
/** Between two sections, in rows. */
const SECTION_GAP = 3;

export interface Seats {
  readonly plan: SeatingPlan;
  /** What a seat of the section costs. */
  priceOf(section: number): Money | null;
  isFree(seatNumber: number): boolean;
}

/** Consecutive seats: a row, or all places of a standing section. */
type Line = Pick<Row, 'firstSeatNumber' | 'seats'>;

/**
 * The free seats nearest to the taken ones, nearest first; at the same distance, the lower number first. A row counts as
 * 6 seats, another section as 6 more, another price as 30 more. Sections count as one behind the other, with the middles of
 * their rows in one line. Wheelchair and companion seats are not suggested: they are not for everybody. The server and the
 * page both use this function.
 */
export function nearestFreeSeats(
  seats: Seats,
  taken: readonly number[],
  count = SUGGESTED_SEATS_MAX,
): number[] {
  return new Search(seats, taken).nearest(count);
}

/** A row that the search has yet to enter. From it the search continues to the next row in the direction of `step`. */
interface NextRow {
  readonly around: Position;
  readonly section: number;
  readonly row: number;
  readonly step: -1 | 1;
}

/** A row in which the search goes outwards, from the columns nearest to a taken seat. */
interface Walk {
  readonly around: Position;
  readonly section: number;
  readonly row: number;
  readonly length: number;
  left: number;
  right: number;
}

interface Position {
  readonly section: number;
  readonly row: number;
  readonly x: number;
}

class Search {
  /** What the search has yet to visit, by distance. */
  readonly #agenda: (NextRow | Walk)[][] = [];
  readonly #visited = new Set<number>();
  readonly #lines: readonly (readonly Line[])[];
  /** The first row of each section, counted through all sections. */
  readonly #firstRows: number[] = [];
  readonly #reserved: ReadonlySet<number>;
  #searched = 0;

  constructor(
    private readonly seats: Seats,
    taken: readonly number[],
  ) {
    let rows = 0;
    this.#lines = seats.plan.sections.map((section) =>
      section.kind === 'standing' ? [section] : section.rows,
    );
    for (const lines of this.#lines) {
      this.#firstRows.push(rows);
      rows += lines.length + SECTION_GAP;
    }
    this.#reserved = new Set(seats.plan.sections.flatMap((section) => section.rows.flatMap(reservedSeats)));
    for (const seat of taken) this.#visited.add(seat);
    for (const seat of taken.slice(0, SEARCHED_AROUND_MAX)) this.#searchAround(this.#positionOf(seat));
  }

  nearest(count: number): number[] {
    const found: number[] = [];
    for (let distance = 0; distance < this.#agenda.length && found.length < count; distance++) {
      const free: number[] = [];
      const items = this.#agenda[distance] ?? [];
      for (let item = items.pop(); item !== undefined; item = items.pop()) {
        if (this.#searched >= SEATS_SEARCHED_MAX) return found;
        if ('step' in item) this.#enterRow(item);
        else free.push(...this.#walk(item, distance));
      }
      found.push(...free.sort((a, b) => a - b));
    }
    return found.slice(0, count);
  }

  #searchAround(around: Position): void {
    for (const section of this.#lines.keys()) {
      if (section <= around.section) {
        const row = section === around.section ? around.row : this.#linesOf(section).length - 1;
        this.#addRow({ around, section, row, step: -1 });
      }
      if (section >= around.section) {
        const row = section === around.section ? around.row + 1 : 0;
        this.#addRow({ around, section, row, step: 1 });
      }
    }
  }

  #addRow(next: NextRow): void {
    if (next.row < 0 || next.row >= this.#linesOf(next.section).length) return;
    this.#add(next, this.#distanceOfRow(next));
  }

  #enterRow({ around, section, row, step }: NextRow): void {
    this.#addRow({ around, section, row: row + step, step });
    const { seats: length } = this.#line(section, row);
    const nearest = Math.ceil((around.x + length - 1) / SEAT);
    const left = Math.min(nearest - 1, length - 1);
    this.#addWalk({ around, section, row, length, left, right: Math.max(nearest, 0) });
  }

  /** @returns the free seats of the row at this distance */
  #walk(walk: Walk, distance: number): number[] {
    const free: number[] = [];
    if (this.#distanceOf(walk, walk.left) === distance) free.push(...this.#visit(walk, walk.left--));
    if (this.#distanceOf(walk, walk.right) === distance) free.push(...this.#visit(walk, walk.right++));
    this.#addWalk(walk);
    return free;
  }

  #visit({ section, row }: Walk, column: number): number[] {
    const seat = this.#line(section, row).firstSeatNumber + column;
    this.#searched += 1;
    if (this.#visited.has(seat)) return [];
    this.#visited.add(seat);
    return this.seats.isFree(seat) && !this.#reserved.has(seat) ? [seat] : [];
  }

  #addWalk(walk: Walk): void {
    const distance = Math.min(this.#distanceOf(walk, walk.left), this.#distanceOf(walk, walk.right));
    if (Number.isFinite(distance)) this.#add(walk, distance);
  }

  #add(item: NextRow | Walk, distance: number): void {
    const items = this.#agenda[distance];
    if (items === undefined) this.#agenda[distance] = [item];
    else items.push(item);
  }

  #distanceOf(walk: Walk, column: number): number {
    if (column < 0 || column >= walk.length) return Number.POSITIVE_INFINITY;
    return this.#distanceOfRow(walk) + Math.abs(this.#xOf(walk, column) - walk.around.x);
  }

  #distanceOfRow({ around, section, row }: NextRow | Walk): number {
    const line = (this.#firstRows[section] as number) + row;
    const takenLine = (this.#firstRows[around.section] as number) + around.row;
    const sectionDistance = section === around.section ? 0 : OTHER_SECTION;
    const isSamePrice = costsTheSame(this.seats.priceOf(section), this.seats.priceOf(around.section));
    return Math.abs(line - takenLine) * ROW + sectionDistance + (isSamePrice ? 0 : OTHER_PRICE);
  }

  #positionOf(seat: number): Position {
    const section = indexAt(this.seats.plan.sections, seat);
    const row = indexAt(this.#linesOf(section), seat);
    const x = this.#xOf({ section, row }, seat - this.#line(section, row).firstSeatNumber);
    return { section, row, x };
  }

  /** The distance from the middle of the row; negative to the left. */
  #xOf({ section, row }: Omit<Position, 'x'>, column: number): number {
    return SEAT * column - (this.#line(section, row).seats - 1);
  }

  #linesOf(section: number): readonly Line[] {
    return this.#lines[section] as readonly Line[];
  }

  #line(section: number, row: number): Line {
    return this.#linesOf(section)[row] as Line;
  }
}

const reservedSeats = ({ firstSeatNumber, features }: Row): number[] =>
  features
    .filter(({ feature }) => feature === 'wheelchair' || feature === 'companion')
    .map(({ seat }) => firstSeatNumber + seat - 1);

const costsTheSame = (one: Money | null, other: Money | null): boolean =>
  one?.amount === other?.amount && one?.currency === other?.currency;
