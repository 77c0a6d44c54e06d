import { createHash } from 'node:crypto';
import { badUserInput, DomainError } from '../core/errors.js';

/** A call that succeeded under a requestId, so that the same call again is answered and not done again. */
export interface Request {
  /** userId + operation + the client's requestId: unique in the database. */
  readonly id: string;
  readonly inputHash: string;
  /** Ids of the bookings or the payment that it made. */
  readonly resultIds: readonly string[];
  readonly createdAt: Date;
}

export const REQUEST_ID_LENGTH_MAX = 128;

/** The client's key for one call and the call's input in one text, to tell a repetition from a mix-up. */
export interface RequestKey {
  readonly id: string;
  readonly inputHash: string;
}

/** @throws BAD_USER_INPUT when the client's requestId is empty or too long */
export function requestKey(
  userId: string,
  operation: string,
  requestId: string,
  input: readonly unknown[],
): RequestKey {
  if (requestId.length < 1 || requestId.length > REQUEST_ID_LENGTH_MAX) {
    const max = REQUEST_ID_LENGTH_MAX;
    throw badUserInput('requestId', `A requestId has 1 to ${max} characters.`, { max });
  }
  // Half of a character cannot be stored: it would come back as another one, and the call as one never made.
  if (/\p{Surrogate}/u.test(requestId))
    throw badUserInput('requestId', 'A requestId is well-formed Unicode.');
  const inputHash = createHash('sha256').update(JSON.stringify(input)).digest('base64url');
  return { id: `${userId}:${operation}:${requestId}`, inputHash };
}

/**
 * Whether the call was made before.
 *
 * @throws IDEMPOTENCY_CONFLICT when the same requestId came with other input
 */
export function isReplay(earlier: Request | undefined, key: RequestKey): earlier is Request {
  if (earlier === undefined) return false;
  if (earlier.inputHash === key.inputHash) return true;
  throw idempotencyConflict();
}

export const idempotencyConflict = (): DomainError =>
  new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This requestId was used before with other input. Repeat a call with the same input, or take a new requestId.',
  );
