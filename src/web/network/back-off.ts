import { retryAfterMsOf } from './api-error.js';

/** A pause before a next try, longer with each one, in ms. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Before a subscription that the server ended, with an error or without a word, is begun again. */
const RESUME: BackOff = { firstMs: 2_000, longestMs: 30_000 };

/**
 * Spread, or everybody who lost the same server comes back to it in the same instant.
 *
 * @param tries how many there were already
 */
export function pauseMs({ firstMs, longestMs }: BackOff, tries: number, random = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** tries) * (0.5 + random() / 2);
}

/**
 * For a subscription that the server ended: no shorter than what it asked for.
 *
 * @param tries how often it was ended since it last told something
 * @param error what it was ended with, if with anything
 */
export function resumePauseMs(tries: number, error: unknown): number {
  return Math.max(pauseMs(RESUME, tries), retryAfterMsOf(error));
}
