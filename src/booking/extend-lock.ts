import { DomainError } from '../core/errors.js';
import type { ExtendLock } from './commands.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { requireActive } from './refusals.js';
import { eventOfLock } from './route.js';
import type { Rules } from './rules.js';

/** @throws LOCK_NOT_FOUND */
export function extendLockCommand(userId: string, lockId: string): ExtendLock {
  return { kind: 'extendLock', eventId: eventOfLock(lockId), userId, lockId };
}

/**
 * Restarts the lock's time, but never beyond its longest life.
 *
 * @throws LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, LOCK_EXTENSION_LIMIT
 */
export function extendLock(draft: Draft, command: ExtendLock, now: Date, rules: Rules): Lock {
  const lock = requireActive(draft.lock(command.lockId), command.userId, now);
  const latest = lock.createdAt.getTime() + rules.lockMaxLifeMs;
  const expiresAt = new Date(Math.min(now.getTime() + rules.lockTtlMs, latest));
  if (expiresAt <= lock.expiresAt) {
    throw new DomainError('LOCK_EXTENSION_LIMIT', 'The lock cannot be extended any further.', {
      expiresAt: lock.expiresAt,
    });
  }
  return draft.putLock({ ...lock, expiresAt, version: draft.event.version + 1 });
}
