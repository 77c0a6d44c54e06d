import type { Expired, ExpireLocks } from './commands.js';
import type { Draft } from './draft.js';
import { hasLapsed } from './lock.js';

/**
 * Locks that one expire command ends at most; the sweep asks again while there may be more. Few: whoever else has a command
 * in the batch, or comes while it is under way, waits for its end.
 */
export const LOCKS_EXPIRED_AT_ONCE_MAX = 25;

export const expireLocksCommand = (eventId: string): ExpireLocks => ({ kind: 'expireLocks', eventId });

/** Writes the lapses down, so that history and subscribers see them, and gives back what was paid for them. */
export function expireLocks(draft: Draft, now: Date): Expired {
  const lapsed = [...draft.locksBefore()].filter((lock) => hasLapsed(lock, now));
  for (const lock of lapsed) draft.endLock(lock, 'expired', lock.expiresAt);
  return { ended: lapsed.length, more: lapsed.length >= LOCKS_EXPIRED_AT_ONCE_MAX };
}
