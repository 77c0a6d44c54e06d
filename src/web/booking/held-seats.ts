import type { Appearance, OwnSeats } from 'seat-map/map';
import type {
  BookingDetailsFragment,
  LockDetailsFragment,
  MyReservationsSubscription,
} from '../graphql/generated/graphql.js';

export type Reservations = MyReservationsSubscription['myReservationsChanged'];

/** The viewer's locks and bookings of an event at one instant. */
export interface HeldSeats {
  readonly locks: readonly LockDetailsFragment[];
  /** Pending and confirmed. */
  readonly bookings: readonly BookingDetailsFragment[];
  /** Newest first. */
  readonly cancelled: readonly BookingDetailsFragment[];
  /** When the first of the locks expires, in ms since the epoch by the server's clock; null without locks. */
  readonly endsAtMs: number | null;
}

/** @param nowMs by the server's clock; an expired lock is left out even before a message reports its end */
export function heldSeatsAt(
  reservations: Pick<Reservations, 'locks' | 'bookings'>,
  nowMs: number,
): HeldSeats {
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
export function newestLocks(
  received: readonly LockDetailsFragment[],
  answered: readonly LockDetailsFragment[],
): LockDetailsFragment[] {
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

/** The appearance of the viewer's own seats on the map. */
export function ownSeats({ locks, bookings }: HeldSeats, picks: readonly number[]): OwnSeats {
  const own = new Map<number, Appearance>();
  for (const seat of picks) own.set(seat, 'picked');
  for (const { seatNumber } of locks) own.set(seatNumber, 'held');
  for (const { seatNumber, status } of bookings)
    own.set(seatNumber, status === 'PENDING' ? 'pending' : 'yours');
  return own;
}

/**
 * The locks among `before` that have expired, without used and released ones.
 *
 * @param known the viewer's locks of the last message, ended ones too
 * @param nowMs by the server's clock
 */
export function expiredSince(
  before: readonly LockDetailsFragment[],
  known: readonly LockDetailsFragment[],
  nowMs: number,
): LockDetailsFragment[] {
  const now = new Map(known.map((lock) => [lock.id, lock]));
  return before.filter((lock) => {
    const { status, expiresAt } = now.get(lock.id) ?? lock;
    return status === 'EXPIRED' || (status === 'ACTIVE' && Date.parse(expiresAt) <= nowMs);
  });
}
