import { priceOfSeat, seatLimit } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { holdsSeat, type Lock } from './lock.js';
import type { Rules } from './rules.js';

/** Whether somebody else has the seat: another user, or the user's own booking. */
export function isTaken(draft: Draft, userId: string, seatNumber: number, now: Date): boolean {
  if (isHeldBy(draft, userId, seatNumber, now)) return false;
  const lock = draft.liveLockOfSeat(seatNumber);
  if (lock !== undefined) return holdsSeat(lock, now);
  // The batch may have loaded the locks of other seats only.
  return draft.occupancy !== null && !draft.occupancy.isFree(seatNumber);
}

/** Whether the user has an active lock on the seat. */
export function isHeldBy(draft: Draft, userId: string, seatNumber: number, now: Date): boolean {
  const lock = draft.liveLockOfSeat(seatNumber);
  return lock !== undefined && lock.userId === userId && lock.status === 'active' && holdsSeat(lock, now);
}

/** The user's locks that hold a seat, booked ones included. They count towards the seat limit. */
export const holdingLocks = (draft: Draft, userId: string, now: Date): Lock[] =>
  draft.locksOfUser(userId).filter((lock) => holdsSeat(lock, now));

/** @returns the refusal if the user would have too many seats with `count` more of them */
export function seatLimitRefusal(
  draft: Draft,
  userId: string,
  count: number,
  now: Date,
  rules: Rules,
): DomainError | null {
  const held = holdingLocks(draft, userId, now);
  const limit = seatLimit(draft.event, rules.seatsPerViewerMax);
  const excess = held.length + count - limit;
  if (count === 0 || excess <= 0) return null;
  return new DomainError('SEAT_LIMIT_REACHED', `One person can have ${limit} seats of an event.`, {
    limit,
    ...retryAfterExpiry(held, excess, now),
  });
}

/** When `count` of the locks will have expired; empty if that will not happen. */
function retryAfterExpiry(
  held: readonly Lock[],
  count: number,
  now: Date,
): { readonly retryAfterMs?: number } {
  const expiries = held
    .filter(({ status }) => status === 'active')
    .map(({ expiresAt }) => expiresAt.getTime());
  const last = expiries.sort((a, b) => a - b)[count - 1];
  return last === undefined ? {} : { retryAfterMs: last - now.getTime() };
}

/**
 * Locks seats of which nobody else has any. A seat that the user has already locked keeps its lock.
 *
 * @param newLockIds at least one for each seat
 * @returns the locks in the order of the seats
 */
export function takeSeats(
  draft: Draft,
  userId: string,
  seatNumbers: readonly number[],
  newLockIds: readonly string[],
  now: Date,
  rules: Rules,
): Lock[] {
  const { id: eventId, version } = draft.event;
  return seatNumbers.map((seatNumber, index) => {
    const liveLock = draft.liveLockOfSeat(seatNumber);
    if (liveLock !== undefined) {
      if (isHeldBy(draft, userId, seatNumber, now)) return liveLock;
      if (holdsSeat(liveLock, now))
        throw new Error(`Seat ${seatNumber} is not free, as lock ${liveLock.id} holds it.`);
      endLock(draft, liveLock, 'expired', liveLock.expiresAt);
    } else if (draft.occupancy?.isRecordedAsLocked(seatNumber)) {
      draft.reportMissingLock(seatNumber);
    }
    return draft.putLock({
      id: newLockIds[index] as string,
      eventId,
      seatNumber,
      userId,
      status: 'active',
      createdAt: now,
      expiresAt: new Date(now.getTime() + rules.lockTtlMs),
      endedAt: null,
      bookingId: null,
      paymentId: null,
      version: version + 1,
      price: priceOfSeat(draft.event, seatNumber),
    });
  });
}
