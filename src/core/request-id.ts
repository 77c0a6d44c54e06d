import { badUserInput, DomainError } from './errors.js';

export const REQUEST_ID_LENGTH_MAX = 128;

/** @throws BAD_USER_INPUT when the client's requestId is empty or too long, or no well-formed text */
export function checkRequestId(requestId: string): void {
  if (requestId.length < 1 || requestId.length > REQUEST_ID_LENGTH_MAX) {
    const max = REQUEST_ID_LENGTH_MAX;
    throw badUserInput('requestId', `A requestId has 1 to ${max} characters.`, { max });
  }
  // Half of a character cannot be stored: it would come back as another one, and the call as one never made.
  if (/\p{Surrogate}/u.test(requestId))
    throw badUserInput('requestId', 'A requestId is well-formed Unicode.');
}

export const idempotencyConflict = (): DomainError =>
  new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This requestId was used before with other input. Repeat a call with the same input, or take a new requestId.',
  );
