import { CombinedGraphQLErrors, ServerError } from '@apollo/client';

/** The error of a call that the server refused. */
export interface ApiError {
  readonly code: string;
  /** A sentence for a person. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The server's refusal in an error, or null without one: then the outcome of the call is unknown. */
export function apiErrorOf(error: unknown): ApiError | null {
  // The format of graphql-ws.
  if (Array.isArray(error)) return firstOf(error);
  if (CombinedGraphQLErrors.is(error)) return firstOf(error.errors);
  if (ServerError.is(error)) {
    try {
      return firstOf(JSON.parse(error.bodyText).errors);
    } catch {
      return null;
    }
  }
  return null;
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

function firstOf(errors: unknown): ApiError | null {
  const first = (
    errors as readonly { message?: unknown; extensions?: { code?: unknown; details?: unknown } }[] | undefined
  )?.[0];
  if (typeof first?.extensions?.code !== 'string') return null;
  const details = (first.extensions.details ?? {}) as ApiError['details'];
  return { code: first.extensions.code, message: String(first.message), details };
}

/** Seat numbers, as SEAT_UNAVAILABLE lists them in its details. */
export function seatsIn(refusal: ApiError, detail: 'seatNumbers' | 'suggestedSeats'): number[] {
  const seats = refusal.details[detail];
  return Array.isArray(seats) ? seats.filter((seat) => Number.isInteger(seat)) : [];
}
