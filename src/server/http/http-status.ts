import type { ErrorCode, ErrorDetails } from '../../core/errors.js';

const STATUSES: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  TOO_BUSY: 503,
};

/** The status of a request that was refused as a whole. */
export const httpStatusOf = (code: ErrorCode): number => STATUSES[code] ?? 400;

/**
 * The Retry-After header in seconds, for clients that do not read bodies; undefined if the error has no `retryAfterMs`.
 */
export const retryAfterOf = ({ retryAfterMs }: ErrorDetails): string | undefined =>
  typeof retryAfterMs === 'number' ? String(Math.ceil(retryAfterMs / 1000)) : undefined;
