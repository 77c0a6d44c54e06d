import { DomainError } from '../core/errors.js';
import type { ReleaseLock } from './commands.js';
import type { Draft } from './draft.js';
import { endLock } from './end-lock.js';
import { hasExpired, type Lock } from './lock.js';
import { lockNotFound } from './refusals.js';
import { eventOfLock } from './route.js';

/** @throws LOCK_NOT_FOUND */
export function releaseLockCommand(userId: string, lockId: string): ReleaseLock {
  return { kind: 'releaseLock', eventId: eventOfLock(lockId), userId, lockId };
}

/**
 * Releases a lock. An ended lock is returned as it is. An expired one is recorded as expired.
 *
 * @throws LOCK_NOT_FOUND, LOCK_ALREADY_USED
 */
export function releaseLock(draft: Draft, command: ReleaseLock, now: Date): Lock {
  const lock = draft.lock(command.lockId);
  if (lock === undefined || lock.userId !== command.userId) throw lockNotFound();
  if (lock.status === 'used') {
    const details = { lockId: lock.id, bookingId: lock.bookingId };
    throw new DomainError('LOCK_ALREADY_USED', 'The seat is booked; cancel the booking instead.', details);
  }
  if (lock.status !== 'active') return lock;
  if (hasExpired(lock, now)) return endLock(draft, lock, 'expired', lock.expiresAt);
  return endLock(draft, lock, 'released', now);
}
