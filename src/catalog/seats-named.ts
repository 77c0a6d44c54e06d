import type { Row, SeatingPlan } from './seating-plan.js';

/** Sections may have rows and seats with the same labels. */
const SEATS_FOUND_MAX = 100;

/** As `placeOf` writes places. */
const FULL_LABEL = /^(?<section>.*), (?:row (?<row>.*), seat|place) (?<seat>.*)$/i;

/** Where somebody looks: words of the section's name, the row if the section has rows, and the seat. */
interface Wanted {
  readonly sectionWords: readonly string[];
  readonly row: string | undefined;
  readonly seat: string;
}

/**
 * The seats that a text may mean: "12" is a seat number; "C 12", "row C seat 12", "Stalls C 12" and "Stalls, row C, seat 12"
 * are seats in rows; "Floor 7" and "Floor, place 7" are places in a standing section.
 */
export function seatsNamed(plan: SeatingPlan, text: string): number[] {
  const found = plan.sections.flatMap((section) => {
    const isStanding = section.kind === 'standing';
    const wanted = wantedIn(text, isStanding);
    const name = section.name.toLowerCase();
    if (wanted === undefined || !wanted.sectionWords.every((word) => name.includes(word))) return [];
    if (isStanding) return seatIn(section, null, wanted.seat);
    return section.rows
      .filter(({ label }) => label.toLowerCase() === wanted.row)
      .flatMap((row) => seatIn(row, row.seatLabels, wanted.seat));
  });
  const number = wholeNumber(text);
  if (number >= 1 && number <= plan.totalSeats) found.unshift(number);
  return found.slice(0, SEATS_FOUND_MAX);
}

function wantedIn(text: string, isStanding: boolean): Wanted | undefined {
  const lower = text.toLowerCase();
  const { section, row, seat } = FULL_LABEL.exec(lower)?.groups ?? {};
  if (section !== undefined && seat !== undefined && isStanding === (row === undefined))
    return { sectionWords: [section], row, seat };
  const words = lower.split(/[\s,]+/).filter((word) => !['', 'row', 'seat', 'place'].includes(word));
  const seatWord = words.pop();
  const rowWord = isStanding ? undefined : words.pop();
  // A number alone is a seat number.
  const isEnough = isStanding ? words.length > 0 : rowWord !== undefined;
  return seatWord !== undefined && isEnough
    ? { sectionWords: words, row: rowWord, seat: seatWord }
    : undefined;
}

/** @param labels null if the seats are called 1, 2, 3 and so on */
function seatIn(
  { firstSeatNumber, seats }: Pick<Row, 'firstSeatNumber' | 'seats'>,
  labels: readonly string[] | null,
  seat: string,
): number[] {
  const index =
    labels === null ? wholeNumber(seat) - 1 : labels.findIndex((label) => label.toLowerCase() === seat);
  return index >= 0 && index < seats ? [firstSeatNumber + index] : [];
}

const wholeNumber = (text: string): number => (/^\d{1,6}$/.test(text) ? Number(text) : Number.NaN);
