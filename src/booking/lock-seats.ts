import { type Event, hasSeat } from '../catalog/event.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { isEventId, newLockId } from '../core/ids.js';
import type { LockSeats } from './commands.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { eventNotFound, requireOnSale } from './refusals.js';
import type { Rules } from './rules.js';
import { faultOfPick } from './seat-wish.js';
import { isHeldBy, isTaken, seatLimitRefusal, takeSeats } from './take-seats.js';

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
 * @throws EVENT_NOT_FOUND, EVENT_CLOSED, SALE_NOT_OPEN, SALE_PAUSED, SEAT_NOT_FOUND, SEAT_UNAVAILABLE, SEAT_LIMIT_REACHED, COMPANION_ONLY,
 *   LEAVES_ORPHAN
 */
export function lockSeats(draft: Draft, command: LockSeats, now: Date, rules: Rules): Lock[] {
  const { event } = draft;
  const { userId, seatNumbers } = command;
  requireOnSale(event, userId, now);
  requireSeats(event, seatNumbers);

  const taken = seatNumbers.filter((seat) => isTaken(draft, userId, seat, now));
  if (taken.length > 0) throw new SeatsTaken(taken, event);
  const newSeats = seatNumbers.filter((seat) => !isHeldBy(draft, userId, seat, now)).length;
  const overLimit = seatLimitRefusal(draft, userId, newSeats, now, rules);
  if (overLimit !== null) throw overLimit;
  requirePermittedPick(draft, userId, seatNumbers, now);
  return takeSeats(draft, userId, seatNumbers, command.newLockIds, now, rules);
}

/** @throws COMPANION_ONLY, LEAVES_ORPHAN */
function requirePermittedPick(draft: Draft, userId: string, seatNumbers: readonly number[], now: Date): void {
  // Loaded only for events that have such rules.
  if (draft.occupancy === null) return;
  const fault = faultOfPick(draft, draft.occupancy, userId, seatNumbers, now);
  if (fault === null) return;
  if (fault.code === 'companionOnly') {
    const message = 'A companion seat can only be had with the wheelchair seat beside it.';
    throw new DomainError('COMPANION_ONLY', message, { seatNumbers });
  }
  const message = 'This pick would leave a single free seat that nobody would take.';
  throw new DomainError('LEAVES_ORPHAN', message, { orphanSeats: fault.orphanSeats });
}

/** @throws SEAT_NOT_FOUND */
export function requireSeats(event: Event, seatNumbers: readonly number[]): void {
  const unknown = seatNumbers.filter((seatNumber) => !hasSeat(event, seatNumber));
  if (unknown.length === 0) return;
  throw new DomainError('SEAT_NOT_FOUND', `The event's seats are numbered 1 to ${event.totalSeats}.`, {
    field: 'seatNumbers',
    seatNumbers: unknown,
    totalSeats: event.totalSeats,
  });
}
