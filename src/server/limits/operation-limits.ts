import { badUserInput, DomainError } from '../../core/errors.js';
import { requireWellFormed } from '../../core/text.js';

/** Limits of one GraphQL operation, over either transport. */

/**
 * Characters of an operation's text. Long names and comments cost the parser time too, though they are few or no
 * tokens.
 */
const QUERY_LENGTH_MAX = 8_192;
export const QUERY_TOKENS_MAX = 1_000;
/** The body of a request or a message. */
export const BODY_BYTES_MAX = 64 * 1024;
/** The body of a signed-in caller's POST /graphql: createEvent with a label for each of 100,000 seats takes about 1 MB. */
export const LARGE_BODY_BYTES_MAX = 2 * 1024 * 1024;
/** Bodies above BODY_BYTES_MAX in progress. Parsed, one takes about 20 MB. */
export const LARGE_BODIES_MAX = 4;
/**
 * Values in the variables of an operation, in all lists and objects. Checking a value costs the same however short it is.
 * The largest plan of labelled seats has about half of them.
 */
export const VARIABLE_VALUES_MAX = 250_000;
/** Operations in progress on one socket. A client may send everything it has to do at once. */
export const OPERATIONS_PER_SOCKET_MAX = 1_000;
/** Subscriptions among them. One change may cause a message for each of them. */
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 100;
/** About how long an operation takes: when to try again. */
const OPERATION_MS = 1_000;
/** How long a stopping server waits for operations in progress. It is longer than the database may take to answer. */
export const DRAIN_MS_MAX = 10_000;
/** About how long a restart takes: when to try again. */
const RESTART_MS = 2_000;

/** Documents that passed parsing and validation and are kept, in each transport. Clients send the same ones again. */
export const DOCUMENTS_MAX = 500;

/** Errors that are shown of an operation that was refused as a whole. */
export const ERRORS_SHOWN_MAX = 5;

/** @throws BAD_USER_INPUT */
export function requireShortQuery(query: string): void {
  if (query.length <= QUERY_LENGTH_MAX) return;
  const max = QUERY_LENGTH_MAX;
  throw badUserInput('query', `An operation has at most ${max} characters.`, { max });
}

/**
 * Requires that all strings in the variables are well-formed Unicode. The operation's own text needs no such check: the
 * GraphQL parser refuses half a surrogate pair.
 *
 * @throws BAD_USER_INPUT with the field of the input object, or else the variable
 */
export function requireWellFormedVariables(
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    const isInputObject = typeof value === 'object' && !Array.isArray(value);
    requireWellFormed(isInputObject ? '' : name, value);
  }
}

/** @throws BAD_USER_INPUT on `variables` */
export function requireFewValues(variables: Readonly<Record<string, unknown>> | null | undefined): void {
  const left: object[] = [variables ?? {}];
  let values = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const parts: unknown[] = Array.isArray(next) ? next : Object.values(next);
    values += parts.length;
    if (values > VARIABLE_VALUES_MAX) {
      throw badUserInput('variables', `The variables have at most ${VARIABLE_VALUES_MAX} values.`, {
        max: VARIABLE_VALUES_MAX,
      });
    }
    for (const part of parts) if (typeof part === 'object' && part !== null) left.push(part);
  }
}

/** The errors to show: all of an operation that was executed, the first few of one that was refused as a whole. */
export const firstErrors = <Shown>({
  data,
  errors = [],
}: {
  readonly data?: unknown;
  readonly errors?: readonly Shown[] | undefined;
}): readonly Shown[] => (data === undefined ? errors.slice(0, ERRORS_SHOWN_MAX) : errors);

/** The document has several operations and no name was given, or no operation has this name. */
export const noSuchOperation = (name: string | null | undefined): DomainError =>
  badUserInput(
    'operationName',
    name == null
      ? 'The document has several operations: set operationName.'
      : `There is no operation "${name}" in the document.`,
  );

export const serverIsStopping = (): DomainError =>
  new DomainError('TOO_BUSY', 'The server is stopping; nothing was done. Try again shortly.', {
    retryAfterMs: RESTART_MS,
  });

export const tooManyLargeBodies = (): DomainError =>
  new DomainError('TOO_BUSY', 'Too many large requests in progress; nothing was done. Try again shortly.', {
    limit: LARGE_BODIES_MAX,
    retryAfterMs: OPERATION_MS,
  });

/** Can be repeated once one operation has ended, so `retryAfterMs` is short. */
export const tooManyInProgress = (limit: number): DomainError =>
  new DomainError(
    'TOO_BUSY',
    'Too many operations in progress on this socket; nothing was done. Try again shortly.',
    {
      limit,
      retryAfterMs: OPERATION_MS,
    },
  );
