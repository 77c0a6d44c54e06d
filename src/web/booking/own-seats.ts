import { type HeldSeats, ownSeatsOf } from 'seat-map';
import type { Appearance, OwnSeats } from 'seat-map/map';

/** How the viewer's own seats look on the map: a booking before a lock before a pick. */
export function ownSeats(held: HeldSeats, picks: readonly number[]): OwnSeats {
  const own = new Map<number, Appearance>(picks.map((seat) => [seat, 'picked']));
  for (const [seat, what] of ownSeatsOf(held)) own.set(seat, what === 'booked' ? 'yours' : what);
  return own;
}
