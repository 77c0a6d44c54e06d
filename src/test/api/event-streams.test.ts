import { createClient, print as eventText } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import { EventStreamReader, type StreamRequest } from '../support/event-stream-reader.js';
import {
  LOCK_SEAT,
  LOG_OUT_EVERYWHERE,
  MY_RESERVATIONS_CHANGED,
  SEAT_AVAILABILITY_CHANGED,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** Subscriptions as event streams, at /graphql/stream. */

/** The default setting. */
const SLOW_READER_MS_MAX = 15_000;
/** The default setting. */
const TOKEN_TTL_MS = 12 * 60 * 60 * 1_000;
const WATCH = textOf(SEAT_AVAILABILITY_CHANGED);
const MINE = textOf(MY_RESERVATIONS_CHANGED);
const FOLLOW = 'subscription ($id: ID!) { eventChanged(eventId: $id) { availability { lockedSeats } } }';

let app: App;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.close());

async function startApp(config: Partial<Config>): Promise<App> {
  const started = await TestApp.start({ config });
  onTestFinished(() => started.close());
  return started;
}

async function gauge({ url }: App, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

const open = ({ url }: App, request: StreamRequest) => EventStreamReader.open(url, request);
const lock = (of: App, eventId: string, seatNumber: number, user: TestUser) =>
  of.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
const refusedWith = (code: string) => ({
  event: 'next',
  data: { errors: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })] },
});
const COMPLETE = { event: 'complete', data: null };

describe.each(['shared', 'plain'] as const)('with BROADCAST=%s, a stream', (broadcast) => {
  test('has the same messages as a socket: snapshots, changes, and what was missed since a version', async () => {
    const own = broadcast === 'shared' ? app : await startApp({ broadcast });
    const user = await own.user();
    const eventId = await own.event(user, { totalSeats: 20 });
    await lock(own, eventId, 1, user);
    // The map may get a change a moment after the call that made it is answered.
    await own.watch(eventId).until(({ seatAvailabilityChanged: { version } }) => version === 1);
    const watched = await Promise.all(
      [null, 0, 1, 99].map(async (since) => ({
        since,
        stream: await open(own, { query: WATCH, variables: { eventId, since } }),
        socket: own.watch(eventId, since ?? undefined),
      })),
    );
    const expectSame = async (version: number, isFirst: boolean) => {
      for (const { since, stream, socket } of watched) {
        const event = await stream.next();
        const data = await socket.next();
        expect(event).toEqual({ event: 'next', data: { data } });
        const kind = isFirst && (since === null || since === 99) ? 'SNAPSHOT' : 'CHANGES';
        expect(data).toMatchObject({ seatAvailabilityChanged: { kind, version } });
      }
    };
    await expectSame(1, true);
    await lock(own, eventId, 2, user);
    await expectSame(2, false);
  });
});

test('a change is executed once for streams and sockets together', async () => {
  const user = await app.user();
  const eventId = await app.event(user, { totalSeats: 20 });
  const request = { query: WATCH, variables: { eventId, since: null } };
  const streams = [await open(app, request), await open(app, request)];
  const socket = app.watch(eventId);
  for (const each of [...streams, socket]) await each.next();
  const before = await gauge(app, 'feed_built_answers_total');
  await lock(app, eventId, 1, user);
  for (const each of [...streams, socket]) await each.next();
  expect((await gauge(app, 'feed_built_answers_total')) - before).toBe(1);
});

test('a stream may be read by ALLOWED_ORIGINS, is never stored or held back, carries what only its user may see, and ends when its client leaves', async () => {
  const origin = 'https://tickets.example';
  const own = await startApp({ allowedOrigins: [origin] });
  const user = await own.user();
  const eventId = await own.event(user);
  const mine = await open(own, {
    query: MINE,
    variables: { eventId },
    token: user.token,
    headers: { origin },
  });
  const head = await mine.head();
  expect(head).toMatch(/^HTTP\/1\.1 200 /);
  for (const header of [
    'content-type: text/event-stream',
    'cache-control: no-store',
    'x-accel-buffering: no',
    `access-control-allow-origin: ${origin}`,
  ])
    expect(head).toContain(`\r\n${header}`);
  expect(await mine.next()).toMatchObject({
    event: 'next',
    data: { data: { myReservationsChanged: { locks: [] } } },
  });
  const counters = await open(own, { query: FOLLOW, variables: { id: eventId } });
  expect(await counters.next()).toMatchObject({
    data: { data: { eventChanged: { availability: { lockedSeats: 0 } } } },
  });
  await lock(own, eventId, 7, user);
  expect(await mine.next()).toMatchObject({
    data: { data: { myReservationsChanged: { locks: [{ seatNumber: 7 }] } } },
  });
  const watchers = await gauge(own, 'feed_watchers');
  mine.socket.destroy();
  await expect.poll(() => gauge(own, 'feed_watchers')).toBe(watchers - 1);
});

describe('what is refused', () => {
  const refusedBefore = async (of: App, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${of.url}/graphql/stream`, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, errors[0]?.extensions.code];
  };

  test('about the request or its caller has an HTTP status, as at /graphql', async () => {
    const request = { query: FOLLOW, variables: { id: await app.event(await app.user()) } };
    expect(await refusedBefore(app, '{')).toEqual([400, 'BAD_USER_INPUT']);
    expect(await refusedBefore(app, { query: 1 })).toEqual([400, 'BAD_USER_INPUT']);
    expect(await refusedBefore(app, request, { accept: 'application/json' })).toEqual([
      400,
      'BAD_USER_INPUT',
    ]);
    expect(await refusedBefore(app, request, { 'content-type': 'text/plain' })).toEqual([
      415,
      'BAD_USER_INPUT',
    ]);
    expect(await refusedBefore(app, ' '.repeat(64 * 1024 + 1))).toEqual([413, 'BAD_USER_INPUT']);
    expect(await refusedBefore(app, request, { authorization: 'Bearer bad' })).toEqual([
      401,
      'UNAUTHENTICATED',
    ]);
    expect(await refusedBefore(app, request, { origin: 'https://evil.example' })).toEqual([403, 'FORBIDDEN']);
    const limited = await startApp({ rateLimitPerMinute: 1, callsPerAddressMax: 1 });
    await limited.call('{ __typename }');
    expect(await refusedBefore(limited, request)).toEqual([429, 'RATE_LIMITED']);
    expect((await fetch(`${app.url}/graphql/stream`)).status).toBe(404);
  });

  test('about the operation is an event with errors, and the end of the stream', async () => {
    const eventId = await app.event(await app.user());
    const maps = Array.from({ length: 7 }, (_, index) => `s${index}: statuses`).join(' ');
    for (const [query, variables, code] of [
      ['subscription {', {}, 'GRAPHQL_PARSE_FAILED'],
      ['subscription { nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
      [
        `subscription ($id: ID!) { seatAvailabilityChanged(eventId: $id) { ${maps} } }`,
        { id: eventId },
        'GRAPHQL_VALIDATION_FAILED',
      ],
      ['{ __typename }', {}, 'BAD_USER_INPUT'],
      [FOLLOW, {}, 'BAD_USER_INPUT'],
      [FOLLOW, { id: 'zzzzzzzzzzzz' }, 'EVENT_NOT_FOUND'],
      [MINE, { eventId }, 'UNAUTHENTICATED'],
    ] as const) {
      const stream = await open(app, { query, variables });
      expect(await stream.next(), query).toMatchObject(refusedWith(code));
      expect(await stream.next()).toEqual(COMPLETE);
      expect(await stream.next()).toBeUndefined();
    }
  });

  test('is one connection too many of an address, sockets included, until one of them ends', async () => {
    const small = await startApp({ socketsPerAddressMax: 2 });
    const request = { query: FOLLOW, variables: { id: await small.event(await small.user()) } };
    const first = await open(small, request);
    await first.next();
    await RawSocket.open(small.url);
    const refused = await open(small, request);
    expect(await refused.head()).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: 5/);
    expect(await RawSocket.statusOfUpgrade(small.url)).toBe(429);
    expect(await gauge(small, 'event_stream_open_streams')).toBe(1);
    expect(await gauge(small, 'websocket_open_sockets')).toBe(1);
    first.socket.destroy();
    await expect.poll(() => gauge(small, 'event_stream_open_streams')).toBe(0);
    expect(await (await open(small, request)).next()).toMatchObject({ event: 'next' });
  });
});

test('a stream ends with its token: at its time, and at a log-out everywhere', async () => {
  const own = await startApp({});
  const [user, other] = (await own.users(2)) as [TestUser, TestUser];
  const eventId = await own.event(user);
  const streamOf = async ({ token }: TestUser) => {
    const stream = await open(own, { query: MINE, variables: { eventId }, token });
    expect(await stream.next()).toMatchObject({ event: 'next', data: { data: {} } });
    return stream;
  };
  const anonymous = await open(own, { query: WATCH, variables: { eventId, since: null } });
  await anonymous.next();
  const expectEnded = async (stream: EventStreamReader) => {
    expect(await stream.next()).toMatchObject(refusedWith('UNAUTHENTICATED'));
    expect(await stream.next()).toEqual(COMPLETE);
    expect(await stream.next()).toBeUndefined();
  };
  const [ofUser, ofOther] = [await streamOf(user), await streamOf(other)];
  await own.ok(LOG_OUT_EVERYWHERE, {}, user);
  await expectEnded(ofUser);
  own.clock.advance(TOKEN_TTL_MS);
  await expectEnded(ofOther);
  const somebody = await own.user();
  await lock(own, eventId, 1, somebody);
  expect(await anonymous.next()).toMatchObject({
    data: { data: { seatAvailabilityChanged: { version: 1 } } },
  });
});

test('a stream that is not read gets few messages with the newest statuses, slows nobody, and is cut if it is not read in time', async () => {
  const own = await startApp({ seatsPerViewerMax: 200 });
  const user = await own.user();
  const eventId = await own.event(user, { totalSeats: 100_000 });
  const statuses = Array.from({ length: 6 }, (_, index) => `s${index}: statuses`).join(' ');
  const query = `subscription ($id: ID!) { seatAvailabilityChanged(eventId: $id) { version previousVersion ${statuses} } }`;
  const streams = [
    await open(own, { query, variables: { id: eventId } }),
    await open(own, { query, variables: { id: eventId } }),
  ];
  const [late, slow] = streams as [EventStreamReader, EventStreamReader];
  // The same operation, so all three are served together.
  const quick = await open(own, { query, variables: { id: eventId } });
  await quick.next();
  for (const stream of streams) {
    await stream.next();
    stream.socket.pause();
  }
  // Each change is a message of 600 KB. The network holds some of them.
  let changes = 0;
  const change = async () => {
    await lock(own, eventId, ++changes, user);
    expect(await quick.next()).toMatchObject({
      data: { data: { seatAvailabilityChanged: { version: changes, previousVersion: changes - 1 } } },
    });
  };
  while ((await gauge(own, 'event_stream_stalled_streams')) < 2) await change();
  const stalledAt = changes;
  while (changes < stalledAt + 20) await change();
  late.socket.resume();
  let versions: number[] = [];
  while (versions.at(-1) !== changes) {
    const { data } = (await late.next()) as {
      data: { data: { seatAvailabilityChanged: { version: number; s0: string } } };
    };
    const { version, s0 } = data.data.seatAvailabilityChanged;
    versions = [...versions, version];
    expect(s0).toBe('L'.repeat(version).padEnd(100_000, 'A'));
  }
  // All that came while it did not read is one message.
  expect(versions.length).toBeLessThan(changes - 15);
  await expect.poll(() => gauge(own, 'event_stream_stalled_streams')).toBe(1);
  own.clock.advance(SLOW_READER_MS_MAX + 1);
  await expect.poll(() => gauge(own, 'event_stream_open_streams')).toBe(2);
  slow.socket.resume();
  while ((await slow.next()) !== undefined);
  await lock(own, eventId, ++changes, user);
  expect(await late.next()).toMatchObject({
    data: { data: { seatAvailabilityChanged: { version: changes } } },
  });
});

test('a stopping server ends streams without completing them, so that clients open them again, and accepts no others', async () => {
  const stopping = await TestApp.start();
  const eventId = await stopping.event(await stopping.user());
  const request = { query: WATCH, variables: { eventId, since: null } };
  const stream = await open(stopping, request);
  await stream.next();
  const ended: string[] = [];
  // The client of graphql-sse, whose protocol the server speaks.
  createClient({ url: `${stopping.url}/graphql/stream`, retryAttempts: 0 }).subscribe(request, {
    next: () => ended.push('next'),
    error: (error) => ended.push(`error: ${(error as Error).name}`),
    complete: () => ended.push('complete'),
  });
  await expect.poll(() => ended).toEqual(['next']);
  await stopping.close();
  expect(await stream.next()).toBeUndefined();
  // Without retries it reports what it would have tried again.
  await expect.poll(() => ended).toEqual(['next', 'error: NetworkError']);
});

test('events have the text of the protocol’s own library', async () => {
  const eventId = await app.event(await app.user());
  const stream = await open(app, { query: FOLLOW, variables: { id: eventId } });
  await stream.head();
  const event = eventText({
    event: 'next',
    data: { data: { eventChanged: { availability: { lockedSeats: 0 } } } },
  });
  await expect.poll(() => stream.received).toBe(`:\n\n${event}`);
  const refused = await open(app, { query: '{ __typename }' });
  expect(await refused.next()).toMatchObject(refusedWith('BAD_USER_INPUT'));
  await expect.poll(() => refused.received).toBe(eventText({ event: 'complete', data: null }));
});
