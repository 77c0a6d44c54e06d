import type { ErrorCode } from '../../../../src/core/error-codes.js';

export type { ErrorCode };

/** A refusal of the server. */
export interface ApiError {
  /** The list is closed, so a `switch` can be exhaustive. A newer server may have further codes. */
  readonly code: ErrorCode;
  /** A sentence for a person. */
  readonly message: string;
  /** What a program needs beside the code. docs/api.md lists the details of each code. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a call throws that the server has refused. Any other error means that its outcome is unknown. */
export class SeatMapError extends Error implements ApiError {
  override readonly name = 'SeatMapError';
  readonly code: ErrorCode;
  readonly details: ApiError['details'];

  constructor({ code, message, details }: ApiError) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * The server's refusal in an error, or null without one: then the outcome of the call is unknown. Also reads the errors of
 * graphql-ws and of Apollo Client.
 */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof SeatMapError) return error;
  if (Array.isArray(error)) return firstOf(error);
  if (typeof error !== 'object' || error === null) return null;
  const { errors, bodyText } = error as { readonly errors?: unknown; readonly bodyText?: unknown };
  if (Array.isArray(errors)) return firstOf(errors);
  return typeof bodyText === 'string' ? refusalIn(bodyText) : null;
}

/** The first refusal in the body of an answer, or null. */
export function refusalIn(body: string): ApiError | null {
  try {
    return firstOf(JSON.parse(body).errors);
  } catch {
    return null;
  }
}

/** Whether the server refused the call because the session has expired or was ended elsewhere. */
export const isSessionEnded = (error: unknown): boolean => apiErrorOf(error)?.code === 'UNAUTHENTICATED';

/** The pause that the server asks for, in ms; 0 if it asks for none. */
export function retryAfterMsOf(error: unknown): number {
  const refusal = apiErrorOf(error);
  if (refusal?.code !== 'TOO_BUSY' && refusal?.code !== 'RATE_LIMITED') return 0;
  const { retryAfterMs } = refusal.details;
  return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
}

export function firstOf(errors: unknown): ApiError | null {
  const [first] = (Array.isArray(errors) ? errors : []) as readonly {
    readonly message?: unknown;
    readonly extensions?: { readonly code?: unknown; readonly details?: unknown };
  }[];
  const { code, details } = first?.extensions ?? {};
  if (typeof code !== 'string') return null;
  return {
    code: code as ErrorCode,
    message: String(first?.message),
    details: (details ?? {}) as ApiError['details'],
  };
}

/** Seat numbers, as a refusal lists them in its details. */
export function seatsIn(
  refusal: ApiError,
  detail: 'seatNumbers' | 'suggestedSeats' | 'bookedSeatNumbers',
): number[] {
  const seats = refusal.details[detail];
  return Array.isArray(seats) ? seats.filter((seat) => Number.isInteger(seat)) : [];
}
