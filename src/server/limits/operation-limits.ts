import { badUserInput, DomainError } from '../../core/errors.js';
import { requireWellFormed } from '../../core/text.js';

/** What one GraphQL operation may be, over either transport. */

/** Characters of an operation's text: comments and names cost the parser too, though they are no tokens. */
const QUERY_LENGTH_MAX = 8_192;
export const QUERY_TOKENS_MAX = 1_000;
/** A request's or a message's body: the largest honest one creates an event of many sections. */
export const BODY_BYTES_MAX = 64 * 1024;
/** Operations that one socket may have under way: a client may send all it has to do at once. */
export const OPERATIONS_PER_SOCKET_MAX = 1_000;
/** Subscriptions among them, each of which may be told of the same change. */
export const SUBSCRIPTIONS_PER_SOCKET_MAX = 100;
/** About how long what is under way takes. */
const OPERATION_MS = 1_000;
/** How long what is under way may take once the server takes nothing new: longer than the database may take to answer. */
export const DRAIN_MS_MAX = 10_000;
/** About how long a restart takes. */
const RESTART_MS = 2_000;

/** Faults that an operation is refused with before anything of it is done. */
export const ERRORS_SHOWN_MAX = 5;

/** @throws BAD_USER_INPUT */
export function requireShortQuery(query: string): void {
  if (query.length <= QUERY_LENGTH_MAX) return;
  const max = QUERY_LENGTH_MAX;
  throw badUserInput('query', `An operation has at most ${max} characters.`, { max });
}

/**
 * Every text of the variables is well-formed, whatever it is for. An operation's own text needs no such check: the
 * GraphQL parser refuses half a surrogate pair.
 *
 * @throws BAD_USER_INPUT naming the field as the errors of GraphQL do: inside an input object, else the variable
 */
export function requireWellFormedVariables(
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  for (const [name, value] of Object.entries(variables ?? {})) {
    const isInputObject = typeof value === 'object' && !Array.isArray(value);
    requireWellFormed(isInputObject ? '' : name, value);
  }
}

/** What is told of an operation's faults: of one that was refused as a whole the first few, since a page of them helps nobody. */
export const firstErrors = <Fault>({
  data,
  errors = [],
}: {
  readonly data?: unknown;
  readonly errors?: readonly Fault[] | undefined;
}): readonly Fault[] => (data === undefined ? errors.slice(0, ERRORS_SHOWN_MAX) : errors);

/** The document has several operations and none was named, or none has the name. */
export const noSuchOperation = (name: string | null | undefined): DomainError =>
  badUserInput(
    'operationName',
    name == null
      ? 'Say which of its operations is meant.'
      : `There is no operation "${name}" in the document.`,
  );

export const serverIsStopping = (): DomainError =>
  new DomainError('TOO_BUSY', 'The server is stopping; nothing was done. Try again shortly.', {
    retryAfterMs: RESTART_MS,
  });

/** Says nothing of how often: one of them has to be over first. */
export const tooManyInProgress = (limit: number): DomainError =>
  new DomainError('TOO_BUSY', 'Too much is under way on this socket; nothing was done. Try again shortly.', {
    limit,
    retryAfterMs: OPERATION_MS,
  });
