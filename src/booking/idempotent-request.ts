import { hash } from 'node:crypto';
import { checkRequestId, idempotencyConflict } from '../core/request-id.js';
import type { Adjacency } from './choose-seats.js';

/** A successful call with a requestId. The same call again gets the same answer and is not done again. */
export interface Request {
  /** userId + operation + the client's requestId: unique in the database. */
  readonly id: string;
  readonly inputHash: string;
  /** Ids of the locks, of the bookings or of the payment that it created. */
  readonly resultIds: readonly string[];
  /** Which wish was served, and how close its seats are; only of holdSeats. */
  readonly served?: ServedWish | undefined;
  /** Only of checkIn. */
  readonly checkIn?: CheckedIn | undefined;
  readonly createdAt: Date;
}

export interface ServedWish {
  readonly wishIndex: number;
  /** Null for seats that the user named. */
  readonly adjacency: Adjacency | null;
}

/** How a scan was answered. */
export interface CheckedIn {
  readonly result: 'admitted' | 'alreadyAdmitted' | 'cancelled' | 'wrongEvent' | 'unknown';
  /** When the ticket was admitted, by this scan or an earlier one. */
  readonly checkedInAt: Date | null;
}

/** Identifies a call, with a hash of its input to tell a repetition from another call. */
export interface RequestKey {
  readonly id: string;
  readonly inputHash: string;
}

/** @throws BAD_USER_INPUT if the client's requestId is empty or too long */
export function requestKey(
  userId: string,
  operation: string,
  requestId: string,
  input: readonly unknown[],
): RequestKey {
  checkRequestId(requestId);
  const inputHash = hash('sha256', JSON.stringify(input), 'base64url');
  return { id: `${userId}:${operation}:${requestId}`, inputHash };
}

/** Ids of a user's requests are those that begin with this. */
export const requestIdsBeginWith = (userId: string): string => `${userId}:`;

export const isRequestOf = (userId: string, { id }: Pick<Request, 'id'>): boolean =>
  id.startsWith(requestIdsBeginWith(userId));

/** The id that the request has if this user made it. */
export const requestIdOf = (userId: string, { id }: Pick<Request, 'id'>): string =>
  userId + id.slice(id.indexOf(':'));

/**
 * Whether the same call was made before.
 *
 * @throws IDEMPOTENCY_CONFLICT if the requestId was used with other input
 */
export function isReplay(earlier: Request | undefined, key: RequestKey): earlier is Request {
  if (earlier === undefined) return false;
  if (earlier.inputHash === key.inputHash) return true;
  throw idempotencyConflict();
}
