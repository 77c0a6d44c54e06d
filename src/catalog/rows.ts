import { badUserInput } from '../core/errors.js';
import { nameFrom, nameKey } from '../core/text.js';
import { SEATS_PER_EVENT_MAX } from './event.js';
import type { Row, RowFeature, RowPosition } from './seating-plan.js';

/** Rows that an event may list one by one, in all sections together. */
export const ROWS_LISTED_MAX = 2_000;
/** Wheelchair and companion seats of an event. A wish for wheelchairs tries all of them. */
export const RESERVED_SEATS_MAX = 2_000;
export const LABEL_CODE_POINTS_MAX = 20;
/** How far a row may be from its section's corner, in seat widths. */
const DISTANCE_MAX = 10_000;

export interface NewRow {
  readonly label: string;
  readonly seats: number;
  readonly seatLabels?: readonly string[] | null | undefined;
  readonly aislesAfter?: readonly number[] | null | undefined;
  readonly features?: readonly RowFeature[] | null | undefined;
  readonly position?: NewRowPosition | null | undefined;
}

export type NewRowPosition = Pick<RowPosition, 'x' | 'y'> & {
  readonly angle?: number | null | undefined;
  readonly curve?: number | null | undefined;
};

/**
 * The rows of one section, front to back.
 *
 * @param field the list's name as the client wrote it
 * @throws BAD_USER_INPUT with the name of the invalid field
 */
export function plannedRows(rowList: readonly NewRow[], field: string, firstSeatNumber: number): Row[] {
  if (rowList.length === 0) throw badUserInput(field, 'A section has at least one row.');
  const labels = new Labels();
  const rowLabel = labels.ofList('rows of the section');
  let next = firstSeatNumber;
  return rowList.map((row, index) => {
    const at = `${field}[${index}]`;
    const label = rowLabel(`${at}.label`, row.label);
    if (row.seats < 1 || row.seats > SEATS_PER_EVENT_MAX) {
      throw badUserInput(`${at}.seats`, `This is a whole number from 1 to ${SEATS_PER_EVENT_MAX}.`);
    }
    const planned: Row = {
      label,
      firstSeatNumber: next,
      seats: row.seats,
      seatLabels:
        row.seatLabels == null ? null : seatLabels(row.seatLabels, row.seats, `${at}.seatLabels`, labels),
      aislesAfter: aisles(row.aislesAfter ?? [], row.seats, `${at}.aislesAfter`),
      features: features(row.features ?? [], row.seats, `${at}.features`),
      position: row.position == null ? null : position(row.position, `${at}.position`),
    };
    next += row.seats;
    return planned;
  });
}

/** How many wheelchair and companion seats the rows have. */
export const reservedSeatsOf = (rowList: readonly NewRow[]): number =>
  rowList.reduce(
    (sum, { features }) =>
      sum + (features ?? []).filter(({ feature }) => feature !== 'restrictedView').length,
    0,
  );

function seatLabels(texts: readonly string[], seats: number, field: string, labels: Labels): string[] | null {
  if (texts.length !== seats) {
    throw badUserInput(field, `The row has ${seats} seats, but ${texts.length} labels.`);
  }
  const seatLabel = labels.ofList('seats of the row');
  const all = texts.map((text, index) => seatLabel(`${field}[${index}]`, text));
  return all.every((label, index) => label === String(index + 1)) ? null : all;
}

function aisles(after: readonly number[], seats: number, field: string): number[] {
  const sorted = [...new Set(after)].sort((a, b) => a - b);
  for (const [index, seat] of after.entries()) {
    if (seat < 1 || seat >= seats) {
      throw badUserInput(
        `${field}[${index}]`,
        'An aisle is between two seats of the row: after its first to its last but one.',
      );
    }
  }
  return sorted;
}

function features(given: readonly RowFeature[], seats: number, field: string): RowFeature[] {
  const seen = new Set<string>();
  given.forEach(({ seat, feature }, index) => {
    if (seat < 1 || seat > seats) throw badUserInput(`${field}[${index}].seat`, 'The row has no such seat.');
    const key = `${seat} ${feature}`;
    if (seen.has(key)) throw badUserInput(`${field}[${index}]`, 'The seat has this feature already.');
    seen.add(key);
  });
  for (const key of seen) {
    const seat = Number(key.split(' ')[0]);
    if (seen.has(`${seat} wheelchair`) && seen.has(`${seat} companion`)) {
      throw badUserInput(field, `Seat ${seat} of the row is for a wheelchair and for a companion.`);
    }
  }
  return given.map(({ seat, feature }) => ({ seat, feature })).sort((a, b) => a.seat - b.seat);
}

function position({ x, y, angle, curve }: NewRowPosition, field: string): RowPosition {
  const all = { x, y, angle: angle ?? 0, curve: curve ?? 0 };
  const bounds = { x: DISTANCE_MAX, y: DISTANCE_MAX, angle: 360, curve: DISTANCE_MAX };
  for (const name of ['x', 'y', 'angle', 'curve'] as const) {
    const max = bounds[name];
    if (Math.abs(all[name]) > max) {
      throw badUserInput(`${field}.${name}`, `This is a number from -${max} to ${max}.`);
    }
  }
  return all;
}

/** Checks labels. The same few stand on most rows, so each text is checked once. */
class Labels {
  readonly #checked = new Map<string, { readonly label: string; readonly key: string }>();

  /** @returns a function that checks the labels of one list, none of which may be there twice */
  ofList(what: string): (field: string, text: string) => string {
    const keys = new Set<string>();
    return (field, text) => {
      const { label, key } = this.#check(field, text);
      if (keys.has(key)) throw badUserInput(field, `Two ${what} are called "${label}".`);
      keys.add(key);
      return label;
    };
  }

  #check(field: string, text: string) {
    const earlier = this.#checked.get(text);
    if (earlier !== undefined) return earlier;
    const label = nameFrom(field, text, LABEL_CODE_POINTS_MAX);
    const checked = { label, key: nameKey(label) };
    this.#checked.set(text, checked);
    return checked;
  }
}
