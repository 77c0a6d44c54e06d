import type { Expired, ExpireLocks } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { hasExpired, type Lock } from './lock.js';

/**
 * Locks that one expire command ends at most; the sweep asks again while there may be more. Few: whoever else has a command
 * in the batch, or comes while it is under way, waits for its end.
 */
export const LOCKS_EXPIRED_AT_ONCE_MAX = 25;

export const expireLocksCommand = (eventId: string): ExpireLocks => ({ kind: 'expireLocks', eventId });

/** Writes the lapses down, so that history and subscribers see them, and gives back what was paid for them. */
export function expireLocks(draft: Draft, now: Date): Expired {
  const lapsedOf = (locks: Iterable<Lock>) => [...locks].filter((lock) => hasExpired(lock, now));
  // Other commands of the batch may have loaded more.
  const lapsed = lapsedOf(draft.locksBeforeCommand()).slice(0, LOCKS_EXPIRED_AT_ONCE_MAX);
  for (const lock of lapsed) endLock(draft, lock, 'expired', lock.expiresAt);
  // Some of those that were loaded may have been ended by others in the batch: whoever locks their seats ends them.
  const loaded = lapsedOf(draft.locksBeforeBatch()).length;
  return { ended: lapsed.length, hasMore: loaded >= LOCKS_EXPIRED_AT_ONCE_MAX };
}
