import type {
  BookingDetailsFragment,
  LockDetailsFragment,
  MyReservationsSubscription,
} from '../graphql/generated/graphql.js';
import type { Appearance, OwnSeats } from '../map/seat-appearance.js';

export type Reservations = MyReservationsSubscription['myReservationsChanged'];

/** What the viewer has of an event at an instant. */
export interface HeldSeats {
  readonly locks: readonly LockDetailsFragment[];
  /** Pending and confirmed. */
  readonly bookings: readonly BookingDetailsFragment[];
  /** Bookings that came to an end, newest first. */
  readonly cancelled: readonly BookingDetailsFragment[];
  /** When the first of the locks lapses, since the epoch by the server's clock; null without locks. */
  readonly endsAtMs: number | null;
}

/** @param nowMs by the server's clock: a lock whose time is over is none, whether or not a message has said so */
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
 * Locks as the server told of them, with what calls have answered since: locks that are new, and those that are held
 * longer. While a lock lives its end only moves on, so the later one is the newer.
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

/** How the map shows what is the viewer's. */
export function ownSeats({ locks, bookings }: HeldSeats, picks: readonly number[]): OwnSeats {
  const own = new Map<number, Appearance>();
  for (const seat of picks) own.set(seat, 'picked');
  for (const { seatNumber } of locks) own.set(seatNumber, 'held');
  for (const { seatNumber, status } of bookings)
    own.set(seatNumber, status === 'PENDING' ? 'pending' : 'yours');
  return own;
}

/**
 * The locks of before whose time has run out since: neither paid for nor given back.
 *
 * @param known the viewer's locks as they were last told, ended ones too
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
