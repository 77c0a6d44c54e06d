/**
 * Every code that a client can receive in `extensions.code`. The list is closed: a client may `switch` over it.
 * The descriptions in the schema say what each one means for an operation.
 */
export const ERROR_CODES = [
  'EVENT_NOT_FOUND',
  'EVENT_CLOSED',
  'SALE_NOT_OPEN',
  'SALE_PAUSED',
  'REVISION_CONFLICT',
  'SEAT_NOT_FOUND',
  'SEAT_UNAVAILABLE',
  'SEAT_LIMIT_REACHED',
  'LEAVES_ORPHAN',
  'COMPANION_ONLY',
  'LOCK_NOT_FOUND',
  'LOCK_EXPIRED',
  'LOCK_ALREADY_USED',
  'LOCK_ALREADY_PAID',
  'LOCK_EXTENSION_LIMIT',
  'HOLD_EXPIRED',
  'TOTAL_CHANGED',
  'AMOUNT_MISMATCH',
  'PAYMENT_NOT_FOUND',
  'PAYMENT_MISMATCH',
  'PAYMENT_FAILED',
  'PAYMENT_ALREADY_SETTLED',
  'PAYMENT_PROVIDER_OTHER',
  'BOOKING_NOT_FOUND',
  'BOOKING_NOT_CANCELLABLE',
  'TICKET_NOT_REISSUABLE',
  'IDEMPOTENCY_CONFLICT',
  'EMAIL_TAKEN',
  'INVALID_CREDENTIALS',
  'RESET_LINK_INVALID',
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

/** What a program needs besides the code: seat numbers, a limit, the name of the invalid field. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * A refusal of a rule. The message is for a person, `details` is for a program.
 * Anything else that is thrown is a fault, which a client sees only as INTERNAL_SERVER_ERROR.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    // Nobody needs the stack of a refusal, and under load it would be most of a refusal's cost.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

/**
 * Input that is invalid in any state.
 *
 * @param field the input's name as the client wrote it, e.g. `sections[2].rows`
 */
export function badUserInput(field: string, message: string, details: ErrorDetails = {}): DomainError {
  return new DomainError('BAD_USER_INPUT', message, { field, ...details });
}

/** Makes a forgotten case a compile error, and a fault if it is ever reached. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
