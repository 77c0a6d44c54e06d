import { getIntrospectionQuery } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { BEHIND_PROXY, callFrom, detailsOf, outcomeOf } from './caller.js';

/** Thousands who look from behind one address, a carrier's or a company's, and one who does as much as they all. */

const MINUTE_MS = 60_000;
const CROWD = '192.0.2.1';
const RATE = 10;
const LOOKS_MAX = 200;

const MAP = 'query Map($id: ID!) { event(id: $id) { name seatMap { version statuses } } }';
const WATCH = 'subscription ($id: ID!) { seatAvailabilityChanged(eventId: $id) { kind version } }';

const CONFIG = { rateLimitPerMinute: RATE, anonymousReadsPerAddressMax: LOOKS_MAX, ...BEHIND_PROXY };

async function server(config: Partial<Config> = {}) {
  const app = await TestApp.start({ config: { ...CONFIG, ...config } });
  onTestFinished(() => app.close());
  const [organizer] = (await app.users(1)) as [TestUser];
  const eventId = await app.event(organizer);
  const from =
    (address: string, on = app) =>
    (query: string, variables: object = {}) =>
      callFrom(on, { address }, query, variables).then(outcomeOf);
  // Somebody has looked before.
  await callFrom(app, { user: organizer }, MAP, { id: eventId });
  return { app, eventId, from, look: (address = CROWD) => from(address)(MAP, { id: eventId }) };
}

/** Outcomes of calls, one after the other, until one is refused. */
async function untilRefused(call: (count: number) => Promise<string>, max: number): Promise<string[]> {
  const outcomes: string[] = [];
  while (outcomes.length < max && outcomes.at(-1) !== 'RATE_LIMITED')
    outcomes.push(await call(outcomes.length));
  return outcomes;
}

test('who looks from behind an address whose calls are used up gets the map, over both transports', async () => {
  const { app, eventId, from, look } = await server();
  const guess = () => from(CROWD)('mutation { logOutEverywhere { id } }');
  expect((await untilRefused(guess, RATE + 5)).at(-1)).toBe('RATE_LIMITED');
  for (let lookers = 0; lookers < 3 * RATE; lookers++) expect(await look()).toBe('done');
  // What changes something is as bounded as it was.
  expect(await guess()).toBe('RATE_LIMITED');

  // Over WebSocket, from this machine's own address.
  const here = (query: string) => app.call(query).then(outcomeOf);
  await untilRefused(() => here('mutation { logOutEverywhere { id } }'), RATE + 5);
  const user = await app.user();
  expect(
    (await app.subscribe(WATCH, { id: eventId }, user).next()) as { seatAvailabilityChanged: object },
  ).toMatchObject({ seatAvailabilityChanged: { kind: 'SNAPSHOT' } });
  for (let lookers = 0; lookers < 2 * RATE; lookers++)
    expect(await app.subscribe(WATCH, { id: eventId }).next()).toMatchObject({
      seatAvailabilityChanged: { kind: 'SNAPSHOT' },
    });
});

test('one address looks so often a minute and no more, and takes nothing from another', async () => {
  const { app, eventId, look } = await server();
  const outcomes = await untilRefused(() => look(), LOOKS_MAX + 5);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(LOOKS_MAX);
  const refused = await callFrom(app, { address: CROWD }, MAP, { id: eventId });
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(detailsOf(refused).retryAfterMs).toBeLessThanOrEqual(MINUTE_MS);
  expect(Number(refused.retryAfter)).toBeLessThanOrEqual(60);
  expect(await look('192.0.2.2')).toBe('done');
  app.clock.advance(MINUTE_MS);
  expect(await look()).toBe('done');
});

test('who is signed in is counted as before, however cheap a look is', async () => {
  const { app, eventId } = await server();
  const user = await app.user();
  const look = () => callFrom(app, { user }, MAP, { id: eventId }).then(outcomeOf);
  expect(await untilRefused(look, RATE + 5)).toHaveLength(RATE + 1);
});

test('looks that come at once, and on two servers, pass their bound by no more than other calls do', async () => {
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
  expect(passed).toBeGreaterThanOrEqual(LOOKS_MAX - RATE);
  expect(passed).toBeLessThanOrEqual(2 * LOOKS_MAX - 1);
  for (const server of [app, other])
    await expect
      .poll(() => from(CROWD, server)(MAP, { id: eventId }), { interval: 1_000 })
      .toBe('RATE_LIMITED');
});

test('a look that costs as much as many counts as many', async () => {
  const { from, look } = await server();
  const list =
    'query ($n: Int!) { events(first: $n) { nodes { id name sections { name rows price { amount } } } } }';
  // Read before, for whoever.
  await from('192.0.2.9')(list, { n: 1 });
  const outcomes = await untilRefused(() => from(CROWD)(list, { n: 100 }), LOOKS_MAX);
  // (1 + 100 × (2 + 1 + 20 × 4)) / 1,000, rounded up.
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(Math.floor(LOOKS_MAX / 9));
  // Less than one of these is left.
  expect(await look()).toBe('done');
});

test('the schema itself, which costs more than the largest map, counts as five looks', async () => {
  const { from } = await server();
  const schema = getIntrospectionQuery();
  await from('192.0.2.9')(schema);
  const outcomes = await untilRefused(() => from(CROWD)(schema), LOOKS_MAX);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(LOOKS_MAX / 5);
});

test.each<[string, (count: number, eventIds: readonly string[]) => [string, object?]]>([
  ['a document that nobody has sent', (count) => [`{ event(id: "none") { n${count}: name } }`]],
  ['a document that is good for nothing', () => ['{ nothing }']],
  ['a mutation', () => ['mutation { logOutEverywhere { id } }']],
  ['a map that nobody has looked at', (count, eventIds) => [MAP, { id: eventIds[count % eventIds.length] }]],
  [
    'the figures of an event that nobody has looked at',
    (count, eventIds) => [
      'query ($id: ID!) { event(id: $id) { availability { availableSeats } } }',
      { id: eventIds[count % eventIds.length] },
    ],
  ],
])('%s is no look: it counts as a call of its address', async (_, operation) => {
  const { app, eventId, from, look } = await server();
  const organizers = await app.users(RATE + 5);
  const eventIds = await Promise.all(organizers.map((organizer) => app.event(organizer)));
  // Until what their organizers looked at is forgotten.
  app.clock.advance(30_000);
  await from('192.0.2.9')(MAP, { id: eventId });
  const outcomes = await untilRefused((count) => from(CROWD)(...operation(count, eventIds)), RATE + 5);
  expect(outcomes).toHaveLength(RATE + 1);
  expect(outcomes.at(-1)).toBe('RATE_LIMITED');
  expect(await look()).toBe('done');
});

test('a crowd that brings a new document at once pays for reading it once, and for each where it is good for nothing', async () => {
  const { eventId, from } = await server();
  const all = (query: string, variables: object) =>
    Promise.all(Array.from({ length: 5 * RATE }, () => from(CROWD)(query, variables)));
  const fresh = MAP.replace('name', 'fresh: name');
  expect(new Set(await all(fresh, { id: eventId }))).toEqual(new Set(['done']));
  const bad = await all('{ nothing }', {});
  expect(bad.filter((outcome) => outcome === 'GRAPHQL_VALIDATION_FAILED')).toHaveLength(RATE - 1);
});

test('so does one that brings it over WebSocket in one piece, while it waits for its turn to be read', async () => {
  const { app, eventId } = await server();
  const socket = await RawSocket.open(app.url);
  await socket.init();
  const ids = Array.from({ length: 3 * RATE }, (_, index) => String(index));
  for (const id of ids) socket.subscribe(id, MAP.replace('name', 'again: name'), { id: eventId });
  for (const id of ids)
    expect(await socket.answerTo(id)).toMatchObject({ data: { event: { again: 'A night out' } } });
});

test('without a limit of its own a look is a call as any other, and RATE_LIMIT_PER_MINUTE=0 counts nobody', async () => {
  const strict = await server({ anonymousReadsPerAddressMax: undefined });
  for (let calls = 0; calls < RATE / 2; calls++)
    expect(await strict.from(CROWD)('{ nothing }')).toBe('GRAPHQL_VALIDATION_FAILED');
  expect(await untilRefused(() => strict.look(), RATE + 5)).toHaveLength(RATE / 2 + 1);
  const free = await server({ rateLimitPerMinute: 0 });
  for (let lookers = 0; lookers < 2 * RATE; lookers++) expect(await free.look()).toBe('done');
});
