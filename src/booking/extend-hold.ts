import { isEventId } from '../core/ids.js';
import type { ExtendHold } from './commands.js';
import type { Draft } from './draft.js';
import { extendedLock, extensionLimit } from './extend-lock.js';
import { holdOf } from './hold-seats.js';
import type { Lock } from './lock.js';
import { eventNotFound, requireNotCancelled, requireVisible } from './refusals.js';
import type { Rules } from './rules.js';

/** @throws EVENT_NOT_FOUND */
export function extendHoldCommand(userId: string, eventId: string): ExtendHold {
  if (!isEventId(eventId)) throw eventNotFound();
  return { kind: 'extendHold', eventId, userId };
}

/**
 * Restarts the time of every lock that the user holds of the event, as far as each may be extended.
 *
 * @returns the locks; empty if the user holds none
 * @throws EVENT_NOT_FOUND; EVENT_CLOSED once the event is cancelled; LOCK_EXTENSION_LIMIT if none of them can be extended
 */
export function extendHold(draft: Draft, { userId }: ExtendHold, now: Date, rules: Rules): Lock[] {
  requireVisible(draft.event, userId);
  requireNotCancelled(draft.event);
  const locks = holdOf(draft, userId, now);
  const extended = locks.map((lock) => extendedLock(draft, lock, now, rules));
  if (locks.length > 0 && extended.every((lock) => lock === null)) throw extensionLimit(locks[0] as Lock);
  return locks.map((lock, index) => {
    const longer = extended[index];
    return longer == null ? lock : draft.putLock(longer);
  });
}
