import { type NewSection, seatingFrom } from '../../catalog/seating.js';
import type { SeatFeature, SeatingPlan } from '../../catalog/seating-plan.js';
import { FAULTS_MAX, venueFromCsv } from '../../catalog/venue-csv.js';
import type { VenueFault } from '../../catalog/venue-sections.js';
import { DomainError } from '../../core/errors.js';
import type { SectionInput } from '../graphql/generated/graphql.js';

/** What the lines of a venue file make, or its faults. */
export type VenueFile =
  | { readonly sections: readonly NewSection[]; readonly plan: SeatingPlan }
  | { readonly faults: readonly VenueFault[] };

/** @param currency an ISO 4217 code in force */
export function readVenueFile(text: string, currency: string): VenueFile {
  const venue = venueFromCsv(text, currency);
  if ('faults' in venue) return venue;
  try {
    return { sections: venue.sections, plan: seatingFrom(venue).plan };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { faults: [{ line: 1, column: null, message: error.message }] };
  }
}

/** "Line 3, price: A price is above 0." */
export const faultText = ({ line, column, message }: VenueFault): string =>
  `Line ${line.toLocaleString()}${column === null ? '' : `, ${column}`}: ${message}`;

export const faultCount = (faults: readonly VenueFault[]): string =>
  faults.length >= FAULTS_MAX
    ? `These are the first ${FAULTS_MAX} faults. Nothing is made of the file yet.`
    : `${faults.length === 1 ? 'One fault' : `${faults.length} faults`}. Nothing is made of the file yet.`;

/** "5 sections, 42 rows, 454 seats" */
export function sizeText({ sections, totalSeats }: SeatingPlan): string {
  const rows = sections.reduce((sum, section) => sum + section.rows.length, 0);
  return [counted(sections.length, 'section'), counted(rows, 'row'), counted(totalSeats, 'seat')].join(', ');
}

const counted = (count: number, noun: string) => `${count.toLocaleString()} ${noun}${count === 1 ? '' : 's'}`;

const FEATURES = {
  wheelchair: 'WHEELCHAIR',
  companion: 'COMPANION',
  restrictedView: 'RESTRICTED_VIEW',
} as const satisfies Record<SeatFeature, string>;

/** The sections as the API takes them. */
export const sectionInputs = (sections: readonly NewSection[]): SectionInput[] =>
  sections.map(({ name, kind, capacity, area, price, rowList }) => ({
    name,
    ...(kind === 'standing' ? { kind: 'STANDING', capacity: capacity ?? null } : {}),
    ...(area && { area }),
    ...(price && { price }),
    ...(rowList && {
      rowList: rowList.map(({ label, seats, seatLabels, aislesAfter, features, position }) => ({
        label,
        seats,
        ...(seatLabels && { seatLabels: [...seatLabels] }),
        ...(aislesAfter && { aislesAfter: [...aislesAfter] }),
        ...(features && {
          features: features.map(({ seat, feature }) => ({ seat, feature: FEATURES[feature] })),
        }),
        ...(position && { position }),
      })),
    }),
  }));
