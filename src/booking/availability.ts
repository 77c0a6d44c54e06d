/** How many seats of an event are in which state. available + locked + booked = total. */
export interface SeatAvailability {
  readonly totalSeats: number;
  readonly availableSeats: number;
  /** Lapsed locks are not among them. */
  readonly lockedSeats: number;
  /** Seats with a PENDING or CONFIRMED booking. */
  readonly bookedSeats: number;
}

export function seatAvailability(
  totalSeats: number,
  lockedSeats: number,
  bookedSeats: number,
): SeatAvailability {
  return { totalSeats, availableSeats: totalSeats - lockedSeats - bookedSeats, lockedSeats, bookedSeats };
}

/** How many free seats a refused caller is offered. */
export const SUGGESTED_SEATS_MAX = 5;

/**
 * Free seats nearest by number to the seats that were lost, the lower one first where two are as near.
 *
 * @param isFree for a seat number of the event
 */
export function nearestFreeSeats(
  lost: readonly number[],
  totalSeats: number,
  isFree: (seatNumber: number) => boolean,
  notThese: ReadonlySet<number>,
  reach = totalSeats,
): number[] {
  const found: number[] = [];
  const seen = new Set<number>(notThese);
  for (let distance = 1; distance <= reach && found.length < SUGGESTED_SEATS_MAX; distance++) {
    for (const candidate of lost
      .flatMap((seat) => [seat - distance, seat + distance])
      .sort((a, b) => a - b)) {
      if (candidate < 1 || candidate > totalSeats || seen.has(candidate)) continue;
      seen.add(candidate);
      if (found.length < SUGGESTED_SEATS_MAX && isFree(candidate)) found.push(candidate);
    }
  }
  return found;
}
