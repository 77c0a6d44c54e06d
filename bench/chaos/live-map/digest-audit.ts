import { SeatDigest } from '../../../src/feed/seat-digest.js';
import { LETTER, type SeatState } from './history.js';

/** Seats that are not available, by number. */
export type TakenSeats = ReadonlyMap<number, SeatState>;

/** The digest that a client with this map computes for a message of this time. */
export function digestAt(taken: TakenSeats, atMs: number): string {
  const digest = new SeatDigest();
  for (const [seatNumber, { status, lockedUntilMs }] of taken) {
    if (lockedUntilMs !== null && lockedUntilMs <= atMs) continue;
    digest.toggle(seatNumber, LETTER[status].charCodeAt(0), lockedUntilMs ?? 0);
  }
  return digest.toString();
}

/**
 * Wrong maps that a client would have after a single fault: it lost the message, it has an old map instead, or one seat
 * differs.
 */
export function* faultyMaps(
  map: TakenSeats,
  mapBefore: TakenSeats,
  olderMap: TakenSeats,
  seatNumber: number,
): Generator<TakenSeats> {
  yield mapBefore;
  yield olderMap;
  const flipped = new Map(map);
  if (!flipped.delete(seatNumber)) flipped.set(seatNumber, { status: 'BOOKED', lockedUntilMs: null });
  yield flipped;
}

export function areEqualAt(one: TakenSeats, other: TakenSeats, atMs: number): boolean {
  const [seats, others] = [one, other].map((map) =>
    [...map].filter(([, { lockedUntilMs }]) => lockedUntilMs === null || lockedUntilMs > atMs),
  ) as [[number, SeatState][], [number, SeatState][]];
  const asMap = new Map(others);
  return (
    seats.length === others.length &&
    seats.every(([seat, { status, lockedUntilMs }]) => {
      const same = asMap.get(seat);
      return same?.status === status && same.lockedUntilMs === lockedUntilMs;
    })
  );
}
