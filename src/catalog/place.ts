import { type Event, hasSeat } from './event.js';
import type { Money } from './money.js';
import { indexAt, type Row, type SeatFeature, type SeatingPlan } from './seating-plan.js';

/** What a seat number stands for, in the words that people find on doors and seats. */
export interface Place {
  readonly seatNumber: number;
  /** Index into the event's sections. */
  readonly section: number;
  /** Null in a standing section, as `seatLabel`. */
  readonly rowLabel: string | null;
  readonly seatLabel: string | null;
  /** "Stalls, row C, seat 12"; "Floor, place 7" in a standing section. */
  readonly label: string;
  readonly price: Money | null;
  readonly features: readonly SeatFeature[];
}

/** @returns null for a number that is no seat of the event */
export function placeOf(event: Event, plan: SeatingPlan, seatNumber: number): Place | null {
  if (!hasSeat(event, seatNumber)) return null;
  const index = indexAt(plan.sections, seatNumber);
  const section = plan.sections[index];
  if (section === undefined) return null;
  const price = event.sections[index]?.price ?? null;
  if (section.kind === 'standing') {
    const label = `${section.name}, place ${seatNumber - section.firstSeatNumber + 1}`;
    return { seatNumber, section: index, rowLabel: null, seatLabel: null, label, price, features: [] };
  }
  const row = section.rows[indexAt(section.rows, seatNumber)] as Row;
  const seat = seatNumber - row.firstSeatNumber + 1;
  const seatLabel = row.seatLabels?.[seat - 1] ?? String(seat);
  return {
    seatNumber,
    section: index,
    rowLabel: row.label,
    seatLabel,
    label: `${section.name}, row ${row.label}, seat ${seatLabel}`,
    price,
    features: row.features.filter((each) => each.seat === seat).map(({ feature }) => feature),
  };
}
