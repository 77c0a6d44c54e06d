import { DomainError } from '../core/errors.js';
import type { DatabaseProbe } from './database-probe.js';
import { isNotSent, isUnanswered } from './mongo-errors.js';

/** About as long as a replica set needs to elect another primary. */
const RETRY_AFTER_MS = 2_000;

export type DatabaseStatus = Pick<DatabaseProbe, 'isUnavailable'>;

/**
 * Wraps a store, so that its calls are refused, and do not fail with a fault, while the database does not answer: while
 * it elects a primary, restarts, or is so slow that no connection is free.
 *
 * @param database while it is unavailable, no call is made
 * @param changes the methods that change data: without an answer, nobody knows whether they did
 * @returns the same store; its promises may also reject with TOO_BUSY, and those of `changes` with OUTCOME_UNKNOWN
 */
export function refusingWhileUnavailable<Store extends object>(
  store: Store,
  database: DatabaseStatus,
  changes: readonly (keyof Store)[] = [],
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const isChange = changes.includes(name as keyof Store);
      return (...args: unknown[]) => {
        if (database.isUnavailable) return Promise.reject(databaseUnavailable());
        const result: unknown = member.apply(target, args);
        if (!(result instanceof Promise)) return result;
        return result.catch((error: unknown) => {
          throw refusalOf(error, isChange);
        });
      };
    },
  });
}

/** @returns the error itself if it is the database's answer */
function refusalOf(error: unknown, isChange: boolean): unknown {
  if (isNotSent(error) || (isUnanswered(error) && !isChange)) return databaseUnavailable();
  if (!isUnanswered(error)) return error;
  return new DomainError(
    'OUTCOME_UNKNOWN',
    'It is not known whether this was done: the database did not answer in time. Check before you send it again.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}

export const databaseUnavailable = (): DomainError =>
  new DomainError(
    'TOO_BUSY',
    'The database does not answer at this moment; nothing was done. Try again shortly.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
