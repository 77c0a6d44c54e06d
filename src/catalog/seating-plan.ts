/**
 * How the seats of an event are arranged. A seat number is an index into the plan: the seats are numbered from 1 section by
 * section and row by row. A plan never changes; events that were created from the same arrangement share one.
 */
export interface SeatingPlan {
  readonly totalSeats: number;
  readonly sections: readonly PlannedSection[];
}

/** Standing: a capacity without rows. Its places are numbered like seats, and each of them is as good as another. */
export type SectionKind = 'seated' | 'standing';

export interface PlannedSection {
  readonly kind: SectionKind;
  readonly name: string;
  readonly firstSeatNumber: number;
  readonly seats: number;
  /** From the front to the back; empty in a standing section. */
  readonly rows: readonly Row[];
  /** Where it is in the hall; null where the sections are one behind the other, in their order. */
  readonly area: SectionArea | null;
}

export interface Row {
  readonly label: string;
  readonly firstSeatNumber: number;
  readonly seats: number;
  /** What stands on each seat; null where they are 1, 2, 3 … */
  readonly seatLabels: readonly string[] | null;
  /** After which of its seats (counted from 1) there is an aisle. Seats on its two sides are not neighbours. */
  readonly aislesAfter: readonly number[];
  readonly features: readonly RowFeature[];
  /** Null where the row is straight and centred, one seat width behind the row before it. */
  readonly position: RowPosition | null;
}

export type SeatFeature = 'wheelchair' | 'companion' | 'restrictedView';

/** A feature of one seat, counted from 1 in its row. */
export interface RowFeature {
  readonly seat: number;
  readonly feature: SeatFeature;
}

/**
 * Of the row's first seat, in seat widths from the section's corner. The angle is in degrees, clockwise; `curve` is how far the
 * row's middle lies behind the line between its ends, in seat widths.
 */
export interface RowPosition {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly curve: number;
}

/** In seat widths from the hall's left front corner; y grows away from the stage. */
export interface SectionArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A section whose rows have one length, or a standing one. */
export interface UniformSection {
  readonly kind: SectionKind;
  readonly name: string;
  readonly firstSeatNumber: number;
  readonly rows: number;
  readonly seatsPerRow: number;
}

/** The plan of an event whose sections are described completely by their rows of one length, or by a capacity. */
export function derivedPlan(sections: readonly UniformSection[], totalSeats: number): SeatingPlan {
  return {
    totalSeats,
    sections: sections.map((section, index) => {
      const { name, kind, firstSeatNumber, rows, seatsPerRow } = section;
      const seats = (sections[index + 1]?.firstSeatNumber ?? totalSeats + 1) - firstSeatNumber;
      return {
        kind,
        name,
        firstSeatNumber,
        seats,
        rows: kind === 'standing' ? [] : equalRows(firstSeatNumber, seats, rows, seatsPerRow),
        area: null,
      };
    }),
  };
}

/** @param rows the last of them may be shorter, and those after it are left out */
export function equalRows(firstSeatNumber: number, seats: number, rows: number, seatsPerRow: number): Row[] {
  return Array.from({ length: Math.min(rows, Math.ceil(seats / seatsPerRow)) }, (_, index) => ({
    label: rowLabel(index),
    firstSeatNumber: firstSeatNumber + index * seatsPerRow,
    seats: Math.min(seatsPerRow, seats - index * seatsPerRow),
    seatLabels: null,
    aislesAfter: [],
    features: [],
    position: null,
  }));
}

/** A, B … Z, AA, AB …, as in most venues. */
export function rowLabel(index: number): string {
  let label = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    label = String.fromCharCode(65 + ((rest - 1) % 26)) + label;
  }
  return label;
}

/** The last entry that does not begin after the seat. The entries are in seat order, and the first begins at or before it. */
export function indexAt(
  entries: readonly { readonly firstSeatNumber: number }[],
  seatNumber: number,
): number {
  let low = 0;
  let high = entries.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((entries[middle] as { firstSeatNumber: number }).firstSeatNumber <= seatNumber) low = middle;
    else high = middle - 1;
  }
  return low;
}
