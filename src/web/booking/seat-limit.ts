import { seatLimitWords as ofOnePerson } from '../network/api-error-text.js';
import type { HeldSeats } from './held-seats.js';

/** How many seats of an event one person may have, as far as this viewer is concerned. */
export interface SeatLimit {
  readonly max: number;
  /** Held and booked already. */
  readonly had: number;
  /** How many more can be picked and held. */
  readonly left: number;
}

/** The server counts alike: live locks, and bookings that are not cancelled. */
export function seatLimit(
  max: number,
  { locks, bookings }: Pick<HeldSeats, 'locks' | 'bookings'>,
): SeatLimit {
  const had = locks.length + bookings.length;
  return { max, had, left: Math.max(0, max - had) };
}

/** "One person can have at most 10 seats of this event. You have 4 already." */
export function seatLimitWords({ max, had }: SeatLimit): string {
  return had === 0 ? ofOnePerson(max) : `${ofOnePerson(max)} You have ${had.toLocaleString()} already.`;
}
