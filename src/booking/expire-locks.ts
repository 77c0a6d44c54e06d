import type { Expired, ExpireLocks } from './commands.js';
import type { Draft } from './draft.js';
import { hasLapsed } from './lock.js';

/** Locks that one expire command ends at most; the sweep asks again while there may be more. */
export const LOCKS_EXPIRED_AT_ONCE_MAX = 1_000;
/** The same where somebody else's commands are in its batch: whoever wants something of the event waits for a short one. */
export const LOCKS_EXPIRED_BESIDE_OTHERS_MAX = 250;

export const expireLocksCommand = (eventId: string): ExpireLocks => ({ kind: 'expireLocks', eventId });

/** Writes the lapses down, so that history and subscribers see them, and gives back what was paid for them. */
export function expireLocks(draft: Draft, now: Date): Expired {
  const lapsed = [...draft.locksBefore()].filter((lock) => hasLapsed(lock, now));
  for (const lock of lapsed) draft.endLock(lock, 'expired', lock.expiresAt);
  return { ended: lapsed.length, more: lapsed.length >= LOCKS_EXPIRED_BESIDE_OTHERS_MAX };
}
