import { parse } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { parseConfig } from '../../config.js';
import { sectionId } from '../../core/ids.js';
import { JOURNEY } from '../../web/playground/journey.js';
import { captureLog } from '../support/captured-log.js';
import { codeBlocks, DOCUMENTS, documentText } from '../support/documents.js';
import { Scene } from '../support/event-fixture.js';
import { BOOKING_TICKET, LOCK_SEAT, RELEASE_LOCK, SEAT_MAP } from '../support/operations.js';
import { TestApp } from '../support/test-app.js';
import { attempt, TRANSPORTS } from '../support/transports.js';

/** Every operation that the documents and the playground show runs unchanged, with the default settings. */

const { rateLimitPerMinute } = parseConfig({});
const DAY_MS = 86_400_000;

const { log, lines } = captureLog();
let app: TestApp;
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start({ config: { rateLimitPerMinute }, log });
  eventId = await app.event(await app.user());
});
afterAll(() => app.close());

/** What later operations take from an answer, by its field. `carried-values.ts` does the same in the playground. */
const CARRIED: Readonly<Record<string, readonly [name: string, from: string]>> = {
  startGuest: ['token', 'token'],
  signUp: ['token', 'token'],
  renewToken: ['token', 'token'],
  resetPassword: ['token', 'token'],
  logIn: ['token', 'token'],
  createEvent: ['eventId', 'id'],
  holdSeats: ['lockId', 'locks.0.id'],
  checkOut: ['bookingId', 'bookings.0.id'],
  lockSeat: ['lockId', 'id'],
  lockSeats: ['lockId', 'id'],
  simulatePayment: ['paymentId', 'id'],
  confirmBooking: ['bookingId', 'id'],
  confirmBookings: ['bookingId', 'id'],
};

interface ShownOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly authorization?: string | undefined;
}

/** Runs an operation over each transport that allows it, and keeps what its answers provide. */
async function run(operation: ShownOperation, carried: Map<string, unknown>): Promise<void> {
  const [definition] = parse(operation.query).definitions;
  if (definition?.kind !== 'OperationDefinition') throw new Error('Show one operation at a time.');
  const name = definition.name?.value ?? '';
  const isSubscription = definition.operation === 'subscription';
  // Repeated, they would be refused.
  const isOnce = ['SignUp', 'Pay', 'ResetPassword', 'Change'].includes(name);
  for (const transport of isSubscription ? (['WebSocket'] as const) : TRANSPORTS.slice(0, isOnce ? 1 : 2)) {
    const { data, errors } = await attempt(app, transport, operation);
    expect(errors, `${name} over ${transport}`).toBeUndefined();
    for (const [field, result] of Object.entries(data ?? {})) {
      expect(result, `${name} over ${transport}`).not.toBeNull();
      const [carries, from = ''] = CARRIED[field] ?? [];
      const held = (result as { locks?: { seatNumber: number }[] } | null)?.locks;
      if (field === 'holdSeats')
        carried.set(
          'heldSeats',
          held?.map(({ seatNumber }) => seatNumber),
        );
      const [first] = [result].flat();
      const value = from.split('.').reduce((part, key) => part?.[key as never], first as object | undefined);
      if (carries !== undefined) carried.set(carries, value);
      if (Array.isArray(result))
        carried.set(
          `${carries}s`,
          result.map((each) => each[from]),
        );
    }
    // A lock can be extended only after some time has passed.
    app.clock.advance(1_000);
  }
}

/** The token of the link in the mail, which is in the log, because there is no mail server. */
async function mailedToken(): Promise<string | undefined> {
  const token = () =>
    lines.map(({ text }) => /reset-password#(\S+)/.exec(String(text))?.[1]).find((found) => found);
  await expect.poll(token).toBeDefined();
  return token();
}

test('each tab of the playground runs in the order of the journey, with the values from the tabs before it', async () => {
  const carried = new Map<string, unknown>();
  const fillIn = (text: string) => {
    const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (asWritten, name) =>
      String(carried.get(name) ?? asWritten),
    );
    expect(filled).not.toContain('{{');
    return JSON.parse(filled);
  };
  expect(JOURNEY).toHaveLength(17);
  for (const { query, variables, headers } of JOURNEY) {
    const { Authorization: authorization } = fillIn(headers);
    await run({ query, variables: fillIn(variables), authorization }, carried);
  }
  const known = ['token', 'eventId', 'heldSeats', 'lockId', 'bookingId', 'paymentId'];
  expect([...carried.keys()]).toEqual(known);
});

test('each operation of the documents runs, in the order of the text', async () => {
  const scene = await Scene.make(app);
  const { bookingId } = await scene.book();
  const code = (await app.ok(BOOKING_TICKET, { id: bookingId }, scene.user)).booking?.ticket?.code;
  const carried = new Map<string, unknown>([
    ['email', 'reader@example.com'],
    ['password', 'correct horse battery staple'],
    ['eventDate', new Date(app.clock.now().getTime() + 30 * DAY_MS).toISOString()],
    ['requestId', 'a request of the reader'],
    ['seatNumbers', [12, 13]],
    ['amount', 9_000],
    // Of the two seats that holdSeats chooses: the cheapest ones.
    ['total', { amount: 5_000, currency: 'USD' }],
    ['since', 0],
    ['first', 20],
    ['code', code],
    ['scanId', 'a scan'],
    ['at', app.clock.now().toISOString()],
    ['after', null],
    ['revision', 1],
  ]);
  const blocks = ['docs/api.md', ...DOCUMENTS].flatMap((file) => codeBlocks(file, 'graphql'));
  expect(new Set(blocks).size).toBeGreaterThan(10);
  // The event is of no use after it.
  const isLast = (query: string) => query.includes('cancelEvent(');
  const inOrder = [...new Set(blocks)].sort((one, other) => Number(isLast(one)) - Number(isLast(other)));
  for (const query of inOrder) {
    const names = [...query.matchAll(/\$(\w+): /g)].map(([, name]) => name as string);
    if (names.includes('linkToken')) carried.set('linkToken', await mailedToken());
    for (const name of names) expect([...carried.keys(), 'sectionId']).toContain(name);
    const token = carried.get('token');
    if (carried.has('eventId')) carried.set('sectionId', sectionId(String(carried.get('eventId')), 0));
    await run(
      {
        query,
        variables: Object.fromEntries(names.map((name) => [name, carried.get(name)])),
        authorization: token === undefined ? undefined : `Bearer ${token}`,
      },
      carried,
    );
  }
});

test('each request that the documents send by curl is answered', async () => {
  const bodies = DOCUMENTS.flatMap((file) => [
    ...documentText(file).matchAll(/curl localhost:4000\/graphql [^\n]*\n\s*-d '(\{"query".*?\})'/g),
  ]).map(([, body]) => JSON.parse(body as string));
  expect(bodies).toHaveLength(1);
  for (const body of bodies)
    for (const transport of TRANSPORTS)
      expect(await attempt(app, transport, body)).toEqual({
        data: { events: { nodes: expect.arrayContaining([expect.objectContaining({ id: eventId })]) } },
      });
});

test('the client of the API guide has the server’s map after lost messages and connections', async () => {
  const [code] = codeBlocks('docs/api.md', 'js');
  expect(code?.trim().split('\n').length).toBeLessThanOrEqual(42);
  const { follow } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code ?? '')}`
  );
  const socket = createClient({
    url: `${app.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: async () => undefined,
    shouldRetry: () => true,
  });
  const received: { kind: string; version: number }[] = [];
  let lost = 0;
  let losesNext = false;
  const client: Pick<Client, 'subscribe'> = {
    subscribe: (payload, sink) =>
      socket.subscribe(payload, {
        ...sink,
        next: (answer) => {
          const { seatAvailabilityChanged: update } = answer.data as never;
          if (!losesNext) {
            received.push(update);
            sink.next(answer as never);
          } else lost += 1;
          losesNext = false;
        },
      }),
  };
  const user = await app.user();
  const eventId = await app.event(user);
  let map: { version: number; taken: Map<number, { status: string }> } | undefined;
  const stop = follow(
    client,
    eventId,
    (newest: typeof map) => {
      map = newest;
    },
    (error: unknown) => expect.unreachable(String(error)),
  );
  onTestFinished(async () => {
    stop();
    await socket.dispose();
  });
  const lock = async (seatNumber: number) =>
    (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user)).lockSeat;
  const reach = (version: number) => expect.poll(() => map?.version).toBe(version);

  await reach(0);
  const { id: lockId } = await lock(1);
  await reach(1);

  losesNext = true;
  await lock(2);
  await expect.poll(() => lost).toBe(1);
  await lock(3);
  await reach(3);

  socket.terminate();
  await lock(4);
  await app.ok(RELEASE_LOCK, { lockId }, user);
  await reach(5);

  const { event } = await app.ok(SEAT_MAP, { id: eventId });
  expect([...(map?.taken.values() ?? [])].sort(bySeat)).toEqual(event?.seatMap.takenSeats);
  expect(event?.seatMap.takenSeats.map(({ seatNumber }) => seatNumber)).toEqual([2, 3, 4]);
  // All messages after the first were missed changes; there was no second snapshot.
  expect(received.filter(({ kind }) => kind === 'SNAPSHOT')).toHaveLength(1);

  const shown = codeBlocks('docs/api.md', 'js').find((block) => block.includes('openStreams'));
  const library = JSON.stringify(import.meta.resolve('graphql-sse'));
  const { openStreams } = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(shown?.replace("'graphql-sse'", library) ?? '')}`
  );
  let overStream: typeof map;
  const stopStream = follow(openStreams(app.url), eventId, (newest: typeof map) => {
    overStream = newest;
  });
  await lock(5);
  await reach(6);
  await expect.poll(() => overStream).toEqual(map);
  stopStream();
});

const bySeat = (one: object, other: object): number =>
  (one as { seatNumber: number }).seatNumber - (other as { seatNumber: number }).seatNumber;
