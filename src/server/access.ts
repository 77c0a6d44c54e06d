import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../account/accounts.js';
import { isUnauthenticated, unauthenticated } from '../account/accounts.js';
import type { Viewer } from '../account/user.js';

/** Who calls, and from where a browser may: the same questions over HTTP and WebSocket. */

/**
 * @param authorization an Authorization header's value: `Bearer …`; empty or missing is nobody
 * @throws UNAUTHENTICATED for anything but a valid token
 */
export async function viewerOf(accounts: Accounts, authorization: unknown): Promise<Viewer | null> {
  if (authorization === undefined || authorization === null || authorization === '') return null;
  const match = typeof authorization === 'string' ? /^Bearer +(\S+) *$/i.exec(authorization) : null;
  if (!match?.[1]) throw unauthenticated();
  return accounts.authenticate(match[1]);
}

/**
 * Counts a bad token as a call of nobody: whoever sends them by the thousand is told to come back later.
 *
 * @throws what `viewer` does; RATE_LIMITED
 */
export async function countingBadTokens<Found>(viewer: Promise<Found>, badToken: () => void): Promise<Found> {
  try {
    return await viewer;
  } catch (error) {
    if (isUnauthenticated(error)) badToken();
    throw error;
  }
}

/** The `authorization` of a socket's connectionParams, whatever its capitals, as header names have none. */
export function authorizationOf(connectionParams: Readonly<Record<string, unknown>> | undefined): unknown {
  const entry = Object.entries(connectionParams ?? {}).find(
    ([name]) => name.toLowerCase() === 'authorization',
  );
  return entry?.[1];
}

/** No Origin header comes from no page; a page of this very server is always allowed. */
export function isAllowedOrigin(request: IncomingMessage, allowedOrigins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined || allowedOrigins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
