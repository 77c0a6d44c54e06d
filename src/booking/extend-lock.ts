import { DomainError } from '../core/errors.js';
import type { ExtendLock } from './commands.js';
import type { Draft } from './draft.js';
import type { Lock } from './lock.js';
import { requireActive, requireNotCancelled } from './refusals.js';
import { eventOfLock } from './route.js';
import type { Rules } from './rules.js';

/** @throws LOCK_NOT_FOUND */
export function extendLockCommand(userId: string, lockId: string): ExtendLock {
  return { kind: 'extendLock', eventId: eventOfLock(lockId), userId, lockId };
}

/**
 * Restarts the lock's time, but never beyond its longest life.
 *
 * @throws LOCK_NOT_FOUND, LOCK_ALREADY_USED, LOCK_EXPIRED, EVENT_CLOSED once the event is cancelled, LOCK_EXTENSION_LIMIT
 */
export function extendLock(draft: Draft, command: ExtendLock, now: Date, rules: Rules): Lock {
  const lock = requireActive(draft.lock(command.lockId), command.userId, now);
  requireNotCancelled(draft.event);
  const extended = extendedLock(draft, lock, now, rules);
  if (extended === null) throw extensionLimit(lock);
  return draft.putLock(extended);
}

/** The lock with its time restarted; null if that gains nothing. */
export function extendedLock(draft: Draft, lock: Lock, now: Date, rules: Rules): Lock | null {
  const latest = lock.createdAt.getTime() + rules.lockMaxLifeMs;
  const expiresAt = new Date(Math.min(now.getTime() + rules.lockTtlMs, latest));
  return expiresAt <= lock.expiresAt ? null : { ...lock, expiresAt, version: draft.event.version + 1 };
}

export const extensionLimit = ({ expiresAt }: Lock): DomainError =>
  new DomainError('LOCK_EXTENSION_LIMIT', 'The lock cannot be extended any further.', { expiresAt });
