import { retryAfterMsOf } from './api-error.js';

/** Pauses before attempts, doubling up to the longest. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Before a subscription is started again that the server ended, with or without an error. */
const RESUME: BackOff = { firstMs: 2_000, longestMs: 30_000 };

/**
 * Random, so that clients that lost the same server do not reconnect in the same instant.
 *
 * @param attempts the number of earlier attempts
 */
export function pauseMs({ firstMs, longestMs }: BackOff, attempts: number, random = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** attempts) * (0.5 + random() / 2);
}

/**
 * For a subscription that the server ended: at least as long as the server asks for.
 *
 * @param attempts how often it has ended since its last message
 * @param error the error that ended it, if any
 */
export function resumePauseMs(attempts: number, error: unknown): number {
  return Math.max(pauseMs(RESUME, attempts), retryAfterMsOf(error));
}
