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
 * How this server's own page stays signed in: its token lies in a cookie that no script can read, so that a script that
 * gets into the page finds no token to carry away. Other clients send the token themselves and need none of this.
 */

const NAME = 'seat_booking_session';
/** The only address that looks at it. */
const PATH = '/graphql';

/** POST /session {"token": "…"} keeps a token in the cookie, DELETE /session takes the cookie away. */
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
 * The cookie's token as an Authorization header would have it, or undefined where there is none that counts. One that
 * has run out is as good as none: the page may still be looked at, and nobody can take the cookie out of the request.
 */
export async function authorizationInCookie(
  accounts: Accounts,
  request: IncomingMessage,
): Promise<string | undefined> {
  const token = parseCookie(request.headers.cookie ?? '')[NAME];
  // The cookie is sent whoever makes the browser ask; only this server's own page may use it.
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
  const cookie = stringifySetCookie({
    name: NAME,
    value,
    // In seconds from now, not an instant: the browser's clock may be wrong.
    maxAge: Math.floor(lifeMs / 1000),
    path: PATH,
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
  });
  return reply.code(204).header('set-cookie', cookie).header('cache-control', 'no-store').send();
}

function requireOwnPage({ raw }: FastifyRequest): void {
  if (isAllowedOrigin(raw, [])) return;
  throw new DomainError('FORBIDDEN', "Only this server's own page keeps its token in a cookie.");
}

function tokenIn(body: unknown): string {
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string') throw badUserInput('token', 'The body needs a `token`: the text of one.');
  requireWellFormed('token', token);
  if (token === '') throw unauthenticated();
  return token;
}
