import { type Event, hasSeat, seatLimit } from '../catalog/event.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { isEventId, newLockId } from '../core/ids.js';
import type { LockSeats } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { holdsSeat, type Lock } from './lock.js';
import { eventNotFound, requireOnSale } from './refusals.js';
import type { Rules } from './rules.js';

/** Seats that one lockSeats call may name; how many one user may hold is a rule of its own. */
export const SEATS_PER_CALL_MAX = 100;

/** @throws EVENT_NOT_FOUND, BAD_USER_INPUT */
export function lockSeatsCommand(userId: string, eventId: string, seatNumbers: readonly number[]): LockSeats {
  if (!isEventId(eventId)) throw eventNotFound();
  if (seatNumbers.length < 1 || seatNumbers.length > SEATS_PER_CALL_MAX) {
    throw badUserInput('seatNumbers', `Name 1 to ${SEATS_PER_CALL_MAX} seats.`, { max: SEATS_PER_CALL_MAX });
  }
  if (new Set(seatNumbers).size !== seatNumbers.length) {
    throw badUserInput('seatNumbers', 'A seat is named twice.');
  }
  const newLockIds = seatNumbers.map(() => newLockId(eventId));
  return { kind: 'lockSeats', eventId, userId, seatNumbers, newLockIds };
}

/** Other users have some of the seats. It contains the event, so that free seats near them can be suggested. */
export class SeatsTaken extends DomainError {
  constructor(
    readonly taken: readonly number[],
    readonly event: Event,
  ) {
    super('SEAT_UNAVAILABLE', 'Some of the seats are taken.', { seatNumbers: taken });
  }
}

/**
 * Locks all of the seats for the user, or none. A seat that the user has already locked keeps its lock.
 *
 * @throws EVENT_CLOSED, SALE_NOT_OPEN, SEAT_NOT_FOUND, SEAT_UNAVAILABLE, SEAT_LIMIT_REACHED
 */
export function lockSeats(draft: Draft, command: LockSeats, now: Date, rules: Rules): Lock[] {
  const { event } = draft;
  const { userId, seatNumbers } = command;
  requireOnSale(event, now);
  requireSeats(event, seatNumbers);

  const liveLocks = seatNumbers.map((seatNumber) => draft.liveLockOfSeat(seatNumber));
  const isOwn = (lock: Lock) => lock.userId === userId && lock.status === 'active';
  const taken = seatNumbers.filter((_, index) => {
    const liveLock = liveLocks[index];
    return liveLock !== undefined && holdsSeat(liveLock, now) && !isOwn(liveLock);
  });
  if (taken.length > 0) {
    throw new SeatsTaken(taken, event);
  }

  const wanted = liveLocks.filter((liveLock) => liveLock === undefined || !holdsSeat(liveLock, now)).length;
  const held = draft.locksOfUser(userId).filter((lock) => holdsSeat(lock, now));
  const limit = seatLimit(event, rules.seatsPerViewerMax);
  if (wanted > 0 && held.length + wanted > limit) {
    throw new DomainError('SEAT_LIMIT_REACHED', `One person can have ${limit} seats of an event.`, {
      limit,
      ...retryAfterExpiry(held, held.length + wanted - limit, now),
    });
  }

  return seatNumbers.map((seatNumber, index) => {
    const liveLock = liveLocks[index];
    if (liveLock !== undefined) {
      if (holdsSeat(liveLock, now)) return liveLock;
      endLock(draft, liveLock, 'expired', liveLock.expiresAt);
    }
    return draft.putLock({
      id: command.newLockIds[index] as string,
      eventId: event.id,
      seatNumber,
      userId,
      status: 'active',
      createdAt: now,
      expiresAt: new Date(now.getTime() + rules.lockTtlMs),
      endedAt: null,
      bookingId: null,
      paymentId: null,
      version: event.version + 1,
    });
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

function requireSeats(event: Event, seatNumbers: readonly number[]): void {
  const unknown = seatNumbers.filter((seatNumber) => !hasSeat(event, seatNumber));
  if (unknown.length === 0) return;
  throw new DomainError('SEAT_NOT_FOUND', `The event's seats are numbered 1 to ${event.totalSeats}.`, {
    field: seatNumbers.length === 1 ? 'seatNumber' : 'seatNumbers',
    seatNumbers: unknown,
    totalSeats: event.totalSeats,
  });
}
