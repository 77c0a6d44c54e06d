import type { BookedSeatFragment, HeldSeatFragment, SeatPaymentFragment } from './generated/operations.js';

/** A lock of the viewer. */
export type HeldSeat = HeldSeatFragment;
/** A booking of the viewer. */
export type BookedSeat = BookedSeatFragment;
export type SeatPayment = SeatPaymentFragment;

/** The viewer's locks and bookings of an event, also ended ones. */
export interface Reservations {
  readonly locks: readonly HeldSeat[];
  readonly bookings: readonly BookedSeat[];
}

/** The viewer's locks and bookings of an event at one instant. */
export interface HeldSeats {
  readonly locks: readonly HeldSeat[];
  /** Pending and confirmed. */
  readonly bookings: readonly BookedSeat[];
  /** Newest first. */
  readonly cancelled: readonly BookedSeat[];
  /** When the first of the locks expires, in ms since the epoch by the server's clock; null without locks. */
  readonly endsAtMs: number | null;
}

/** @param nowMs by the server's clock; an expired lock is left out even before a message reports its end */
export function heldSeatsAt(reservations: Reservations, nowMs: number): HeldSeats {
  const locks = reservations.locks
    .filter(({ status, expiresAt }) => status === 'ACTIVE' && Date.parse(expiresAt) > nowMs)
    .sort((a, b) => a.seatNumber - b.seatNumber);
  const bySeat = [...reservations.bookings].sort((a, b) => a.seatNumber - b.seatNumber);
  return {
    locks,
    bookings: bySeat.filter(({ status }) => status !== 'CANCELLED'),
    cancelled: reservations.bookings
      .filter(({ status }) => status === 'CANCELLED')
      .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)),
    endsAtMs: locks.length === 0 ? null : Math.min(...locks.map(({ expiresAt }) => Date.parse(expiresAt))),
  };
}

/**
 * The locks of the server's last message, updated by newer answers of calls: new locks, and extended ones. The end of an
 * active lock only moves later, so the later end is the newer one.
 */
export function newestLocks(received: readonly HeldSeat[], answered: readonly HeldSeat[]): HeldSeat[] {
  const answers = new Map(answered.map((lock) => [lock.id, lock]));
  const newest = received.map((lock) => {
    const answer = answers.get(lock.id);
    answers.delete(lock.id);
    const isLonger =
      answer !== undefined &&
      lock.status === 'ACTIVE' &&
      Date.parse(answer.expiresAt) > Date.parse(lock.expiresAt);
    return isLonger ? answer : lock;
  });
  return [...newest, ...answers.values()];
}

/** What a seat is to the viewer. */
export type OwnSeat = 'held' | 'pending' | 'booked';

/** The viewer's own seats. On the map, their status alone does not tell them from those of others. */
export function ownSeatsOf({ locks, bookings }: Pick<HeldSeats, 'locks' | 'bookings'>): Map<number, OwnSeat> {
  const own = new Map<number, OwnSeat>();
  for (const { seatNumber } of locks) own.set(seatNumber, 'held');
  for (const { seatNumber, status } of bookings)
    own.set(seatNumber, status === 'PENDING' ? 'pending' : 'booked');
  return own;
}
