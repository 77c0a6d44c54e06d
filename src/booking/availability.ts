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
 * A way leads down and up from every lost seat and ends at the event's edge or where another way has been: what lies
 * behind is nearer to that one's seat. So no seat is looked at twice, however many seats were lost.
 *
 * @param isFree for a seat number of the event
 * @param reach how far from a lost seat is looked at most
 */
export function nearestFreeSeats(
  lost: readonly number[],
  totalSeats: number,
  isFree: (seatNumber: number) => boolean,
  notThese: ReadonlySet<number>,
  reach: number,
): number[] {
  const found: number[] = [];
  const seen = new Set(lost);
  let ways = lost.flatMap((seat) => [
    { seat, step: -1 },
    { seat, step: 1 },
  ]);
  for (let distance = 1; distance <= reach && ways.length > 0; distance++) {
    ways = ways
      .map(({ seat, step }) => ({ seat: seat + step, step }))
      .filter(({ seat }) => seat >= 1 && seat <= totalSeats && !seen.has(seat) && seen.add(seat))
      .sort((one, other) => one.seat - other.seat);
    for (const { seat } of ways) {
      if (notThese.has(seat) || !isFree(seat)) continue;
      found.push(seat);
      if (found.length === SUGGESTED_SEATS_MAX) return found;
    }
  }
  return found;
}
