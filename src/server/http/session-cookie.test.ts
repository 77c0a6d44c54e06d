import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { LOG_OUT_EVERYWHERE } from '../../test/support/operations.js';
import { type TestApp as App, TestApp, type TestUser } from '../../test/support/test-app.js';

/** The session cookie of this server's own page: who may set it, who may use it, and when it is ignored. */

const OTHER_ORIGIN = 'https://elsewhere.example';
const HALF_A_DAY_SECONDS = 12 * 60 * 60;

let app: App;
let user: TestUser;
beforeAll(async () => {
  app = await TestApp.start({ config: { allowedOrigins: [OTHER_ORIGIN], trustProxy: true } });
  user = await app.user();
});
afterAll(() => app.close());

const postSession = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** The cookie as a browser sends it back. */
async function cookieOf(token: string): Promise<string> {
  const response = await postSession({ token });
  expect(response.status).toBe(204);
  return (response.headers.get('set-cookie') ?? '').split(';')[0] as string;
}

/** The viewer of a call: an e-mail address, or the code of the refusal. */
async function caller(headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ me { email } }' }),
  });
  const { data, errors } = (await response.json()) as {
    data?: { me: { email: string } | null };
    errors?: [{ extensions: { code: string } }];
  };
  return data?.me?.email ?? errors?.[0].extensions.code ?? '';
}

/** The same over a socket. */
async function callerOfSocket(headers: Record<string, string>, authorization?: string): Promise<string> {
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers });
    }
  }
  const client = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithHeaders,
    retryAttempts: 0,
    ...(authorization !== undefined && { connectionParams: { authorization } }),
  });
  onTestFinished(async () => client.dispose());
  const { value } = await client
    .iterate<{ me: { email: string } | null }>({ query: '{ me { email } }' })
    .next();
  return value?.data?.me?.email ?? value?.errors?.[0].extensions.code;
}

describe('POST /session', () => {
  test('sets a cookie that scripts cannot read and other sites cannot send, valid as long as the token', async () => {
    const response = await postSession({ token: user.token });
    expect([response.status, response.headers.get('cache-control')]).toEqual([204, 'no-store']);
    expect(response.headers.get('session-expires-in')).toBe(String(HALF_A_DAY_SECONDS));
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split('; ').slice(1));
    const common = ['HttpOnly', `Max-Age=${HALF_A_DAY_SECONDS}`, 'SameSite=Strict'];
    expect(cookies.map((attributes) => attributes.sort())).toEqual(
      ['Path=/graphql', 'Path=/events'].map((path) => [...common, path].sort()),
    );
  });

  test('sets a cookie for https only if it is called over https', async () => {
    const response = await postSession({ token: user.token }, { 'x-forwarded-proto': 'https' });
    for (const cookie of response.headers.getSetCookie()) expect(cookie).toContain('; Secure');
  });

  test.each([
    ['an invalid token', { token: 'none' }, {}, 401, 'UNAUTHENTICATED'],
    ['no token', {}, {}, 400, 'BAD_USER_INPUT'],
    ['an empty token', { token: '' }, {}, 401, 'UNAUTHENTICATED'],
    ['a body that is no object', 7, {}, 400, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const response = await postSession(body, headers);
    const { errors } = (await response.json()) as { errors: [{ extensions: { code: string } }] };
    expect([response.status, errors[0].extensions.code]).toEqual([status, code]);
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  test('is refused for a page of another origin, even an allowed one', async () => {
    const response = await postSession({ token: user.token }, { origin: OTHER_ORIGIN });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([403, null]);
  });

  test('is undone by DELETE', async () => {
    const response = await fetch(`${app.url}/session`, { method: 'DELETE' });
    expect(response.status).toBe(204);
    const cookies = response.headers.getSetCookie();
    expect(cookies.map((cookie) => /Path=([^;]*)/.exec(cookie)?.[1])).toEqual(['/graphql', '/events']);
    for (const cookie of cookies) expect(cookie).toContain('Max-Age=0');
  });
});

describe.each([
  ['HTTP', caller],
  ['WebSocket', callerOfSocket],
] as const)('the cookie over %s', (_transport, callerBy) => {
  test('authenticates the user of this server’s own page', async () => {
    const cookie = await cookieOf(user.token);
    expect(await callerBy({ cookie })).toBe(user.email);
    expect(await callerBy({ cookie: `other=1; ${cookie}`, origin: app.url })).toBe(user.email);
  });

  test('is ignored for a page of another origin, although the browser sends it', async () => {
    expect(await callerBy({ cookie: await cookieOf(user.token), origin: OTHER_ORIGIN })).toBe(
      'UNAUTHENTICATED',
    );
  });

  test('is ignored if its token has ended, so that the page can still be viewed', async () => {
    const leaving = await app.user();
    const cookie = await cookieOf(leaving.token);
    await app.ok(LOG_OUT_EVERYWHERE, undefined, leaving);
    expect(await callerBy({ cookie })).toBe('UNAUTHENTICATED');
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify({ query: '{ events { nodes { id } } }' }),
    });
    expect(response.status).toBe(200);
  });
});

test('the cookie downloads the file of an event’s bookings for its organizer, but not for a page of another origin', async () => {
  const file = `${app.url}/events/${await app.event(user)}/bookings.csv`;
  const cookie = await cookieOf(user.token);
  expect((await fetch(file, { headers: { cookie } })).status).toBe(200);
  expect((await fetch(file, { headers: { cookie, origin: OTHER_ORIGIN } })).status).toBe(401);
});

test('a token in a header takes precedence over the cookie', async () => {
  const cookie = await cookieOf(user.token);
  const other = await app.user();
  expect(await caller({ cookie, authorization: `Bearer ${other.token}` })).toBe(other.email);
  expect(await callerOfSocket({ cookie }, `Bearer ${other.token}`)).toBe(other.email);
});

test('a log-out everywhere closes the sockets that were opened with the cookie', async () => {
  const leaving = await app.user();
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, ['graphql-transport-ws'], {
    headers: { cookie: await cookieOf(leaving.token) },
  });
  const acknowledged = new Promise((resolve) => socket.once('message', resolve));
  socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  await acknowledged;
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await app.ok(LOG_OUT_EVERYWHERE, undefined, leaving);
  expect(await closed).toBe(4403);
});
