/**
 * Every code a client can meet in `extensions.code`. The union is closed: a client may `switch` over it.
 * What each one means for one operation is said in the schema's own descriptions.
 */
export const ERROR_CODES = [
  'EVENT_NOT_FOUND',
  'EVENT_CLOSED',
  'SEAT_NOT_FOUND',
  'SEAT_UNAVAILABLE',
  'SEAT_LIMIT_REACHED',
  'LOCK_NOT_FOUND',
  'LOCK_EXPIRED',
  'LOCK_ALREADY_USED',
  'LOCK_ALREADY_PAID',
  'LOCK_EXTENSION_LIMIT',
  'AMOUNT_MISMATCH',
  'PAYMENT_NOT_FOUND',
  'PAYMENT_MISMATCH',
  'PAYMENT_FAILED',
  'PAYMENT_ALREADY_SETTLED',
  'PAYMENT_PROVIDER_OTHER',
  'BOOKING_NOT_FOUND',
  'BOOKING_NOT_CANCELLABLE',
  'IDEMPOTENCY_CONFLICT',
  'EMAIL_TAKEN',
  'INVALID_CREDENTIALS',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'RATE_LIMITED',
  'TOO_BUSY',
  'OUTCOME_UNKNOWN',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a program needs beside the code: seat numbers, a limit, the name of the field at fault. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * A rule refused. The message is a sentence for a person, `details` is for a program.
 * Anything else that is thrown is a fault and reaches no client but as INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    // Where a rule refuses is nobody's question, and in a rush the trace would be most of what a refusal costs.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

/**
 * Input that no state of the world could make right.
 *
 * @param field the input's name as the client wrote it, e.g. `sections[2].rows`
 */
export function badUserInput(field: string, message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError('BAD_USER_INPUT', message, { field, ...details });
}

/** Makes a forgotten case a compile error, and a loud fault should it ever run. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
