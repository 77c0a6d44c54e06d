import type { HeldSeats } from 'seat-map';
import { seatLimitText as textOfMax } from '../network/api-error-text.js';

/** How many seats of an event one user may have, and how many of them this viewer has. */
export interface SeatLimit {
  readonly max: number;
  /** Seats held and booked. */
  readonly had: number;
  /** Seats that can still be held. */
  readonly left: number;
}

/** Counts as the server does: active locks, and bookings that are not cancelled. */
export function seatLimit(
  max: number,
  { locks, bookings }: Pick<HeldSeats, 'locks' | 'bookings'>,
): SeatLimit {
  const had = locks.length + bookings.length;
  return { max, had, left: Math.max(0, max - had) };
}

/** "One person can have at most 10 seats of this event. You have 4 already." */
export function seatLimitText({ max, had }: SeatLimit): string {
  return had === 0 ? textOfMax(max) : `${textOfMax(max)} You have ${had.toLocaleString()} already.`;
}
