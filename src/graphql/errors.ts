import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import { DomainError, ERROR_CODES, type ErrorCode, type ErrorDetails } from '../core/errors.js';
import type { Log } from '../core/log.js';

const KNOWN_CODES: ReadonlySet<unknown> = new Set(ERROR_CODES);
/** graphql-js appends this to messages about misspelt names. */
const SUGGESTION = / Did you mean [^?]*\?$/;
const CODES_NOT_SET_BY_US: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', undefined]);

/**
 * Decides what a client is shown of an error. Used by Apollo's formatError over HTTP, and by graphql-ws's hooks over
 * WebSocket, which Apollo does not handle.
 *
 * A DomainError keeps its code, message and details. Errors that GraphQL itself found (syntax, validation, variables) are
 * shown too. Everything else is a fault: it is logged, and the client gets only the correlation id.
 */
export type PresentError = (error: GraphQLError, correlationId: string) => GraphQLFormattedError;

/** @param withSuggestions whether an error about a misspelt name suggests existing names */
export const errorPresenter =
  (log: Log, withSuggestions: boolean): PresentError =>
  (error, correlationId) => {
    const shown = presentError(error, correlationId, log);
    return withSuggestions ? shown : { ...shown, message: shown.message.replace(SUGGESTION, '') };
  };

function presentError(error: GraphQLError, correlationId: string, log: Log): GraphQLFormattedError {
  const cause = rootCause(error);
  const { code, message, details } =
    cause instanceof DomainError
      ? { code: cause.code, message: cause.message, details: cause.details }
      : refusedByGraphQL(error, cause);
  const place = {
    ...(error.locations && { locations: error.locations }),
    ...(error.path && { path: error.path }),
  };
  if (code !== undefined) return { message, ...place, extensions: { code, details } };

  log.error(
    { err: cause, correlationId, path: error.path?.join('.') },
    'An internal error was hidden from the client',
  );
  const { code: hidden, ...shown } = internalError(correlationId);
  return { message: shown.message, ...place, extensions: { code: hidden, details: shown.details } };
}

/** The code that a client is shown for an error. */
export function codeOf(error: Error): ErrorCode {
  const cause = rootCause(error);
  if (cause instanceof DomainError) return cause.code;
  const code = error instanceof GraphQLError ? refusedByGraphQL(error, cause).code : undefined;
  return code ?? 'INTERNAL_SERVER_ERROR';
}

/** All that a client is shown of a fault. */
export const internalError = (correlationId: string) => ({
  code: 'INTERNAL_SERVER_ERROR' as const,
  message: 'Something went wrong on our side. The correlation id leads to it in our log.',
  details: { correlationId },
});

/** A refusal as a GraphQL error, for refusals outside of resolvers. */
export function graphqlErrorOf(
  refusal: DomainError,
  http?: { status: number; headers?: Map<string, string> },
) {
  return new GraphQLError(refusal.message, {
    originalError: refusal,
    extensions: { code: refusal.code, details: refusal.details, ...(http && { http }) },
  });
}

function rootCause(error: Error): Error {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function refusedByGraphQL(
  error: GraphQLError,
  cause: Error,
): { code: ErrorCode | undefined; message: string; details: ErrorDetails } {
  const { message } = error;
  const code = error.extensions.code ?? (cause instanceof GraphQLError ? cause.extensions.code : undefined);
  if (KNOWN_CODES.has(code) && !CODES_NOT_SET_BY_US.has(code)) {
    return { code: code as ErrorCode, message, details: detailsOf(error) };
  }
  // graphql-js adds document nodes to errors of the client. Errors about a value that a resolver returned have none.
  const byClient = cause instanceof GraphQLError && (error.path === undefined || cause.nodes !== undefined);
  if (byClient && code !== 'INTERNAL_SERVER_ERROR') {
    return { code: 'BAD_USER_INPUT', message, details: detailsOf(error) };
  }
  return { code: undefined, message, details: {} };
}

function detailsOf(error: GraphQLError): ErrorDetails {
  const { details } = error.extensions;
  if (details !== undefined) return details as ErrorDetails;
  const field = fieldOfVariable(error);
  return field === undefined ? {} : { field };
}

/**
 * The refused field in the client's variables, named as the domain names fields: a path within an input object
 * (`sections[2].rows`), or the variable itself. graphql-js has the path only in its message.
 */
function fieldOfVariable({ nodes, message }: GraphQLError): string | undefined {
  const node = nodes?.[0];
  if (node?.kind !== Kind.VARIABLE_DEFINITION) return undefined;
  const variable = node.variable.name.value;
  const within = new RegExp(` at "${variable}([.[][^"]*)"; `).exec(message)?.[1] ?? '';
  const path = within.startsWith('[') ? `${variable}${within}` : within.slice(1);
  const inner = /; Field "(\w+)" (?:of required type .* was not provided|is not defined by type )/.exec(
    message,
  )?.[1];
  const field = [path, inner].filter(Boolean).join('.');
  return field === '' ? variable : field;
}
