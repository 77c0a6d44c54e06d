/**
 * A lock gives one seat to one user for a while.
 *
 *     active ──▶ used        its booking was made
 *     active ──▶ expired     it lapsed (expiresAt passed) and a batch wrote that down
 *     active ──▶ released    its user gave it up
 *     used ────▶ released    its booking was cancelled by the user, or its payment failed
 *     used ────▶ expired     its PENDING booking timed out
 *     expired ─▶ used        …and the payment settled late while the seat was still free
 *     expired ─▶ released    …or its user cancelled it after all, so that it stays cancelled
 *
 * `active` and `used` are live: the database's unique index lets a seat have one live lock only. An active lock has
 * lapsed from `expiresAt` on, whether or not anything was written: every rule compares, and none waits for a job.
 */
export type LockStatus = 'active' | 'used' | 'expired' | 'released';

export interface Lock {
  readonly id: string;
  readonly eventId: string;
  readonly seatNumber: number;
  readonly userId: string;
  readonly status: LockStatus;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When it last changed its status, null while active; for a lapse that is expiresAt, however late it was written. */
  readonly endedAt: Date | null;
  /** Set when it was used, and kept. */
  readonly bookingId: string | null;
  /** The PENDING or COMPLETED payment that pays for it. A lock is paid once. */
  readonly paymentId: string | null;
}

export const LIVE_LOCK_STATUSES = ['active', 'used'] as const satisfies readonly LockStatus[];

export const isLive = (lock: Lock): boolean => lock.status === 'active' || lock.status === 'used';

export const hasExpired = (lock: Lock, now: Date): boolean =>
  lock.status === 'active' && lock.expiresAt <= now;

/** Whether the lock keeps its seat from others at this instant. */
export const holdsSeat = (lock: Lock, now: Date): boolean => isLive(lock) && !hasExpired(lock, now);

/** Its PENDING booking timed out: a late settlement may use it again. */
export const hasTimedOut = (lock: Lock): boolean => lock.status === 'expired' && lock.bookingId !== null;

/** Whether money for it can still end in a booking. A lapse counts once it is written. */
export const canStillBeBooked = (lock: Lock): boolean => isLive(lock) || hasTimedOut(lock);

/** The status that a reader is shown: a lapsed lock says `expired` at once. */
export const statusAt = (lock: Lock, now: Date): LockStatus =>
  hasExpired(lock, now) ? 'expired' : lock.status;

/** Whole milliseconds until it lapses; 0 once it is not active. */
export const remainingMs = (lock: Lock, now: Date): number =>
  statusAt(lock, now) === 'active' ? lock.expiresAt.getTime() - now.getTime() : 0;

/** When it ended for its user, or null while it is active. */
export const endedAtOf = (lock: Lock, now: Date): Date | null =>
  hasExpired(lock, now) ? lock.expiresAt : lock.endedAt;
