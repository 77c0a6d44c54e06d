import type { Money } from '../catalog/money.js';

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

export interface SeatedSection {
  readonly firstSeatNumber: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly price?: Money | null | undefined;
}

export interface Seats {
  readonly sections: readonly SeatedSection[];
  readonly totalSeats: number;
  isFree(seatNumber: number): boolean;
}

/**
 * The free seats nearest to the taken ones, nearest first; at the same distance, the lower number first. A row counts as
 * 6 seats, another section as 6 more, another price as 30 more. Sections are one behind the other, with their middles in
 * one line. The server and the page both use this function.
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
  /** The first row of each section, counted through all sections. */
  readonly #firstRows: number[] = [];
  #searched = 0;

  constructor(
    private readonly seats: Seats,
    taken: readonly number[],
  ) {
    let rows = 0;
    for (const section of seats.sections) {
      this.#firstRows.push(rows);
      rows += section.rows + SECTION_GAP;
    }
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
    for (const section of this.seats.sections.keys()) {
      if (section <= around.section) {
        const row = section === around.section ? around.row : this.#section(section).rows - 1;
        this.#addRow({ around, section, row, step: -1 });
      }
      if (section >= around.section) {
        const row = section === around.section ? around.row + 1 : 0;
        this.#addRow({ around, section, row, step: 1 });
      }
    }
  }

  #addRow(next: NextRow): void {
    if (next.row < 0 || next.row >= this.#section(next.section).rows) return;
    this.#add(next, this.#distanceOfRow(next));
  }

  #enterRow({ around, section, row, step }: NextRow): void {
    this.#addRow({ around, section, row: row + step, step });
    const { firstSeatNumber, seatsPerRow } = this.#section(section);
    const end =
      (this.seats.sections[section + 1]?.firstSeatNumber ?? this.seats.totalSeats + 1) - firstSeatNumber;
    const length = Math.min(seatsPerRow, end - row * seatsPerRow);
    const nearest = Math.ceil((around.x + seatsPerRow - 1) / SEAT);
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
    const { firstSeatNumber, seatsPerRow } = this.#section(section);
    const seat = firstSeatNumber + row * seatsPerRow + column;
    this.#searched += 1;
    if (this.#visited.has(seat)) return [];
    this.#visited.add(seat);
    return this.seats.isFree(seat) ? [seat] : [];
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
    return this.#distanceOfRow(walk) + Math.abs(this.#xOf(walk.section, column) - walk.around.x);
  }

  #distanceOfRow({ around, section, row }: NextRow | Walk): number {
    const line = (this.#firstRows[section] as number) + row;
    const takenLine = (this.#firstRows[around.section] as number) + around.row;
    const sectionDistance = section === around.section ? 0 : OTHER_SECTION;
    const isSamePrice = costsTheSame(this.#section(section), this.#section(around.section));
    return Math.abs(line - takenLine) * ROW + sectionDistance + (isSamePrice ? 0 : OTHER_PRICE);
  }

  #positionOf(seat: number): Position {
    let section = this.seats.sections.length - 1;
    while (section > 0 && this.#section(section).firstSeatNumber > seat) section -= 1;
    const { firstSeatNumber, seatsPerRow } = this.#section(section);
    const offset = seat - firstSeatNumber;
    return { section, row: Math.floor(offset / seatsPerRow), x: this.#xOf(section, offset % seatsPerRow) };
  }

  /** The distance from the middle of the row; negative to the left. */
  #xOf(section: number, column: number): number {
    return SEAT * column - (this.#section(section).seatsPerRow - 1);
  }

  #section(index: number): SeatedSection {
    return this.seats.sections[index] as SeatedSection;
  }
}

const costsTheSame = ({ price: one }: SeatedSection, { price: other }: SeatedSection): boolean =>
  one?.amount === other?.amount && one?.currency === other?.currency;
