import { badUserInput } from '../core/errors.js';
import { nameFrom, nameKey } from '../core/text.js';
import { SEATS_PER_EVENT_MAX, type Section } from './event.js';
import type { Money } from './money.js';
import { type NewRow, plannedRows, RESERVED_SEATS_MAX, ROWS_LISTED_MAX, reservedSeatsOf } from './rows.js';
import {
  derivedPlan,
  equalRows,
  type PlannedSection,
  type SeatingPlan,
  type SectionArea,
  type SectionKind,
} from './seating-plan.js';

export const SECTIONS_PER_EVENT_MAX = 200;
export const SECTION_NAME_CODE_POINTS_MAX = 100;
/** Where a section can be, and how large it can be, in seat widths. */
const AREA_MAX = 10_000;
const DEFAULT_SEATS_PER_ROW = 20;
const DEFAULT_SECTION_NAME = 'Main';

/** A section of a new event. Exactly one of `rows` with `seatsPerRow`, `rowList` and `capacity` is given. */
export interface NewSection {
  readonly name: string;
  /** Default: seated. */
  readonly kind?: SectionKind | null | undefined;
  readonly rows?: number | null | undefined;
  readonly seatsPerRow?: number | null | undefined;
  readonly rowList?: readonly NewRow[] | null | undefined;
  /** Of a standing section. */
  readonly capacity?: number | null | undefined;
  readonly area?: SectionArea | null | undefined;
  readonly price?: Money | null | undefined;
}

export interface NewSeating {
  readonly totalSeats?: number | null | undefined;
  readonly sections?: readonly NewSection[] | null | undefined;
  readonly price?: Money | null | undefined;
}

export interface Seating {
  readonly sections: readonly Section[];
  readonly plan: SeatingPlan;
  /** Whether `derivedPlan` of the sections is the plan, so that it need not be stored. */
  readonly isDerived: boolean;
}

/**
 * The sections and the seating plan that the input describes.
 *
 * @throws BAD_USER_INPUT with the name of the invalid field
 */
export function seatingFrom(input: NewSeating): Seating {
  const planned = input.sections == null ? [defaultSection(input)] : planSections(input.sections);
  const totalSeats = planned.reduce((sum, { seats }) => sum + seats, 0);
  checkTotal(input, totalSeats);
  const sections = planned.map((section, index) => ({
    kind: section.kind,
    name: section.name,
    firstSeatNumber: section.firstSeatNumber,
    rows: section.rows.length,
    seatsPerRow: section.rows.reduce((most, { seats }) => Math.max(most, seats), 0),
    price: input.sections?.[index]?.price ?? input.price ?? null,
  }));
  const isDerived = (input.sections ?? []).every(({ rowList, area }) => rowList == null && area == null);
  const plan = isDerived ? derivedPlan(sections, totalSeats) : { totalSeats, sections: planned };
  return { sections, plan, isDerived };
}

function defaultSection({ totalSeats }: NewSeating): PlannedSection {
  if (totalSeats == null) throw badUserInput('totalSeats', 'Give totalSeats or sections.');
  requireSeatCount('totalSeats', totalSeats);
  const rows = equalRows(1, totalSeats, Math.ceil(totalSeats / DEFAULT_SEATS_PER_ROW), DEFAULT_SEATS_PER_ROW);
  return {
    kind: 'seated',
    name: DEFAULT_SECTION_NAME,
    firstSeatNumber: 1,
    seats: totalSeats,
    rows,
    area: null,
  };
}

function checkTotal({ totalSeats, sections }: NewSeating, seats: number): void {
  if (sections == null) return;
  if (totalSeats != null) requireSeatCount('totalSeats', totalSeats);
  requireSeatCount(totalSeats == null ? 'sections' : 'totalSeats', seats);
  if (totalSeats != null && totalSeats !== seats) {
    throw badUserInput('totalSeats', `totalSeats is ${totalSeats}, but the sections hold ${seats} seats.`);
  }
}

function requireSeatCount(field: string, seats: number): void {
  if (seats >= 1 && seats <= SEATS_PER_EVENT_MAX) return;
  throw badUserInput(field, `An event has 1 to ${SEATS_PER_EVENT_MAX} seats.`, { max: SEATS_PER_EVENT_MAX });
}

function planSections(sections: readonly NewSection[]): PlannedSection[] {
  if (sections.length < 1 || sections.length > SECTIONS_PER_EVENT_MAX) {
    throw badUserInput('sections', `Give 1 to ${SECTIONS_PER_EVENT_MAX} sections, or leave them out.`);
  }
  const rowsListed = sections.reduce((sum, { rowList }) => sum + (rowList?.length ?? 0), 0);
  if (rowsListed > ROWS_LISTED_MAX) {
    throw badUserInput('sections', `An event has at most ${ROWS_LISTED_MAX} rows in its lists of rows.`, {
      max: ROWS_LISTED_MAX,
    });
  }
  const reserved = sections.reduce((sum, { rowList }) => sum + reservedSeatsOf(rowList ?? []), 0);
  if (reserved > RESERVED_SEATS_MAX) {
    const message = `An event has at most ${RESERVED_SEATS_MAX} wheelchair and companion seats.`;
    throw badUserInput('sections', message, { max: RESERVED_SEATS_MAX });
  }
  const names = new Set<string>();
  let firstSeatNumber = 1;
  return sections.map((section, index) => {
    const field = `sections[${index}]`;
    const name = nameFrom(`${field}.name`, section.name, SECTION_NAME_CODE_POINTS_MAX);
    if (names.has(nameKey(name))) throw badUserInput(`${field}.name`, `Two sections are called "${name}".`);
    names.add(nameKey(name));
    const planned = planSection(section, name, field, firstSeatNumber);
    firstSeatNumber += planned.seats;
    return planned;
  });
}

function planSection(
  section: NewSection,
  name: string,
  field: string,
  firstSeatNumber: number,
): PlannedSection {
  const { kind = 'seated', rows, seatsPerRow, rowList, capacity } = section;
  const area = section.area == null ? null : areaFrom(section.area, `${field}.area`);
  const common = { name, firstSeatNumber, area };
  const given = [rows ?? seatsPerRow, rowList, capacity].filter((each) => each != null).length;
  if (given !== 1) throw badUserInput(field, 'Give one of rows with seatsPerRow, rowList, or capacity.');
  if ((capacity != null) !== (kind === 'standing')) {
    throw badUserInput(`${field}.kind`, 'A STANDING section has a capacity, and only a STANDING one has.');
  }
  if (capacity != null) {
    requireCount(`${field}.capacity`, capacity);
    return { ...common, kind: 'standing', seats: capacity, rows: [] };
  }
  if (rowList != null) {
    const listed = plannedRows(rowList, `${field}.rowList`, firstSeatNumber);
    const seats = listed.reduce((sum, row) => sum + row.seats, 0);
    return { ...common, kind: 'seated', seats, rows: listed };
  }
  requireCount(`${field}.rows`, rows);
  requireCount(`${field}.seatsPerRow`, seatsPerRow);
  const seats = rows * seatsPerRow;
  // Before the rows are made: with the sections before there could be millions of them.
  requireSeatCount('sections', firstSeatNumber - 1 + seats);
  return { ...common, kind: 'seated', seats, rows: equalRows(firstSeatNumber, seats, rows, seatsPerRow) };
}

function areaFrom({ x, y, width, height }: SectionArea, field: string): SectionArea {
  for (const [name, value] of [['x', x] as const, ['y', y] as const]) {
    if (Math.abs(value) > AREA_MAX) {
      throw badUserInput(`${field}.${name}`, `This is a number from -${AREA_MAX} to ${AREA_MAX}.`);
    }
  }
  for (const [name, value] of [['width', width] as const, ['height', height] as const]) {
    if (value <= 0 || value > AREA_MAX) {
      throw badUserInput(`${field}.${name}`, `This is a number above 0 and up to ${AREA_MAX}.`);
    }
  }
  return { x, y, width, height };
}

function requireCount(field: string, value: number | null | undefined): asserts value is number {
  if (value == null || value < 1 || value > SEATS_PER_EVENT_MAX) {
    throw badUserInput(field, `This is a whole number from 1 to ${SEATS_PER_EVENT_MAX}.`);
  }
}
