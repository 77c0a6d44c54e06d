import { badUserInput, DomainError } from './errors.js';

export const REQUEST_ID_LENGTH_MAX = 128;

/** @throws BAD_USER_INPUT if the client's requestId is empty or too long */
export function checkRequestId(requestId: string): void {
  if (requestId.length < 1 || requestId.length > REQUEST_ID_LENGTH_MAX) {
    const max = REQUEST_ID_LENGTH_MAX;
    throw badUserInput('requestId', `A requestId has 1 to ${max} characters.`, { max });
  }
}

export const idempotencyConflict = (): DomainError =>
  new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This requestId was used before with other input. Repeat a call with the same input, or use a new requestId.',
  );
