import { isolated } from '../text/isolated.js';
import type { Money } from '../text/money.js';

/** A section as the API returns it. */
export interface SectionShape {
  readonly name: string;
  readonly firstSeatNumber: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly price?: Money | null | undefined;
}

/** A section with its last seat: the one before the next section, or the event's last seat. */
export interface Section extends SectionShape {
  readonly index: number;
  readonly lastSeatNumber: number;
}

/** The place of a seat; row and column count from 0. */
export interface SeatPlace {
  readonly section: Section;
  readonly row: number;
  readonly column: number;
}

/** Maps seat numbers to section, row and column, and back. */
export class Seating {
  readonly sections: readonly Section[];

  constructor(
    shapes: readonly SectionShape[],
    readonly totalSeats: number,
  ) {
    this.sections = shapes.map((shape, index) => ({
      ...shape,
      index,
      lastSeatNumber: (shapes[index + 1]?.firstSeatNumber ?? totalSeats + 1) - 1,
    }));
  }

  sectionOf(seatNumber: number): Section {
    let low = 0;
    let high = this.sections.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.sections[middle] as Section).firstSeatNumber <= seatNumber) low = middle;
      else high = middle - 1;
    }
    return this.sections[low] as Section;
  }

  placeOf(seatNumber: number): SeatPlace {
    const section = this.sectionOf(seatNumber);
    const offset = seatNumber - section.firstSeatNumber;
    return {
      section,
      row: Math.floor(offset / section.seatsPerRow),
      column: offset % section.seatsPerRow,
    };
  }

  /** @returns null if the row ends before the column, as a section's last row may */
  seatAt(section: Section, row: number, column: number): number | null {
    if (row < 0 || row >= section.rows || column < 0 || column >= section.seatsPerRow) return null;
    const seatNumber = section.firstSeatNumber + row * section.seatsPerRow + column;
    return seatNumber <= section.lastSeatNumber ? seatNumber : null;
  }

  /** How many seats a row has. */
  rowLength(section: Section, row: number): number {
    const left = section.lastSeatNumber - section.firstSeatNumber + 1 - row * section.seatsPerRow;
    return Math.max(0, Math.min(section.seatsPerRow, left));
  }

  /** "Stalls, row C, seat 12" */
  nameOf(seatNumber: number): string {
    const { section, row, column } = this.placeOf(seatNumber);
    return `${isolated(section.name)}, row ${rowName(row)}, seat ${column + 1}`;
  }

  /** "C12" */
  shortNameOf(seatNumber: number): string {
    const { row, column } = this.placeOf(seatNumber);
    return `${rowName(row)}${column + 1}`;
  }

  priceOf(seatNumber: number): Money | null {
    return this.sectionOf(seatNumber).price ?? null;
  }
}

/** A, B … Z, AA, AB …, as in most venues. */
export function rowName(row: number): string {
  let name = '';
  for (let rest = row + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}
