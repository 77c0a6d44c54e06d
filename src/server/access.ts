import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../account/accounts.js';
import { isUnauthenticated, unauthenticated } from '../account/accounts.js';
import type { Viewer } from '../account/user.js';

/**
 * @param authorization the value of an Authorization header: `Bearer …`. Without one, the viewer is null.
 * @throws UNAUTHENTICATED if there is a value without a valid token
 */
export async function viewerOf(accounts: Accounts, authorization: unknown): Promise<Viewer | null> {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const match = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization) : null;
  if (!match?.[1]) throw unauthenticated();
  return accounts.authenticate(match[1]);
}

/**
 * Counts a bad token as a call without a viewer, so that a flood of bad tokens is refused.
 *
 * @throws what `viewer` throws; RATE_LIMITED
 */
export async function countingBadTokens<Result>(
  viewer: Promise<Result>,
  badToken: () => void,
): Promise<Result> {
  try {
    return await viewer;
  } catch (error) {
    if (isUnauthenticated(error)) badToken();
    throw error;
  }
}

/** The `authorization` of a socket's connectionParams. Like a header name, it is not case-sensitive. */
export function authorizationOf(connectionParams: Readonly<Record<string, unknown>> | undefined): unknown {
  const entry = Object.entries(connectionParams ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  );
  return entry?.[1];
}

/** A request without an Origin header does not come from another page. Pages of this server are always allowed. */
export function isAllowedOrigin(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
