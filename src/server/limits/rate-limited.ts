import { DomainError } from '../../core/errors.js';

/** @throws RATE_LIMITED if the attempt is a number: the milliseconds until there are points again */
export function orRefuse<Passed>(attempt: Passed | number, message?: string): Passed {
  return typeof attempt === 'number' ? refuse(attempt, message) : attempt;
}

/** @throws RATE_LIMITED */
export function refuse(retryAfterMs: number, message = 'Too many calls.'): never {
  throw new DomainError('RATE_LIMITED', `${message} Nothing was done; try again later.`, { retryAfterMs });
}
