import { type Event, priceOfSeat } from '../catalog/event.js';
import type { Money } from '../catalog/money.js';

/**
 * A lock gives one seat to one user for a limited time, or keeps it off sale.
 *
 *     active ──▶ used        its booking was made
 *     active ──▶ expired     expiresAt passed, and a batch recorded that
 *     active ──▶ released    its user released it
 *     used ────▶ released    its booking was cancelled by the user, or its payment failed
 *     used ────▶ expired     its PENDING booking was overdue
 *     expired ─▶ used        …and the payment settled late while the seat was still free
 *     expired ─▶ released    …or its user cancelled the booking, so that it stays cancelled
 *     heldBack ▶ released    the organizer put the seat back on sale
 *     heldBack ▶ expired     it was held back until an instant that has passed, and a batch recorded that
 *     heldBack ▶ used        the organizer booked the seat without payment
 *
 * `active`, `used` and `heldBack` are live: the database's unique index allows one live lock for each seat. An active or
 * held-back lock has expired from `expiresAt` on, whether or not that is recorded: every rule compares the times, and none
 * waits for a job.
 */
export type LockStatus = 'active' | 'used' | 'expired' | 'released' | 'heldBack';

/** The user of records that belong to an event's organizer as such, whoever that is. No user has this id. */
export const EVENT_ORGANIZER = 'organizer';

/** `expiresAt` of a lock that no instant ends: the last one that a date can have. */
export const NO_EXPIRY = new Date(8.64e15);

export interface Lock {
  readonly id: string;
  readonly eventId: string;
  readonly seatNumber: number;
  readonly userId: string;
  readonly status: LockStatus;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** When its status last changed; null while active. For an expired lock this is expiresAt, however late it was recorded. */
  readonly endedAt: Date | null;
  /** Set when it is used, and never removed. */
  readonly bookingId: string | null;
  /** The PENDING or COMPLETED payment that pays for it. A lock is paid once. */
  readonly paymentId: string | null;
  /** The version of the seat map that has the lock with this expiry; null if it was never active, or is of an earlier release. */
  readonly version: number | null;
  /** What the seat cost when it was locked: null if the client chooses; absent in locks of earlier releases. */
  readonly price?: Money | null;
  /** For whom or why the organizer held the seat back; absent in all other locks. */
  readonly label?: string;
}

export const LIVE_LOCK_STATUSES = ['active', 'used', 'heldBack'] as const satisfies readonly LockStatus[];

export const isLive = ({ status }: Pick<Lock, 'status'>): boolean =>
  status === 'active' || status === 'used' || status === 'heldBack';

export const hasExpired = ({ status, expiresAt }: Lock, now: Date): boolean =>
  (status === 'active' || status === 'heldBack') && expiresAt <= now;

/** Whether the lock holds its seat at this instant. */
export const holdsSeat = (lock: Lock, now: Date): boolean => isLive(lock) && !hasExpired(lock, now);

/** Whether it was a hold-back and has ended. Nothing refers to it then, and the ledger says what became of the seat. */
export const isEndedHoldBack = (lock: Lock): boolean =>
  lock.userId === EVENT_ORGANIZER && lock.bookingId === null && !isLive(lock);

/** Whether its PENDING booking was cancelled as overdue. A late settlement may use the lock again. */
export const hasTimedOut = (lock: Lock): boolean => lock.status === 'expired' && lock.bookingId !== null;

/** Whether a payment for it can still end in a booking. An expired lock counts until its expiry is recorded. */
export const canStillBeBooked = (lock: Lock): boolean => isLive(lock) || hasTimedOut(lock);

/** What a payment for the lock costs. A later price of the seat does not change it. */
export const priceOfLock = (
  event: Event,
  { price, seatNumber }: Pick<Lock, 'price' | 'seatNumber'>,
): Money | null => (price === undefined ? priceOfSeat(event, seatNumber) : price);

/** The status for readers: an expired lock is `expired` even if that is not recorded yet. */
export const statusAt = (lock: Lock, now: Date): LockStatus =>
  hasExpired(lock, now) ? 'expired' : lock.status;

/** Whole milliseconds until it expires; 0 once it is not active. */
export const remainingMs = (lock: Lock, now: Date): number =>
  statusAt(lock, now) === 'active' ? lock.expiresAt.getTime() - now.getTime() : 0;
