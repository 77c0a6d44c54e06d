import { getIntrospectionQuery } from 'graphql';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import { TicketCodes } from '../../tickets/ticket-codes.js';
import { CHECK_IN } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp, type TestUser, TOKEN_SECRET } from '../support/test-app.js';
import { BEHIND_PROXY, callFrom, detailsOf, outcomeOf } from './caller.js';

/** Thousands of anonymous readers behind one address of a carrier or a company, and one caller who reads as much. */

const MINUTE_MS = 60_000;
const CROWD = '192.0.2.1';
const RATE = 10;
const READS_MAX = 200;

const MAP = 'query Map($id: ID!) { event(id: $id) { name seatMap { version statuses } } }';
const WATCH = 'subscription ($id: ID!) { seatAvailabilityChanged(eventId: $id) { kind version } }';

const CONFIG = { rateLimitPerMinute: RATE, anonymousReadsPerAddressMax: READS_MAX, ...BEHIND_PROXY };

async function server(config: Partial<Config> = {}) {
  const app = await TestApp.start({ config: { ...CONFIG, ...config } });
  onTestFinished(() => app.close());
  const [organizer] = (await app.users(1)) as [TestUser];
  const eventId = await app.event(organizer);
  const from =
    (address: string, on = app) =>
    (query: string, variables: object = {}) =>
      callFrom(on, { address }, query, variables).then(outcomeOf);
  // The map is loaded, and the document is known.
  await callFrom(app, { user: organizer }, MAP, { id: eventId });
  return { app, eventId, from, readMap: (address = CROWD) => from(address)(MAP, { id: eventId }) };
}

/** Outcomes of calls, one after the other, until one is refused. */
async function untilRefused(call: (count: number) => Promise<string>, max: number): Promise<string[]> {
  const outcomes: string[] = [];
  while (outcomes.length < max && outcomes.at(-1) !== 'RATE_LIMITED')
    outcomes.push(await call(outcomes.length));
  return outcomes;
}

test('anonymous reads work from an address whose call limit is used up, over both transports', async () => {
  const { app, eventId, from, readMap } = await server();
  const guess = () => from(CROWD)('mutation { logOutEverywhere { id } }');
  expect((await untilRefused(guess, RATE + 5)).at(-1)).toBe('RATE_LIMITED');
  for (let readers = 0; readers < 3 * RATE; readers++) expect(await readMap()).toBe('done');
  // Mutations are still limited.
  expect(await guess()).toBe('RATE_LIMITED');

  // Over WebSocket, from this machine's own address.
  const here = (query: string) => app.call(query).then(outcomeOf);
  await untilRefused(() => here('mutation { logOutEverywhere { id } }'), RATE + 5);
  const user = await app.user();
  expect(
    (await app.subscribe(WATCH, { id: eventId }, user).next()) as { seatAvailabilityChanged: object },
  ).toMatchObject({ seatAvailabilityChanged: { kind: 'SNAPSHOT' } });
  for (let readers = 0; readers < 2 * RATE; readers++)
    expect(await app.subscribe(WATCH, { id: eventId }).next()).toMatchObject({
      seatAvailabilityChanged: { kind: 'SNAPSHOT' },
    });
});

test('anonymous reads have a limit per address and minute, which does not affect other addresses', async () => {
  const { app, eventId, readMap } = await server();
  const outcomes = await untilRefused(() => readMap(), READS_MAX + 5);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(READS_MAX);
  const refused = await callFrom(app, { address: CROWD }, MAP, { id: eventId });
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(detailsOf(refused).retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
  expect(Number(refused.retryAfter)).toBeLessThanOrEqual(60);
  expect(await readMap('192.0.2.2')).toBe('done');
  app.clock.advance(MINUTE_MS);
  expect(await readMap()).toBe('done');
});

test('a signed-in reader is counted by the call limit, however cheap a read is', async () => {
  const { app, eventId } = await server();
  const user = await app.user();
  const readMap = () => callFrom(app, { user }, MAP, { id: eventId }).then(outcomeOf);
  expect(await untilRefused(readMap, RATE + 5)).toHaveLength(RATE + 1);
});

test('simultaneous anonymous reads on two servers exceed their limit by no more than other calls do', async () => {
  const { app, eventId, from } = await server();
  const other = await TestApp.start({ sharing: app, config: CONFIG });
  onTestFinished(() => other.close({ keepData: true }));
  const outcomes: string[] = [];
  for (let rounds = 0; rounds < 20; rounds++) {
    const calls = Array.from({ length: 20 }, (_, index) =>
      from(CROWD, index % 2 === 0 ? app : other)(MAP, { id: eventId }),
    );
    outcomes.push(...(await Promise.all(calls)));
  }
  const passed = outcomes.filter((outcome) => outcome === 'done').length;
  expect(passed).toBeGreaterThanOrEqual(READS_MAX - RATE);
  expect(passed).toBeLessThanOrEqual(2 * READS_MAX - 1);
  for (const server of [app, other])
    await expect
      .poll(() => from(CROWD, server)(MAP, { id: eventId }), { interval: 1_000 })
      .toBe('RATE_LIMITED');
});

test('an expensive anonymous read counts as several, and a search as a call: it reads all events', async () => {
  const { from, readMap } = await server();
  const list =
    'query ($n: Int!) { events(first: $n) { nodes { id name sections { name rows price { amount } } } } }';
  // Makes the document known.
  await from('192.0.2.9')(list, { n: 1 });
  const outcomes = await untilRefused(() => from(CROWD)(list, { n: 100 }), READS_MAX);
  // (1 + 100 × (2 + 1 + 20 × 4)) / 1,000, rounded up.
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(Math.floor(READS_MAX / 9));
  // What is left is too little for another list, but enough for a map.
  expect(await readMap()).toBe('done');

  const find = 'query ($search: String) { events(search: $search, first: 1) { nodes { id } } }';
  const search = (words?: string) => from('192.0.2.10')(find, { search: words });
  expect(await untilRefused(() => search('gala'), RATE + 5)).toHaveLength(RATE + 1);
  expect(await search()).toBe('done');
});

test('the schema itself, which costs more than the largest map, counts as five anonymous reads', async () => {
  const { from } = await server();
  const schema = getIntrospectionQuery();
  await from('192.0.2.9')(schema);
  const outcomes = await untilRefused(() => from(CROWD)(schema), READS_MAX);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(READS_MAX / 5);
});

test.each<[string, (count: number, eventIds: readonly string[]) => [string, object?]]>([
  ['a document that nobody has sent', (count) => [`{ event(id: "none") { n${count}: name } }`]],
  ['an invalid document', () => ['{ nothing }']],
  ['a mutation', () => ['mutation { logOutEverywhere { id } }']],
  ['a map that is not loaded', (count, eventIds) => [MAP, { id: eventIds[count % eventIds.length] }]],
  [
    'the figures of an event that is not loaded',
    (count, eventIds) => [
      'query ($id: ID!) { event(id: $id) { availability { availableSeats } } }',
      { id: eventIds[count % eventIds.length] },
    ],
  ],
])('%s is not an anonymous read: it counts as a call of its address', async (_, operation) => {
  const { app, eventId, from, readMap } = await server();
  const organizers = await app.users(RATE + 5);
  const eventIds = await Promise.all(organizers.map((organizer) => app.event(organizer)));
  // After this time the maps loaded by their organizers are dropped.
  app.clock.advance(30_000);
  await from('192.0.2.9')(MAP, { id: eventId });
  const outcomes = await untilRefused((count) => from(CROWD)(...operation(count, eventIds)), RATE + 5);
  expect(outcomes).toHaveLength(RATE + 1);
  expect(outcomes.at(-1)).toBe('RATE_LIMITED');
  expect(await readMap()).toBe('done');
});

test('a crowd that sends a new document at once pays for parsing it once, and for every call if it is invalid', async () => {
  const { eventId, from } = await server();
  const all = (query: string, variables: object) =>
    Promise.all(Array.from({ length: 5 * RATE }, () => from(CROWD)(query, variables)));
  const fresh = MAP.replace('name', 'fresh: name');
  expect(new Set(await all(fresh, { id: eventId }))).toEqual(new Set(['done']));
  const bad = await all('{ nothing }', {});
  expect(bad.filter((outcome) => outcome === 'GRAPHQL_VALIDATION_FAILED')).toHaveLength(RATE - 1);
});

test('so does a crowd that sends it together over one WebSocket, while the document waits to be parsed', async () => {
  const { app, eventId } = await server();
  const socket = await RawSocket.open(app.url);
  await socket.init();
  const ids = Array.from({ length: 3 * RATE }, (_, index) => String(index));
  for (const id of ids) socket.subscribe(id, MAP.replace('name', 'again: name'), { id: eventId });
  for (const id of ids)
    expect(await socket.answerTo(id)).toMatchObject({ data: { event: { again: 'A night out' } } });
});

test('without a limit of its own an anonymous read counts as a call, and RATE_LIMIT_PER_MINUTE=0 turns the limit off', async () => {
  const strict = await server({ anonymousReadsPerAddressMax: undefined });
  for (let calls = 0; calls < RATE / 2; calls++)
    expect(await strict.from(CROWD)('{ nothing }')).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await untilRefused(() => strict.readMap(), RATE + 5)).toHaveLength(RATE / 2 + 1);
  const free = await server({ rateLimitPerMinute: 0 });
  for (let readers = 0; readers < 2 * RATE; readers++) expect(await free.readMap()).toBe('done');
});

describe('at the entrances', () => {
  const scanOf = (eventId: string, scanId: string, code = '') => ({
    input: { eventId, scanId, code, at: '2026-11-22T21:00:00Z' },
  });

  test('scans do not use up an organizer’s calls; they have their own limit, and a stranger’s are calls', async () => {
    const SCANS_MAX = 4 * RATE;
    const { app } = await server({ scansPerViewerMax: SCANS_MAX });
    const [organizer, stranger] = (await app.users(2)) as [TestUser, TestUser];
    const eventId = await app.event(organizer);
    const scan = (user: TestUser) => (count: number) =>
      callFrom(app, { user }, CHECK_IN, scanOf(eventId, `${count}`)).then(outcomeOf);
    // Several at once, from several gates, in two calls to each.
    const gates = Array.from({ length: RATE / 2 }, (_, gate) => gate);
    for (let round = 0; round < 4; round++)
      expect(await Promise.all(gates.map(scan(organizer)))).toEqual(gates.map(() => 'done'));
    const two = 'a: checkIn(input: $input) { result } b: checkIn(input: $input) { result }';
    for (let pairs = 0; pairs < 10; pairs++)
      expect(
        outcomeOf(
          await callFrom(
            app,
            { user: organizer },
            `mutation ($input: CheckInInput!) { ${two} }`,
            scanOf(eventId, 'pair'),
          ),
        ),
      ).toBe('done');
    expect(await scan(organizer)(0)).toBe('RATE_LIMITED');
    expect(outcomeOf(await callFrom(app, { user: organizer }, 'query { me { id } }'))).toBe('done');

    const refused = await untilRefused(scan(stranger), SCANS_MAX);
    expect(refused).toEqual([...Array(RATE).fill('EVENT_NOT_FOUND'), 'RATE_LIMITED']);
  });

  test('everybody’s ticket is drawn over one network; one who has thousands drawn is stopped', async () => {
    const IMAGES_MAX = 3 * RATE;
    const { app } = await server({ ticketImagesPerAddressMax: IMAGES_MAX });
    const image = async (address: string, code: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await fetch(`${app.url}/tickets/qr.svg?code=${code}`, { headers })).status;
    };
    const codes = await TicketCodes.from(TOKEN_SECRET);
    const claims = { eventId: 'event', seatNumber: 1, issue: 1 };
    const codeOf = (index: number) => codes.codeOf({ ...claims, bookingId: `book_${index}` });
    for (let drawn = 0; drawn < IMAGES_MAX; drawn++)
      expect(await image(CROWD, await codeOf(drawn))).toBe(200);
    expect(await image(CROWD, await codeOf(IMAGES_MAX))).toBe(429);
    // From memory.
    expect(await image(CROWD, await codeOf(0))).toBe(200);
    expect(await image('192.0.2.2', await codeOf(IMAGES_MAX))).toBe(200);
  });
});
