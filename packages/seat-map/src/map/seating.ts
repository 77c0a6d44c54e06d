import {
  derivedPlan,
  indexAt,
  type PlannedSection,
  type Row,
  type SeatFeature,
  type SeatingPlan,
} from '../../../../src/catalog/seating-plan.js';
import { isolated } from '../text/isolated.js';
import type { Money } from '../text/money.js';

/** A section as the API returns it. */
export interface SectionShape {
  readonly id?: string;
  readonly kind?: 'SEATED' | 'STANDING';
  readonly name: string;
  readonly firstSeatNumber: number;
  readonly rows: number;
  readonly seatsPerRow: number;
  readonly price?: Money | null | undefined;
}

export interface Section extends PlannedSection {
  /** Empty where only labels are needed. */
  readonly id: string;
  readonly index: number;
  readonly lastSeatNumber: number;
  readonly price: Money | null;
}

/** The place of a seat; row and column count from 0. A standing section counts as one row with one seat. */
export interface SeatPlace {
  readonly section: Section;
  readonly row: number;
  readonly column: number;
}

/** Maps seat numbers to sections, rows and labels, and back. */
export class Seating {
  readonly sections: readonly Section[];
  readonly #features = new Map<number, SeatFeature[]>();

  /** @param plan default: what the sections alone describe */
  constructor(
    readonly shapes: readonly SectionShape[],
    readonly totalSeats: number,
    readonly plan: SeatingPlan = planOf(shapes, totalSeats),
  ) {
    this.sections = plan.sections.map((section, index) => ({
      ...section,
      id: shapes[index]?.id ?? '',
      index,
      lastSeatNumber: section.firstSeatNumber + section.seats - 1,
      price: shapes[index]?.price ?? null,
    }));
    for (const { firstSeatNumber, features } of plan.sections.flatMap(({ rows }) => rows)) {
      for (const { seat, feature } of features) {
        const seatNumber = firstSeatNumber + seat - 1;
        this.#features.set(seatNumber, [...(this.#features.get(seatNumber) ?? []), feature]);
      }
    }
  }

  sectionOf(seatNumber: number): Section {
    return this.sections[indexAt(this.sections, seatNumber)] as Section;
  }

  isStanding(seatNumber: number): boolean {
    return this.sectionOf(seatNumber).kind === 'standing';
  }

  placeOf(seatNumber: number): SeatPlace {
    const section = this.sectionOf(seatNumber);
    if (section.kind === 'standing') return { section, row: 0, column: 0 };
    const row = indexAt(section.rows, seatNumber);
    return { section, row, column: seatNumber - (section.rows[row] as Row).firstSeatNumber };
  }

  /** @returns null if there is no such row, or if it ends before the column */
  seatAt(section: Section, row: number, column: number): number | null {
    if (column < 0 || column >= this.rowLength(section, row)) return null;
    return (section.rows[row] ?? section).firstSeatNumber + column;
  }

  rowCount({ kind, rows }: Section): number {
    return kind === 'standing' ? 1 : rows.length;
  }

  /** How many seats a row has; 0 if there is no such row. */
  rowLength({ kind, rows }: Section, row: number): number {
    if (kind === 'standing') return row === 0 ? 1 : 0;
    return rows[row]?.seats ?? 0;
  }

  /** "Stalls, row C", or "Floor, standing". */
  rowNameOf(section: Section, row: number): string {
    const name = isolated(section.name);
    if (section.kind === 'standing') return `${name}, standing`;
    return `${name}, row ${isolated(section.rows[row]?.label ?? '')}`;
  }

  /** "Stalls, row C, seat 12", or "Floor, place 7": the API's labels, safe among other text. */
  nameOf(seatNumber: number): string {
    const { section, row } = this.placeOf(seatNumber);
    if (section.kind === 'standing') {
      return `${isolated(section.name)}, place ${seatNumber - section.firstSeatNumber + 1}`;
    }
    return `${this.rowNameOf(section, row)}, seat ${isolated(this.seatLabelOf(seatNumber))}`;
  }

  /** "C12"; "3-12" where the row's label ends with a digit. */
  shortNameOf(seatNumber: number): string {
    const { section, row } = this.placeOf(seatNumber);
    if (section.kind === 'standing') return 'standing';
    const rowLabel = (section.rows[row] as Row).label;
    const seatLabel = this.seatLabelOf(seatNumber);
    const isClear = /\D$/.test(rowLabel) && /^\d/.test(seatLabel);
    return isolated(`${rowLabel}${isClear ? '' : '-'}${seatLabel}`);
  }

  /** What stands on the seat. */
  seatLabelOf(seatNumber: number): string {
    const { section, row, column } = this.placeOf(seatNumber);
    return section.rows[row]?.seatLabels?.[column] ?? String(column + 1);
  }

  featuresOf(seatNumber: number): readonly SeatFeature[] {
    return this.#features.get(seatNumber) ?? [];
  }

  seatsWith(feature: SeatFeature): number[] {
    return [...this.#features].filter(([, features]) => features.includes(feature)).map(([seat]) => seat);
  }

  priceOf(seatNumber: number): Money | null {
    return this.sectionOf(seatNumber).price;
  }
}

function planOf(shapes: readonly SectionShape[], totalSeats: number): SeatingPlan {
  const sections = shapes.map((shape) => ({
    ...shape,
    kind: shape.kind === 'STANDING' ? ('standing' as const) : ('seated' as const),
  }));
  return derivedPlan(sections, totalSeats);
}
