import type { ErrorCode } from '../core/errors.js';

const STATUSES: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  TOO_BUSY: 503,
};

/** The status of a request that was refused as a whole, wherever on this server. */
export const httpStatusOf = (code: ErrorCode): number => STATUSES[code] ?? 400;
