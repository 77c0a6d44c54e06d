import type { Event } from '../catalog/event.js';
import { badUserInput, DomainError } from '../core/errors.js';
import { isEventId, newLockId } from '../core/ids.js';
import { nameFrom } from '../core/text.js';
import type { HeldBack, HoldBackSeats, ReleaseHeldBackSeats } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { EVENT_ORGANIZER, holdsSeat, type Lock, NO_EXPIRY } from './lock.js';
import { requireSeats } from './lock-seats.js';
import { eventNotFound, requireNotStarted, requireOrganizer } from './refusals.js';

/** Seats that one call may hold back, or put back on sale. The batch writes a record for each, and other commands wait for it. */
export const HELD_BACK_PER_CALL_MAX = 5_000;
/** Seats that one command puts back on sale. Other commands wait for it. A release need not be all or none, so it has steps. */
const RELEASED_AT_ONCE_MAX = 250;
/** In Unicode code points. */
export const LABEL_LENGTH_MAX = 100;

export interface HoldBackInput {
  readonly eventId: string;
  readonly seatNumbers: readonly number[];
  readonly label: string;
  readonly until?: Date | null | undefined;
  readonly skipTaken?: boolean | null | undefined;
}

/** @throws EVENT_NOT_FOUND, BAD_USER_INPUT */
export function holdBackSeatsCommand(userId: string, input: HoldBackInput): HoldBackSeats {
  const { eventId, seatNumbers, until = null, skipTaken } = input;
  if (!isEventId(eventId)) throw eventNotFound();
  checkSeatNumbers(seatNumbers, HELD_BACK_PER_CALL_MAX);
  return {
    kind: 'holdBackSeats',
    eventId,
    userId,
    seatNumbers,
    label: nameFrom('label', input.label, LABEL_LENGTH_MAX),
    until,
    skipTaken: skipTaken ?? false,
    newLockIds: seatNumbers.map(() => newLockId(eventId)),
  };
}

/**
 * The steps of one call, to be done one after the other. After an error the call can be repeated. The last seats come
 * first: for a while MongoDB walks over removed index entries when it looks for a free seat before them, up to the next
 * taken seat.
 *
 * @throws EVENT_NOT_FOUND, BAD_USER_INPUT
 */
export function releaseHeldBackSeatsCommands(
  userId: string,
  eventId: string,
  seatNumbers: readonly number[],
): ReleaseHeldBackSeats[] {
  if (!isEventId(eventId)) throw eventNotFound();
  checkSeatNumbers(seatNumbers, HELD_BACK_PER_CALL_MAX);
  const inOrder = [...seatNumbers].sort((one, other) => one - other);
  return Array.from(
    { length: Math.ceil(seatNumbers.length / RELEASED_AT_ONCE_MAX) },
    (_, step): ReleaseHeldBackSeats => ({
      kind: 'releaseHeldBackSeats',
      eventId,
      userId,
      seatNumbers: inOrder.slice(step * RELEASED_AT_ONCE_MAX, (step + 1) * RELEASED_AT_ONCE_MAX),
    }),
  ).reverse();
}

/** @throws BAD_USER_INPUT */
export function checkSeatNumbers(seatNumbers: readonly number[], max: number): void {
  if (seatNumbers.length < 1 || seatNumbers.length > max) {
    throw badUserInput('seatNumbers', `Name 1 to ${max} seats.`, { max });
  }
  if (new Set(seatNumbers).size !== seatNumbers.length) {
    throw badUserInput('seatNumbers', 'A seat is named twice.');
  }
}

/**
 * Takes all of the seats off sale, or none. A seat that is held back already gets the new label and the new end, so a
 * repeated call changes nothing.
 *
 * @throws EVENT_NOT_FOUND, EVENT_CLOSED, BAD_USER_INPUT, SEAT_NOT_FOUND, SEAT_UNAVAILABLE, checked in this order
 */
export function holdBackSeats(draft: Draft, command: HoldBackSeats, now: Date): HeldBack {
  const { event } = draft;
  const { seatNumbers, label, until, newLockIds } = command;
  requireOrganizer(event, command.userId);
  requireNotStarted(event, now, 'held back');
  if (until !== null && until <= now) throw badUserInput('until', 'This must be in the future.');
  requireSeats(event, seatNumbers);
  if (!command.skipTaken) requireNotTaken(draft, seatNumbers, now);

  const expiresAt = until ?? NO_EXPIRY;
  const heldBack: number[] = [];
  const change = { isAny: false, isOfMap: false };
  seatNumbers.forEach((seatNumber, index) => {
    if (isTakenByBuyer(draft, seatNumber, now)) return;
    heldBack.push(seatNumber);
    const before = heldBackLock(draft, seatNumber, now);
    const isSameEnd = before?.expiresAt.getTime() === expiresAt.getTime();
    if (isSameEnd && before?.label === label) return;
    change.isAny = true;
    change.isOfMap ||= !isSameEnd;
    if (before === undefined) {
      draft.putLock(
        newLockOfOrganizer(draft, seatNumber, newLockIds[index] as string, expiresAt, now, label),
      );
    } else draft.putLock({ ...before, label, expiresAt });
  });
  return answerOf(draft, event, heldBack, change);
}

/**
 * Puts held-back seats back on sale. A seat that is not held back is left alone.
 *
 * @throws EVENT_NOT_FOUND, SEAT_NOT_FOUND
 */
export function releaseHeldBackSeats(draft: Draft, command: ReleaseHeldBackSeats, now: Date): HeldBack {
  const { event } = draft;
  requireOrganizer(event, command.userId);
  requireSeats(event, command.seatNumbers);
  const released = command.seatNumbers.filter((seatNumber) => {
    const lock = heldBackLock(draft, seatNumber, now);
    if (lock !== undefined) endLock(draft, lock, 'released', now);
    return lock !== undefined;
  });
  const isChanged = released.length > 0;
  return answerOf(draft, event, released, { isAny: isChanged, isOfMap: isChanged });
}

function answerOf(
  draft: Draft,
  event: Event,
  seatNumbers: readonly number[],
  { isAny, isOfMap }: { readonly isAny: boolean; readonly isOfMap: boolean },
): HeldBack {
  if (isAny) draft.putEvent({ ...event, revision: event.revision + 1 });
  return { seatNumbers, version: event.version + (isOfMap ? 1 : 0) };
}

/** @throws SEAT_UNAVAILABLE if a buyer has one of the seats */
export function requireNotTaken(draft: Draft, seatNumbers: readonly number[], now: Date): void {
  const taken = seatNumbers.filter((seatNumber) => isTakenByBuyer(draft, seatNumber, now));
  if (taken.length === 0) return;
  throw new DomainError('SEAT_UNAVAILABLE', 'Somebody has some of the seats; nothing was changed.', {
    seatNumbers: taken,
  });
}

function isTakenByBuyer(draft: Draft, seatNumber: number, now: Date): boolean {
  const lock = draft.liveLockOfSeat(seatNumber);
  return lock !== undefined && lock.status !== 'heldBack' && holdsSeat(lock, now);
}

/** The lock that holds the seat back now. */
export function heldBackLock(draft: Draft, seatNumber: number, now: Date): Lock | undefined {
  const lock = draft.liveLockOfSeat(seatNumber);
  return lock?.status === 'heldBack' && holdsSeat(lock, now) ? lock : undefined;
}

/** A lock of a free seat, which the caller writes. If the seat's last lock has expired, that is recorded. */
export function newLockOfOrganizer(
  draft: Draft,
  seatNumber: number,
  id: string,
  expiresAt: Date,
  now: Date,
  label?: string,
): Lock {
  const expired = draft.liveLockOfSeat(seatNumber);
  if (expired !== undefined) endLock(draft, expired, 'expired', expired.expiresAt);
  return {
    id,
    eventId: draft.event.id,
    seatNumber,
    userId: EVENT_ORGANIZER,
    status: 'heldBack',
    createdAt: now,
    expiresAt,
    endedAt: null,
    bookingId: null,
    paymentId: null,
    version: null,
    ...(label !== undefined && { label }),
  };
}
