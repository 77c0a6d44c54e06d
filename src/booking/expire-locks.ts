import type { Expired, ExpireLocks } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { hasExpired, type Lock } from './lock.js';

/**
 * How many locks one expire command ends; the recording repeats it while there may be more. Few, since all other commands
 * of the batch, and those that arrive while it is in flight, wait for it.
 */
export const LOCKS_EXPIRED_AT_ONCE_MAX = 25;

export const expireLocksCommand = (eventId: string): ExpireLocks => ({ kind: 'expireLocks', eventId });

/** Records expired locks, so that their history is complete and subscribers are notified, and refunds their payments. */
export function expireLocks(draft: Draft, now: Date): Expired {
  const expiredOf = (locks: Iterable<Lock>) => [...locks].filter((lock) => hasExpired(lock, now));
  // More may be loaded, for other commands of the batch.
  const expired = expiredOf(draft.locksBeforeCommand()).slice(0, LOCKS_EXPIRED_AT_ONCE_MAX);
  for (const lock of expired) endLock(draft, lock, 'expired', lock.expiresAt);
  // Earlier commands of the batch may have ended some of the loaded ones, so those before the batch are counted.
  const loaded = expiredOf(draft.locksBeforeBatch()).length;
  return { ended: expired.length, hasMore: loaded >= LOCKS_EXPIRED_AT_ONCE_MAX };
}
