import { badUserInput } from '../core/errors.js';
import { eventInBookingId, eventInLockId, eventInPaymentId } from '../core/ids.js';
import { bookingNotFound, lockNotFound, paymentNotFound } from './refusals.js';

/** Finds the event whose queue a call goes to. Ids contain it, so that no look-up is needed. */

/** Locks that one payment or one confirmation may name. */
export const LOCKS_PER_CALL_MAX = 100;

/** @throws LOCK_NOT_FOUND for a text that is no lock's id */
export function eventOfLock(lockId: string): string {
  const eventId = eventInLockId(lockId);
  if (eventId === undefined) throw lockNotFound();
  return eventId;
}

/** No event has this id. Calls with an impossible lock id get it, as their requestId may still belong to an earlier call. */
const NO_EVENT = 'none';

/** @throws BAD_USER_INPUT for no locks, too many, duplicates, or locks of different events */
export function eventOfLocks(lockIds: readonly string[]): string {
  if (lockIds.length < 1 || lockIds.length > LOCKS_PER_CALL_MAX) {
    throw badUserInput('lockIds', `Name 1 to ${LOCKS_PER_CALL_MAX} locks.`, { max: LOCKS_PER_CALL_MAX });
  }
  if (new Set(lockIds).size !== lockIds.length) throw badUserInput('lockIds', 'A lock is named twice.');
  const [eventId, ...others] = lockIds.map(eventInLockId);
  if (eventId === undefined || others.includes(undefined)) return NO_EVENT;
  if (others.some((other) => other !== eventId)) {
    throw badUserInput('lockIds', 'The locks are of different events.');
  }
  return eventId;
}

/** @throws PAYMENT_NOT_FOUND for a text that is no payment's id */
export function eventOfPayment(paymentId: string): string {
  const eventId = eventInPaymentId(paymentId);
  if (eventId === undefined) throw paymentNotFound();
  return eventId;
}

/** @throws BOOKING_NOT_FOUND for a text that is no booking's id */
export function eventOfBooking(bookingId: string): string {
  const eventId = eventInBookingId(bookingId);
  if (eventId === undefined) throw bookingNotFound();
  return eventId;
}
