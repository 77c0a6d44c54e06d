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
 * A way leads down and up from every lost seat and ends at the event's edge or half-way to the next lost seat: what lies
 * behind is nearer to that one. So no seat is looked at twice, however many seats were lost. In a rush nearly everybody
 * asks this of the same few seats, deep among taken ones: nothing is put together on the way but the answer.
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
  const from = [...lost].sort((one, other) => one - other);
  const halfWayUp = (index: number) =>
    Math.floor(((from[index] as number) + (from[index + 1] as number)) / 2);
  const lowest = from.map((_, index) => (index === 0 ? 1 : halfWayUp(index - 1) + 1));
  const highest = from.map((_, index) => (index === from.length - 1 ? totalSeats : halfWayUp(index)));
  const farthest = Math.max(
    0,
    ...from.map((seat, i) => Math.max(seat - (lowest[i] as number), (highest[i] as number) - seat)),
  );

  const found: number[] = [];
  for (let distance = 1; distance <= Math.min(reach, farthest); distance++) {
    // Both ways have their seats in order, and are gone through as one.
    for (let down = 0, up = 0; down < from.length || up < from.length; ) {
      const below = (from[down] ?? Number.POSITIVE_INFINITY) - distance;
      const above = (from[up] ?? Number.POSITIVE_INFINITY) + distance;
      const seat = below <= above ? below : above;
      const isOnItsWay =
        below <= above ? seat >= (lowest[down++] as number) : seat <= (highest[up++] as number);
      if (!isOnItsWay || notThese.has(seat) || !isFree(seat)) continue;
      found.push(seat);
      if (found.length === SUGGESTED_SEATS_MAX) return found;
    }
  }
  return found;
}
