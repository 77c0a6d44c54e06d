import { badUserInput } from '../../core/errors.js';
import { requireShortQuery } from '../limits/operation-limits.js';

/** An operation in the body of a request. */
export interface OperationInBody {
  readonly query: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
  readonly extensions?: Record<string, unknown> | null;
}

/** Checks the shape of a body. @throws BAD_USER_INPUT with the name of the wrong part */
export function operationIn(body: unknown): OperationInBody {
  if (!isObject(body)) {
    throw badUserInput('body', 'The body is a JSON object: {"query": "…", "variables": {…}}.');
  }
  const { query, variables, operationName, extensions } = body;
  if (typeof query !== 'string' || query === '') {
    throw badUserInput('query', 'The body needs a `query`: the text of an operation.');
  }
  requireShortQuery(query);
  if (variables != null && !isObject(variables)) throw badUserInput('variables', '`variables` is an object.');
  if (operationName != null && typeof operationName !== 'string') {
    throw badUserInput('operationName', '`operationName` is a string.');
  }
  if (extensions != null && !isObject(extensions))
    throw badUserInput('extensions', '`extensions` is an object.');
  return body as unknown as OperationInBody;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
