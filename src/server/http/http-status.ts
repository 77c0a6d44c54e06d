import type { ErrorCode, ErrorDetails } from '../../core/errors.js';

const STATUSES: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  TOO_BUSY: 503,
};

/** The status of a request that was refused as a whole, wherever on this server. */
export const httpStatusOf = (code: ErrorCode): number => STATUSES[code] ?? 400;

/** The header of an answer that says when to come back, for those that read no bodies; undefined where it does not. */
export const retryAfterOf = ({ retryAfterMs }: ErrorDetails): string | undefined =>
  typeof retryAfterMs === 'number' ? String(Math.ceil(retryAfterMs / 1000)) : undefined;
