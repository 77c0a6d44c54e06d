import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Config } from '../../config.js';
import { EventStore } from '../../store/queries/event-store.js';
import { holdNextBatch, holdNextUser } from '../support/held-call.js';
import {
  LOCK_SEAT,
  LOG_IN,
  LOG_OUT_EVERYWHERE,
  MY_RESERVATIONS_CHANGED,
  SEAT_AVAILABILITY_CHANGED,
  SIGN_UP,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** The default setting. */
const SLOW_READER_MS_MAX = 15_000;

/** Who may open a WebSocket, its limits, and how it ends, with sockets that use no client library. */

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

const ME = '{ me { id } }';
const WATCH = textOf(SEAT_AVAILABILITY_CHANGED);
const MINE = textOf(MY_RESERVATIONS_CHANGED);
const LOCK = textOf(LOCK_SEAT);

async function startApp(config: Partial<Config> = {}): Promise<App> {
  const started = await TestApp.start({ config });
  onTestFinished(() => started.close());
  return started;
}

async function signedIn({ url }: App, user: Pick<TestUser, 'token'>): Promise<RawSocket> {
  const socket = await RawSocket.open(url);
  expect(await socket.init({ authorization: `Bearer ${user.token}` })).toBe(true);
  return socket;
}

async function anonymous({ url }: App): Promise<RawSocket> {
  const socket = await RawSocket.open(url);
  expect(await socket.init()).toBe(true);
  return socket;
}

/** A socket that answers is open, and its token is valid. */
async function expectGood(socket: RawSocket, { id }: { readonly id: string }): Promise<void> {
  const operation = crypto.randomUUID();
  socket.subscribe(operation, ME);
  expect(await socket.answerTo(operation)).toEqual({ data: { me: { id } } });
}

async function gauge({ url }: App, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

describe('queries, mutations and subscriptions', () => {
  test('work over one socket, at the same time', async () => {
    const user = await app.user();
    const eventId = await app.event(user);
    const socket = await signedIn(app, user);
    socket.subscribe('map', WATCH, { eventId });
    socket.subscribe('mine', MINE, { eventId });
    expect(await socket.answerTo('map')).toMatchObject({ data: { seatAvailabilityChanged: { version: 0 } } });
    expect(await socket.answerTo('mine')).toMatchObject({ data: { myReservationsChanged: { locks: [] } } });

    socket.subscribe('lock', LOCK, { input: { eventId, seatNumber: 7 } });
    const seen = new Map<string, unknown>();
    while (!seen.has('lock complete') || !seen.has('map') || !seen.has('mine')) {
      const message = await socket.next();
      expect(message).toBeDefined();
      seen.set(
        message?.type === 'complete' ? `${message.id} complete` : String(message?.id),
        message?.payload,
      );
    }
    expect(seen.get('lock')).toMatchObject({ data: { lockSeat: { seatNumber: 7, status: 'ACTIVE' } } });
    expect(seen.get('map')).toMatchObject({ data: { seatAvailabilityChanged: { version: 1 } } });
    expect(seen.get('mine')).toMatchObject({
      data: { myReservationsChanged: { locks: [{ seatNumber: 7 }] } },
    });
  });

  test('that need a user are refused without closing an anonymous socket', async () => {
    const socket = await anonymous(app);
    const eventId = await app.event(await app.user());
    for (const [query, variables] of [
      [ME, {}],
      [LOCK, { input: { eventId, seatNumber: 1 } }],
      [MINE, { eventId }],
    ] as const) {
      const id = crypto.randomUUID();
      socket.subscribe(id, query, variables);
      expect(await socket.answerTo(id)).toMatchObject({
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    }
    socket.subscribe('map', WATCH, { eventId });
    expect(await socket.answerTo('map')).toMatchObject({ data: { seatAvailabilityChanged: { version: 0 } } });
  });

  test('count against the limit of calls like those over HTTP', async () => {
    const limited = await startApp({ rateLimitPerMinute: 2 });
    const user = await limited.user();
    const socket = await signedIn(limited, user);
    await expectGood(socket, user);
    expect((await limited.call(ME, {}, user)).data).toEqual({ me: { id: user.id } });
    socket.subscribe('third', ME);
    expect(await socket.answerTo('third')).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', details: { retryAfterMs: expect.any(Number) } } }],
    });
  });
});

describe('a client that breaks the protocol is closed', () => {
  test('with 4401 after an operation before connection_init', async () => {
    const socket = await RawSocket.open(app.url);
    socket.subscribe('1', ME);
    expect((await socket.closed).code).toBe(4401);
  });

  test('with 4401 after an operation while its token is still being checked', async () => {
    const user = await app.user();
    const gate = holdNextUser(app);
    const socket = await RawSocket.open(app.url);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${user.token}` } });
    await gate.reached;
    socket.subscribe('1', ME);
    expect((await socket.closed).code).toBe(4401);
    gate.open();
  });

  test('with 4408 without connection_init in time', async () => {
    const impatient = await startApp({ connectionInitTimeoutMs: 20 });
    const socket = await RawSocket.open(impatient.url);
    expect((await socket.closed).code).toBe(4408);
  });

  test('with 1009 for a message of 64 KiB and a byte, and not for one of 64 KiB', async () => {
    const user = await app.user();
    const message = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: ME } });
    const socket = await signedIn(app, user);
    socket.send(message.padEnd(64 * 1024));
    expect(await socket.answerTo('1')).toEqual({ data: { me: { id: user.id } } });
    socket.send(message.padEnd(64 * 1024 + 1));
    expect((await socket.closed).code).toBe(1009);
  });
});

describe('a socket ends with its token', () => {
  test('with 4403 at once for a bad one', async () => {
    const socket = await RawSocket.open(app.url);
    expect(await socket.init({ authorization: 'Bearer bad' })).toBe(false);
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Forbidden' });
  });

  test('with 4403 at the time when it expires, and not a millisecond before', async () => {
    const own = await startApp({ tokenTtlMs: 60_000 });
    const { signUp } = await own.ok(SIGN_UP, {
      input: { email: 'a@example.com', password: 'a long password' },
    });
    const socket = await signedIn(own, signUp);
    const nobody = await anonymous(own);
    own.clock.advance(59_999);
    await expectGood(socket, signUp.user);
    own.clock.advance(1);
    expect(await socket.closed).toEqual({ code: 4403, reason: 'Token expired' });
    nobody.subscribe('1', '{ __typename }');
    expect(await nobody.answerTo('1')).toEqual({ data: { __typename: 'Query' } });
  });

  test('and executes nothing more, although its client does not know yet', async () => {
    const own = await startApp({ tokenTtlMs: 60_000 });
    const organizer = await own.user();
    const eventId = await own.event(organizer);
    const { signUp } = await own.ok(SIGN_UP, {
      input: { email: 'a@example.com', password: 'a long password' },
    });
    const socket = await signedIn(own, signUp);
    own.clock.advance(60_000);
    socket.subscribe('late', LOCK, { input: { eventId, seatNumber: 1 } });
    const answer = await socket.answerTo('late');
    if (answer !== undefined)
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await socket.closed).code).toBe(4403);
    // In the event's queue, this command comes after the refused one.
    const { lockSeat } = await own.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, organizer);
    expect(lockSeat.status).toBe('ACTIVE');
  });

  test('with 4403 at a log-out everywhere, on this process and on another one', async () => {
    const other = await TestApp.start({ sharing: app });
    onTestFinished(() => other.close({ keepData: true }));
    const [user, somebodyElse] = (await app.users(2)) as [TestUser, TestUser];
    const sockets = [await signedIn(app, user), await signedIn(app, user), await signedIn(other, user)];
    const others = [await signedIn(app, somebodyElse), await signedIn(other, somebodyElse)];
    await app.ok(LOG_OUT_EVERYWHERE, {}, user);
    for (const socket of sockets) expect(await socket.closed).toEqual({ code: 4403, reason: 'Logged out' });
    for (const socket of others) await expectGood(socket, somebodyElse);
    for (const each of [app, other]) {
      const again = await RawSocket.open(each.url);
      expect(await again.init({ authorization: `Bearer ${user.token}` })).toBe(false);
    }
  });

  test('and not with an earlier token of its user: sockets of a new log-in stay open', async () => {
    const other = await TestApp.start({ sharing: app });
    onTestFinished(() => other.close({ keepData: true }));
    const input = { email: 'again@example.com', password: 'a long password' };
    const { signUp } = await app.ok(SIGN_UP, { input });
    const old = [await signedIn(app, signUp), await signedIn(other, signUp)];
    await app.ok(LOG_OUT_EVERYWHERE, {}, signUp);
    const { logIn } = await app.ok(LOG_IN, { input });
    const renewed = [await signedIn(app, logIn), await signedIn(other, logIn)];
    for (const socket of old) expect((await socket.closed).code).toBe(4403);
    // Both processes know of the log-out by now: it closed the old sockets.
    for (const socket of renewed) await expectGood(socket, logIn.user);
  });

  test('after the answer to the log-out, if that was sent over the socket', async () => {
    for (let times = 0; times < 10; times++) {
      const user = await app.user();
      const socket = await signedIn(app, user);
      socket.subscribe('out', textOf(LOG_OUT_EVERYWHERE));
      expect(await socket.answerTo('out')).toMatchObject({ data: { logOutEverywhere: { id: user.id } } });
      expect((await socket.closed).code).toBe(4403);
    }
  });

  test('also if the log-out comes while its token is being checked', async () => {
    const user = await app.user();
    const gate = holdNextUser(app);
    const socket = await RawSocket.open(app.url);
    const signingIn = socket.init({ authorization: `Bearer ${user.token}` });
    await gate.reached;
    await app.ok(LOG_OUT_EVERYWHERE, {}, user);
    gate.open();
    expect(await signingIn).toBe(false);
    expect((await socket.closed).code).toBe(4403);
  });
});

describe('who may open a socket', () => {
  const statusOf = (url: string, origin?: string) =>
    RawSocket.statusOfUpgrade(url, origin === undefined ? {} : { headers: { origin } });

  test("a page of the server's own, and every client that is not a page", async () => {
    expect(await statusOf(app.url)).toBe(101);
    expect(await statusOf(app.url, app.url)).toBe(101);
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1', 'http://127.0.0.1:1', 'nonsense', ''])(
    'not a page of %j',
    async (origin) => {
      expect(await statusOf(app.url, origin)).toBe(403);
    },
  );

  test('a page of an origin in ALLOWED_ORIGINS, over HTTP as well, and of no other origin', async () => {
    const open = await startApp({ allowedOrigins: ['https://tickets.example'] });
    expect(await statusOf(open.url, 'https://tickets.example')).toBe(101);
    expect(await statusOf(open.url, 'https://tickets.example.evil.example')).toBe(403);
    expect(await statusOf(open.url, 'http://tickets.example')).toBe(403);

    const preflight = (origin: string) =>
      fetch(`${open.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,authorization',
        },
      });
    const allowed = await preflight('https://tickets.example');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://tickets.example');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await preflight('https://evil.example');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    for (const [origin, header] of [
      ['https://tickets.example', 'https://tickets.example'],
      ['https://evil.example', null],
    ] as const) {
      const response = await fetch(`${open.url}/graphql`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      });
      expect(response.headers.get('access-control-allow-origin')).toBe(header);
      expect(response.headers.get('vary')).toMatch(/origin/i);
    }
  });

  test('nobody at another path', async () => {
    expect(await RawSocket.statusOfUpgrade(app.url, { path: '/graphq' })).toBe(404);
    expect(await RawSocket.statusOfUpgrade(app.url, { path: '/' })).toBe(404);
    expect(await RawSocket.statusOfUpgrade(app.url, { path: '/graphql?x=1' })).toBe(101);
  });

  test('one address up to its limit, until one of its sockets closes', async () => {
    const small = await startApp({ socketsPerAddressMax: 2 });
    const first = await RawSocket.open(small.url);
    await RawSocket.open(small.url);
    expect(await RawSocket.answerToUpgrade(small.url)).toEqual({ status: 429, retryAfter: '5' });
    // Without TRUST_PROXY, an address in a client's header is not trusted.
    expect(await RawSocket.statusOfUpgrade(small.url, { headers: { 'x-forwarded-for': '10.0.0.1' } })).toBe(
      429,
    );
    first.socket.close();
    await expect.poll(() => gauge(small, 'websocket_open_sockets')).toBe(1);
    expect(await RawSocket.statusOfUpgrade(small.url)).toBe(101);
  });

  test('each address behind a trusted proxy up to its limit', async () => {
    const small = await startApp({ socketsPerAddressMax: 1, trustProxy: ['loopback'] });
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect(await RawSocket.statusOfUpgrade(small.url, from('10.0.0.1'))).toBe(101);
    expect(await RawSocket.statusOfUpgrade(small.url, from('10.0.0.1'))).toBe(429);
    // The last address that the proxy appended counts, not what a client wrote before it.
    expect(await RawSocket.statusOfUpgrade(small.url, from('1.2.3.4, 10.0.0.1'))).toBe(429);
    expect(await RawSocket.statusOfUpgrade(small.url, from('10.0.0.2'))).toBe(101);
    // An IPv6 subscriber has a whole network of addresses, so the network counts as one.
    expect(await RawSocket.statusOfUpgrade(small.url, from('2001:db8::1'))).toBe(101);
    expect(await RawSocket.statusOfUpgrade(small.url, from('2001:db8::2'))).toBe(429);
    expect(await RawSocket.statusOfUpgrade(small.url, from('2001:db8:0:1::1'))).toBe(101);
  });
});

test('a socket has at most a hundred subscriptions in progress, until one of them ends', async () => {
  const eventId = await app.event(await app.user());
  const socket = await anonymous(app);
  for (let id = 1; id <= 100; id++) socket.subscribe(`s${id}`, WATCH, { eventId });
  const started = new Set<string | undefined>();
  while (started.size < 100) started.add((await socket.next())?.id);
  socket.subscribe('too many', WATCH, { eventId });
  expect(await socket.answerTo('too many')).toMatchObject({
    errors: [{ extensions: { code: 'TOO_BUSY', details: { limit: 100, retryAfterMs: expect.any(Number) } } }],
  });
  // Other operations are answered meanwhile.
  socket.subscribe('query', '{ __typename }');
  expect(await socket.answerTo('query')).toEqual({ data: { __typename: 'Query' } });
  socket.send({ id: 's1', type: 'complete' });
  socket.subscribe('again', WATCH, { eventId });
  expect(await socket.answerTo('again')).toMatchObject({ data: { seatAvailabilityChanged: { eventId } } });
});

test('a socket has at most a thousand operations in progress, including completed ones that are still executed', async () => {
  const own = await startApp();
  const eventId = await own.event(await own.user());
  const user = await own.user();
  const socket = await RawSocket.open(own.url);
  await socket.init({ authorization: `Bearer ${user.token}` });
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { findMany } = EventStore.prototype;
  let read: ReturnType<typeof findMany> | undefined;
  const hold = vi.spyOn(EventStore.prototype, 'findMany');
  hold.mockImplementation(async function (this: EventStore, ids) {
    await held;
    // Reads once for all operations: simultaneous reads are not tested here.
    read ??= findMany.call(this, ids);
    return read;
  });
  onTestFinished(() => hold.mockRestore());
  const ASK = 'query ($id: ID!) { event(id: $id) { id } }';
  for (let id = 1; id <= 1_000; id++) socket.subscribe(`q${id}`, ASK, { id: eventId });
  // Completed operations that are still executed count as well.
  for (let id = 1; id <= 100; id++) socket.send({ id: `q${id}`, type: 'complete' });
  socket.subscribe('too many', ASK, { id: eventId });
  expect(await socket.answerTo('too many')).toMatchObject({
    errors: [
      { extensions: { code: 'TOO_BUSY', details: { limit: 1_000, retryAfterMs: expect.any(Number) } } },
    ],
  });
  letGo();
  for (let id = 101; id <= 1_000; id++)
    expect(await socket.answerTo(`q${id}`)).toEqual({ data: { event: { id: eventId } } });
  socket.subscribe('again', ASK, { id: eventId });
  expect(await socket.answerTo('again')).toEqual({ data: { event: { id: eventId } } });
});

describe('a socket that does not read', () => {
  /** Some megabytes an answer: a few dozen exceed what the network buffers. */
  const statuses = Array.from({ length: 10 }, (_, index) => `s${index}: statuses`).join(' ');
  const ANSWERS = 24;
  const LARGE = `query ($id: ID!) { event(id: $id) { seatMap { ${statuses} } } }`;

  async function stalled(own: App, eventId: string): Promise<RawSocket> {
    const socket = await anonymous(own);
    const before = await gauge(own, 'websocket_stalled_sockets');
    socket.socket.pause();
    for (let id = 1; id <= ANSWERS; id++) socket.subscribe(String(id), LARGE, { id: eventId });
    await expect.poll(() => gauge(own, 'websocket_stalled_sockets')).toBe(before + 1);
    return socket;
  }

  test('is closed with 1013, and cut if it does not even read that; one that reads again in time stays', async () => {
    const own = await startApp();
    const eventId = await own.event(await own.user(), { totalSeats: 100_000 });
    const reader = await anonymous(own);

    const late = await stalled(own, eventId);
    own.clock.advance(SLOW_READER_MS_MAX - 1);
    late.socket.resume();
    for (let id = 1; id <= ANSWERS; id++)
      expect(await late.answerTo(String(id))).toHaveProperty('data.event.seatMap');
    own.clock.advance(SLOW_READER_MS_MAX - 1);

    const slow = await stalled(own, eventId);
    await stalled(own, eventId);
    expect(await gauge(own, 'websocket_open_sockets')).toBe(4);
    own.clock.advance(SLOW_READER_MS_MAX + 1);
    await expect.poll(() => gauge(own, 'websocket_stalled_sockets')).toBe(0);
    slow.socket.resume();
    expect(await slow.closed).toEqual({ code: 1013, reason: 'Reading too slowly' });
    // The other socket never reads again.
    await expect.poll(() => gauge(own, 'websocket_open_sockets')).toBe(2);
    for (const socket of [reader, late]) {
      socket.subscribe('still there', '{ __typename }');
      expect(await socket.answerTo('still there')).toEqual({ data: { __typename: 'Query' } });
    }
  });
});

describe('at shutdown', () => {
  test('operations in progress are answered, over both transports, then every socket is closed with 1001', async () => {
    const stopping = await TestApp.start();
    const user = await stopping.user();
    const eventId = await stopping.event(user);
    const socket = await signedIn(stopping, user);
    const idle = await anonymous(stopping);
    const silent = await RawSocket.open(stopping.url);
    const unused = connect(Number(new URL(stopping.url).port), '127.0.0.1');
    await once(unused, 'connect');
    const unusedClosed = once(unused.resume(), 'close');
    idle.subscribe('map', WATCH, { eventId });
    await idle.answerTo('map');

    const gate = holdNextBatch(stopping);
    socket.subscribe('lock', LOCK, { input: { eventId, seatNumber: 1 } });
    await gate.reached;
    const overHttp = stopping.call(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, user);
    await expect.poll(() => gauge(stopping, 'booking_queued_commands')).toBe(1);

    const closed = stopping.close({ keepData: true });
    socket.subscribe('too late', ME);
    expect(await socket.answerTo('too late')).toMatchObject({
      errors: [{ extensions: { code: 'TOO_BUSY', details: { retryAfterMs: expect.any(Number) } } }],
    });
    // Otherwise the server would wait for its first request, for longer than the lock may take.
    await unusedClosed;
    gate.open();
    expect(await socket.answerTo('lock')).toMatchObject({ data: { lockSeat: { seatNumber: 1 } } });
    expect((await overHttp).data).toMatchObject({ lockSeat: { seatNumber: 2 } });
    for (const each of [socket, idle, silent]) expect((await each.closed).code).toBe(1001);
    await closed;
    await expect(fetch(`${stopping.url}/healthz`)).rejects.toThrow();
    await expect(RawSocket.open(stopping.url)).rejects.toThrow();
  });

  test('a client that leaves its close unanswered does not delay the server for long', async () => {
    const stopping = await TestApp.start();
    const socket = await anonymous(stopping);
    socket.socket.pause();
    const startMs = performance.now();
    await stopping.close();
    // The ws library would wait for 30 seconds.
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });
});
