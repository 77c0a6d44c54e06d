import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Accounts, isUnauthenticated, unauthenticated } from '../../account/accounts.js';
import type { Clock } from '../../core/clock.js';
import { badUserInput, DomainError } from '../../core/errors.js';
import { requireWellFormed } from '../../core/text.js';
import { countingBadTokens, isAllowedOrigin } from '../access.js';
import { countedAddress } from './client-address.js';

/**
 * The session of this server's own page. Its token is in a cookie that scripts cannot read, so an injected script
 * cannot steal it. Other clients send their token in a header.
 */

const NAME = 'seat_booking_session';
/** In how many seconds the token expires. */
const EXPIRES_IN_HEADER = 'session-expires-in';
/** The paths that use the cookie: GraphQL, and the files of an event's bookings. A cookie has one path. */
const PATHS = ['/graphql', '/events'];

/** POST /session {"token": "…"} sets the cookie, DELETE /session removes it. */
export function serveSession(
  server: FastifyInstance,
  accounts: Accounts,
  clock: Clock,
  badTokenFrom: (address: string) => void,
): void {
  server.post('/session', async (request, reply) => {
    requireOwnPage(request);
    const token = tokenIn(request.body);
    const { tokenExpiresAt } = await countingBadTokens(accounts.authenticate(token), () =>
      badTokenFrom(countedAddress(request.ip)),
    );
    return setCookie(request, reply, token, tokenExpiresAt.getTime() - clock.now().getTime());
  });
  server.delete('/session', async (request, reply) => setCookie(request, reply, '', 0));
}

/**
 * The cookie's token as the value of an Authorization header, or undefined if there is no valid one. An expired token
 * is ignored and not refused: the page can still be viewed, and its user cannot remove the cookie from the request.
 */
export async function authorizationInCookie(
  accounts: Accounts,
  request: IncomingMessage,
): Promise<string | undefined> {
  const token = parseCookie(request.headers.cookie ?? '')[NAME];
  // A browser sends the cookie with requests of any page. Only this server's own page may use it.
  if (token === undefined || !isAllowedOrigin(request, [])) return undefined;
  try {
    await accounts.authenticate(token);
    return `Bearer ${token}`;
  } catch (error) {
    if (isUnauthenticated(error)) return undefined;
    throw error;
  }
}

function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, lifeMs: number) {
  // A duration and not an instant, because the browser's clock may be wrong.
  const maxAge = Math.floor(lifeMs / 1000);
  const cookies = PATHS.map((path) =>
    stringifySetCookie({
      name: NAME,
      value,
      maxAge,
      path,
      httpOnly: true,
      sameSite: 'strict',
      secure: request.protocol === 'https',
    }),
  );
  return (
    reply
      .code(204)
      .header('set-cookie', cookies)
      // Scripts cannot read the cookie, and the page must know when to renew its token.
      .header(EXPIRES_IN_HEADER, maxAge)
      .header('cache-control', 'no-store')
      .send()
  );
}

function requireOwnPage({ raw }: FastifyRequest): void {
  if (isAllowedOrigin(raw, [])) return;
  throw new DomainError('FORBIDDEN', "Only this server's own page keeps its token in a cookie.");
}

function tokenIn(body: unknown): string {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string') throw badUserInput('token', 'The body needs a `token`: a string.');
  requireWellFormed('token', token);
  if (token === '') throw unauthenticated();
  return token;
}
