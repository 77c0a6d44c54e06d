import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { startApp } from '../../app.js';
import { parseConfig } from '../../config.js';
import { captureLog } from '../../test/support/captured-log.js';
import { MongoWire } from '../../test/support/mongo-wire.js';
import { LOCK_SEAT, SIGN_UP } from '../../test/support/operations.js';
import { RawSocket } from '../../test/support/raw-socket.js';
import {
  type TestApp as App,
  callServer,
  type GraphQLAnswer,
  TestApp,
  TOKEN_SECRET,
  uriOf,
} from '../../test/support/test-app.js';
import { attempt, bearer, TRANSPORTS, textOf } from '../../test/support/transports.js';

/** What a server has besides GraphQL: health, metrics, headers and pages. */

const WEB_ROOT = fileURLToPath(new URL('../../../dist/web/', import.meta.url));

let app: App;
beforeAll(async () => {
  app = await TestApp.start({ webRoot: WEB_ROOT });
});
afterAll(() => app.close());

const get = (path: string, init: RequestInit = {}) =>
  fetch(`${app.url}${path}`, { redirect: 'manual', ...init });

describe('health', () => {
  test('/healthz is 200 while the process lives, and /readyz while it can serve clients', async () => {
    const alive = await get('/healthz');
    expect([alive.status, await alive.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await get('/readyz');
    const checks = { database: 'ok', clock: 'ok', changeStream: 'ok', jobs: 'ok' };
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', checks }]);
  });

  test('/readyz is 503 while the database is unavailable, without the reason, and 200 afterwards', async () => {
    const wire = await MongoWire.start(Number(new URL(inject('mongodbUri')).port));
    const { log, lines } = captureLog();
    const separate = await startApp({
      config: parseConfig({ HOST: '127.0.0.1', PORT: '0' }),
      mongodbUri: wire.uri(`separate_${crypto.randomUUID().slice(0, 8)}`),
      tokenSecret: 'a secret that only the tests know, 32 bytes',
      log,
    });
    onTestFinished(async () => {
      wire.decide = () => 'passes';
      await separate.database.connection.dropDatabase();
      await separate.close();
      await wire.stop();
    });
    const readiness = async () => {
      const response = await fetch(`${separate.url}/readyz`);
      return { status: response.status, text: await response.text() };
    };
    // A busy machine may not answer each check within its second.
    await expect.poll(async () => (await readiness()).status).toBe(200);

    wire.decide = () => 'is lost';
    const gone = await readiness();
    expect(gone.status).toBe(503);
    const { status, checks } = JSON.parse(gone.text);
    expect(status).toBe('not ready');
    expect(checks.database).toMatch(/^(does not work|no answer within 1000 ms)$/);
    expect(gone.text).not.toMatch(/127\.0\.0\.1|Mongo|ECONN/);
    expect((await fetch(`${separate.url}/healthz`)).status).toBe(200);
    // The reason is in the log.
    await expect.poll(() => JSON.stringify(lines)).toMatch(/Mongo\w*Error/);

    wire.decide = () => 'passes';
    await expect.poll(async () => (await readiness()).status, { interval: 200 }).toBe(200);
  });
});

test('a stopping server reports that at /readyz and works on for a while, closing each connection after its answer', async () => {
  const leaving = await startApp({
    config: parseConfig({ HOST: '127.0.0.1', PORT: '0', STOP_DELAY_SECONDS: '2' }),
    mongodbUri: uriOf(app.databaseName),
    tokenSecret: 'a secret that only the tests know, 32 bytes',
    log: captureLog().log,
  });
  const closed = leaving.close();
  const ready = await fetch(`${leaving.url}/readyz`);
  expect([ready.status, ready.headers.get('connection')]).toEqual([503, 'close']);
  expect(((await ready.json()) as { checks: Record<string, string> }).checks.server).toBe('is about to stop');
  const { data } = await callServer(leaving.url, '{ __typename }');
  expect(data).toEqual({ __typename: 'Query' });
  await closed;
  await expect(fetch(`${leaving.url}/readyz`)).rejects.toThrow();
});

test('a request that arrives once a server stops is refused with Retry-After, and nothing is done', async () => {
  const user = await app.user();
  const eventId = await app.event(user);
  const leaving = await TestApp.start({ sharing: app });
  const { hostname, port } = new URL(leaving.url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const body = JSON.stringify({ query: textOf(LOCK_SEAT), variables: { input: { eventId, seatNumber: 1 } } });
  // A connection with a started request stays open; an idle one is closed.
  await new Promise<void>((resolve) =>
    socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\n', () => resolve()),
  );
  await fetch(`${leaving.url}/healthz`);
  const closed = leaving.close({ keepData: true });
  socket.write(
    `authorization: Bearer ${user.token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  expect(answer).toMatch(/^retry-after: 2\r$/m);
  expect(answer).toMatch(/^connection: close\r$/m);
  expect(answer).toContain('"code":"TOO_BUSY"');
  await closed;
  expect(await app.database.locks.countDocuments({ eventId })).toBe(0);
});

describe('while the database does not answer', () => {
  /** A server whose database commands of one kind are lost, or their answers. */
  async function startLosing(command: string, fate: 'is lost' | 'loses its answer') {
    const wire = await MongoWire.start(Number(new URL(inject('mongodbUri')).port));
    const separate = await startApp({
      config: parseConfig({ HOST: '127.0.0.1', PORT: '0', RATE_LIMIT_PER_MINUTE: '0' }),
      mongodbUri: wire.uri(app.databaseName),
      tokenSecret: TOKEN_SECRET,
      log: captureLog().log,
      clock: app.clock,
    });
    onTestFinished(async () => {
      wire.decide = () => 'passes';
      await separate.close();
      await wire.stop();
    });
    wire.decide = ({ name }) => (name === command ? fate : 'passes');
    return separate;
  }

  test('a read is refused with TOO_BUSY and Retry-After over HTTP; a socket is closed with 1013', async () => {
    const separate = await startLosing('find', 'is lost');
    const user = await app.user();
    const response = await fetch(`${separate.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
      body: JSON.stringify({ query: '{ me { id } }' }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
    const { errors } = (await response.json()) as GraphQLAnswer<unknown>;
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: 2000 } });
    // A token that could not be checked is not a bad one: after 4403 its client would not reconnect.
    const socket = await RawSocket.open(separate.url);
    await socket.init({ authorization: `Bearer ${user.token}` });
    expect((await socket.closed).code).toBe(1013);
  });

  test('a mutation whose database answer was lost is OUTCOME_UNKNOWN', async () => {
    const separate = await startLosing('insert', 'loses its answer');
    const input = { email: `${crypto.randomUUID()}@example.com`, password: 'a long password' };
    const { errors } = await callServer(separate.url, SIGN_UP, { input });
    expect(errors?.[0]?.extensions.code).toBe('OUTCOME_UNKNOWN');
  });
});

test('/metrics has the process, the batches, the feed and the sockets, in the format of Prometheus', async () => {
  // Maps that other tests read stay in memory for a while.
  const mapsOf = (text: string) => Number(/^feed_live_maps (\d+)$/m.exec(text)?.[1]);
  const mapsBefore = mapsOf(await (await get('/metrics')).text());
  const user = await app.user();
  const eventId = await app.event(user);
  await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
  await app.watch(eventId).next();
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const name of [
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_seconds',
    'booking_batch_seconds_bucket',
    'job_seconds',
  ]) {
    expect(text).toContain(name);
  }
  expect(text).toMatch(/^booking_batch_commands_count 1$/m);
  expect(text).toMatch(/^booking_queued_commands 0$/m);
  expect(mapsOf(text)).toBe(mapsBefore + 1);
  expect(text).toMatch(/^websocket_open_sockets 1$/m);
  expect(text).toMatch(/^websocket_stalled_sockets 0$/m);
  // No label has a user, an event or an address: there would be too many of them.
  expect(text).not.toContain(eventId);
  expect(text).not.toContain(user.id);
});

describe('/metrics counts root fields by the code of their outcome', () => {
  test.each(TRANSPORTS)('over %s', async (transport) => {
    const counted = await TestApp.start({ config: { rateLimitPerMinute: 1_000 } });
    onTestFinished(() => counted.close());
    const user = await counted.user();
    const eventId = await counted.event(user);
    const lock = { query: LOCK_SEAT as never, variables: { input: { eventId, seatNumber: 1 } } };
    const other = await counted.user();
    await attempt(counted, transport, { ...lock, authorization: bearer(user) });
    await attempt(counted, transport, { ...lock, authorization: bearer(other) });
    await attempt(counted, transport, lock);
    await attempt(counted, transport, {
      query: `{ a: event(id: "${eventId}") { id } b: event(id: "${eventId}") { id } me { id } __typename }`,
      authorization: bearer(user),
    });
    await attempt(counted, transport, { query: '{ zzz }' });
    await attempt(counted, transport, { query: '{ zzz' });
    await attempt(counted, transport, { query: '{ me { id } }', authorization: 'Bearer forged' });
    if (transport === 'WebSocket') {
      await counted.watch(eventId).next();
      await counted.watch('0'.repeat(12)).end();
    }
    const text = await (await fetch(`${counted.url}/metrics`)).text();
    const counts = [...text.matchAll(/^graphql_operations_total\{operation="(\w+)",code="(\w+)"\} (\d+)$/gm)]
      .map(([, operation, code, count]) => `${operation} ${code} ${count}`)
      .sort();
    expect(counts).toEqual(
      [
        // Sent over HTTP in both cases.
        'createEvent OK 1',
        'lockSeat OK 1',
        'lockSeat SEAT_UNAVAILABLE 1',
        'lockSeat UNAUTHENTICATED 1',
        'event OK 2',
        'me OK 1',
        'introspection OK 1',
        // Not by a name from the client.
        'unknown GRAPHQL_VALIDATION_FAILED 1',
        'unknown GRAPHQL_PARSE_FAILED 1',
        ...(transport === 'HTTP'
          ? ['unknown UNAUTHENTICATED 1']
          : ['seatAvailabilityChanged OK 1', 'seatAvailabilityChanged EVENT_NOT_FOUND 1']),
      ].sort(),
    );
    expect(text).toMatch(/^graphql_operation_seconds_count\{operation="lockSeat"\} 3$/m);
  });

  test('and has every metric that the operations guide has an alert for', async () => {
    const operations = readFileSync(
      fileURLToPath(new URL('../../../docs/operations.md', import.meta.url)),
      'utf8',
    );
    const alerts = /\n\| alert \|[\s\S]*?\n\n/.exec(operations)?.[0] ?? '';
    const names = [...alerts.matchAll(/`([a-z0-9]+(?:_[a-z0-9]+)+)(?:\{[^`]*\})?`/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    const types = new Set((await get('/metrics').then((response) => response.text())).match(/^# TYPE \w+/gm));
    expect(names.filter((name) => !types.has(`# TYPE ${name}`))).toEqual([]);
  });

  test('and how long the oldest waiting command has waited', async () => {
    const busy = await TestApp.start();
    onTestFinished(() => busy.close());
    const user = await busy.user();
    const eventId = await busy.event(user);
    // Another transaction has claimed the event.
    const session = busy.database.client.startSession();
    session.startTransaction();
    await busy.database.events.collection.updateOne(
      { _id: eventId as never },
      { $inc: { turn: 1 } },
      { session },
    );
    const lock = (seatNumber: number) => busy.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
    const inProgress = [lock(1), lock(2)];
    const oldest = async () => {
      const text = await (await fetch(`${busy.url}/metrics`)).text();
      return Number(/^booking_oldest_queued_command_seconds (\S+)$/m.exec(text)?.[1]);
    };
    await expect.poll(() => oldest()).toBeGreaterThan(0.2);
    await session.abortTransaction();
    await session.endSession();
    await Promise.all(inProgress);
    expect(await oldest()).toBe(0);
  });
});

describe('security headers', () => {
  test.each(['/', '/playground', '/graphql', '/healthz', '/metrics', '/nothing', '/assets/nothing.js'])(
    'prevent content sniffing of %s, and do not name the server',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
    },
  );

  test.each(['/', '/playground', '/assets/nothing.js'])(
    'of %s allow neither inline scripts nor anything from other servers',
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1];
      expect(scripts).toBe("'self'");
      // Only pictures of events come from elsewhere, and only to the pages that show them.
      const images = /img-src ([^;]*)/.exec(policy)?.[1];
      expect(images).toBe(path === '/playground' ? "'self' data:" : "'self' https:");
      expect(policy.replace(`img-src ${images}`, '')).not.toMatch(/https?:|wss?:|\*|unsafe-eval/);
    },
  );
});

test('an invalid URL is refused like everything else, with the common headers', async () => {
  const response = await get('/%ff', { headers: { 'x-correlation-id': 'mine-1' } });
  expect(response.status).toBe(400);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('x-correlation-id')).toBe('mine-1');
  expect(await response.json()).toEqual({
    errors: [
      {
        message: 'This address cannot be read.',
        extensions: { code: 'BAD_USER_INPUT', details: { field: 'url' } },
      },
    ],
  });
});

describe('a seating plan', () => {
  const CINEMA = {
    sections: [
      {
        name: 'Screen 1',
        rowList: [{ label: '1', seats: 3, seatLabels: ['L', 'M', 'R'], aislesAfter: [1] }],
      },
      { name: 'Foyer', kind: 'STANDING', capacity: 5 },
    ],
  };
  const urlOfPlan = async (of: App, input: Record<string, unknown>) => {
    const id = await of.event(await of.user(), input);
    const query = 'query ($id: ID!) { event(id: $id) { seatingPlanUrl } }';
    const answer = (await callServer(of.url, query, { id })) as GraphQLAnswer<{
      event: { seatingPlanUrl: string | null };
    }>;
    return answer.data?.event?.seatingPlanUrl ?? null;
  };

  test('is a file that caches keep, compressed for who accepts it, and shared by equal arrangements', async () => {
    const url = (await urlOfPlan(app, CINEMA)) as string;
    expect(await urlOfPlan(app, CINEMA)).toBe(url);
    // Without rows of their own, the sections alone describe the seats.
    expect(await urlOfPlan(app, { totalSeats: 30 })).toBeNull();
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip, br;q=0', 'gzip'],
      ['identity', null],
    ] as const) {
      const response = await get(url, { headers: { 'accept-encoding': accepted } });
      const { headers } = response;
      expect([response.status, headers.get('content-encoding')]).toEqual([200, encoding]);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('vary')).toContain('accept-encoding');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await response.json()).toMatchObject({
        totalSeats: 8,
        sections: [
          { name: 'Screen 1', rows: [{ label: '1', seatLabels: ['L', 'M', 'R'], aislesAfter: [1] }] },
          { name: 'Foyer', kind: 'standing', firstSeatNumber: 4, seats: 5, rows: [] },
        ],
      });
    }
  });

  test('that does not exist is 404, and asking for many files is limited', async () => {
    const limited = await TestApp.start({ config: { rateLimitPerMinute: 3 } });
    onTestFinished(() => limited.close());
    const url = (await urlOfPlan(limited, CINEMA)) as string;
    const read = async (path: string) => {
      const response = await fetch(limited.url + path);
      const { errors } = (await response.json()) as GraphQLAnswer<unknown>;
      return [response.status, errors?.[0]?.extensions.code];
    };
    expect(await read(url)).toEqual([200, undefined]);
    expect(await read(url.replace(/\w{5}\.json/, 'aaaaa.json'))).toEqual([404, 'BAD_USER_INPUT']);
    expect(await read('/seating-plans/other.json')).toEqual([429, 'RATE_LIMITED']);
    // A calendar file, whose event must be looked up, counts as well.
    expect(await read('/tickets/event.ics?code=x')).toEqual([429, 'RATE_LIMITED']);
    // What is in memory costs nothing.
    expect(await read(url)).toEqual([200, undefined]);
  });
});

describe('pages', () => {
  /** All URLs that a page makes a browser load. */
  const loaded = (html: string) =>
    [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*"([^"]*)"/g)].map(
      ([, url]) => url as string,
    );

  test('/playground is served with everything that it loads, nothing from other servers', async () => {
    const response = await get('/playground');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const html = await response.text();
    expect(loaded(html).length).toBeGreaterThan(1);
    for (const url of loaded(html)) {
      expect(url).toMatch(/^\/assets\/|^data:/);
      if (url.startsWith('data:')) continue;
      const asset = await get(url);
      expect([url, asset.status]).toEqual([url, 200]);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    }
    // No inline script: the policy would block it.
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
  });

  test.each(['/', '/events/k3v9c2m8q1xw', '/events/k3v9c2m8q1xw/sales', '/create-event', '/bookings'])(
    'the seat map is at %s, with everything that it loads, nothing from other servers',
    async (path) => {
      const response = await get(path);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-cache']);
      const html = await response.text();
      expect(html).toContain('<title>Seat Booking Live</title>');
      for (const url of loaded(html)) {
        expect(url).toMatch(/^\/assets\/|^data:/);
        if (!url.startsWith('data:')) expect([url, (await get(url)).status]).toEqual([url, 200]);
      }
      expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
    },
  );

  test('/llms.txt is served with everything that it links to', async () => {
    const response = await get('/llms.txt');
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/plain; charset=utf-8',
    ]);
    const links = [...(await response.text()).matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(
      ([, link]) => `/${link}`,
    );
    expect(links).toContain('/docs/api.md');
    for (const link of links) {
      const { status, headers } = await get(link);
      expect([link, status]).toEqual([link, 200]);
      expect(headers.get('content-type')).toMatch(/^(text\/markdown|application\/graphql); charset=utf-8$/);
    }
  });

  test('an unknown address is a page for browsers, and one line for programs', async () => {
    for (const path of ['/nowhere', '/events', '/events/k3v9c2m8q1xw/nothing', '/graphql/']) {
      const page = await get(path, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
      expect([
        path,
        page.status,
        page.headers.get('content-type'),
        page.headers.get('cache-control'),
      ]).toEqual([path, 404, 'text/html; charset=utf-8', 'no-cache']);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(await page.text()).toContain('<title>Seat Booking Live</title>');
      const answer = await get(path);
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([path, 404, 'text/plain']);
      expect(await answer.text()).toBe('There is nothing here. GraphQL is at /graphql.\n');
    }
    const html = { headers: { accept: 'text/html' } };
    const posted = await get('/nowhere', { ...html, method: 'POST' });
    expect([posted.status, posted.headers.get('content-type')]).toEqual([404, 'text/plain']);
    const asset = await get('/assets/nothing.js', html);
    expect([asset.status, asset.headers.get('content-type')]).toEqual([404, 'text/plain']);
    expect((await get('/graphql', html)).status).toBe(400);
  });

  test.each([
    '/assets/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2fmain.js',
    '/assets/%5c..%5c..%5cmain.js',
    '/assets/',
    '/assets',
    '/main.js',
    '/package.json',
    '/CHANGELOG.md',
    '/.setup-stamps.json',
  ])('nothing but the pages is served: %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toMatch(/dependencies|import /);
  });

  test('a server without built pages answers with the address of GraphQL', async () => {
    const plain = await TestApp.start();
    onTestFinished(() => plain.close());
    for (const path of ['/', '/playground', '/nothing']) {
      const response = await fetch(`${plain.url}${path}`);
      expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/plain']);
      expect(await response.text()).toContain('/graphql');
    }
  });

  test('another method at an existing address is 404', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect((await get('/graphql', { method })).status).toBe(404);
    expect((await get('/healthz', { method: 'POST' })).status).toBe(404);
  });
});
