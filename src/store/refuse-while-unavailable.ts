import { DomainError } from '../core/errors.js';
import type { DatabaseProbe } from './database-probe.js';
import { isNotSent, isUnanswered } from './mongo-errors.js';

/** About as long as a replica set needs to elect another primary. */
const RETRY_AFTER_MS = 2_000;

export type DatabaseStatus = Pick<DatabaseProbe, 'isUnavailable'>;

/**
 * A store whose calls end in a refusal, and not in a fault, while the database does not answer: it elects a primary,
 * restarts, or is so slow that no connection is free.
 *
 * @param database while it is known to be away, nothing is asked of it
 * @param changes the methods that change something: where an answer never came, nobody knows whether they did
 * @returns the same store, each of whose promises may also reject with TOO_BUSY or, for those, OUTCOME_UNKNOWN
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

/** @returns the error itself where the database did answer */
function refusalOf(error: unknown, isChange: boolean): unknown {
  if (isNotSent(error) || (isUnanswered(error) && !isChange)) return databaseUnavailable();
  if (!isUnanswered(error)) return error;
  return new DomainError(
    'OUTCOME_UNKNOWN',
    'It is not known whether this was done: the database did not answer in time. Look before sending it again.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
}

export const databaseUnavailable = (): DomainError =>
  new DomainError(
    'TOO_BUSY',
    'The database does not answer at this moment; nothing was done. Try again shortly.',
    { retryAfterMs: RETRY_AFTER_MS },
  );
