import { createHash } from 'node:crypto';
import { checkRequestId, idempotencyConflict } from '../core/request-id.js';

/** A call that succeeded under a requestId, so that the same call again is answered and not done again. */
export interface Request {
  /** userId + operation + the client's requestId: unique in the database. */
  readonly id: string;
  readonly inputHash: string;
  /** Ids of the bookings or the payment that it made. */
  readonly resultIds: readonly string[];
  readonly createdAt: Date;
}

/** The client's key for one call and the call's input in one text, to tell a repetition from a mix-up. */
export interface RequestKey {
  readonly id: string;
  readonly inputHash: string;
}

/** @throws BAD_USER_INPUT when the client's requestId is none */
export function requestKey(
  userId: string,
  operation: string,
  requestId: string,
  input: readonly unknown[],
): RequestKey {
  checkRequestId(requestId);
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
