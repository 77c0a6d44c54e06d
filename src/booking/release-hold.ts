import { badUserInput } from '../core/errors.js';
import { isEventId } from '../core/ids.js';
import type { ReleaseHold } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { holdOf } from './hold-seats.js';
import type { Lock } from './lock.js';
import { SEATS_PER_CALL_MAX } from './lock-seats.js';
import { eventNotFound, requireVisible } from './refusals.js';

/**
 * @param seatNumbers null for all that the user holds
 * @throws EVENT_NOT_FOUND, BAD_USER_INPUT
 */
export function releaseHoldCommand(
  userId: string,
  eventId: string,
  seatNumbers: readonly number[] | null,
): ReleaseHold {
  if (!isEventId(eventId)) throw eventNotFound();
  if (seatNumbers !== null && (seatNumbers.length < 1 || seatNumbers.length > SEATS_PER_CALL_MAX)) {
    throw badUserInput('seatNumbers', `Name 1 to ${SEATS_PER_CALL_MAX} seats, or leave them out for all.`, {
      max: SEATS_PER_CALL_MAX,
    });
  }
  return { kind: 'releaseHold', eventId, userId, seatNumbers };
}

/**
 * Releases what the user holds of the event, or these seats of it. A seat that is not held is left alone.
 *
 * @returns what is still held
 * @throws EVENT_NOT_FOUND
 */
export function releaseHold(draft: Draft, { userId, seatNumbers }: ReleaseHold, now: Date): Lock[] {
  requireVisible(draft.event, userId);
  for (const lock of holdOf(draft, userId, now)) {
    if (seatNumbers === null || seatNumbers.includes(lock.seatNumber)) endLock(draft, lock, 'released', now);
  }
  return holdOf(draft, userId, now);
}
