import type { ErrorCode } from './error-codes.js';

export { ERROR_CODES, type ErrorCode } from './error-codes.js';

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
