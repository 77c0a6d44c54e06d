import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../config.js';
import { JOURNEY } from '../web/playground/journey.js';
import { TestApp } from './harness.js';
import { RawSocket } from './raw-socket.js';
import { attempt, TRANSPORTS } from './transports.js';

/** What the README and the playground show to whoever comes first runs as it stands there, under the settings by default. */

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const { rateLimitPerMinute } = parseConfig({});

let app: TestApp;
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start({ config: { rateLimitPerMinute } });
  eventId = await app.event(await app.user());
});
afterAll(() => app.close());

/** As `carry.ts` takes them from the answers, in the browser: which field brings which value, and where in it. */
const BRINGS: Readonly<Record<string, readonly [name: string, from: string]>> = {
  signUp: ['token', 'token'],
  logIn: ['token', 'token'],
  createEvent: ['eventId', 'id'],
  lockSeat: ['lockId', 'id'],
  simulatePayment: ['paymentId', 'paymentId'],
  confirmBooking: ['bookingId', 'id'],
};

test('each tab of the playground runs in the order of the journey, with what the tabs before it brought', async () => {
  const carried = new Map<string, string>();
  const fillIn = (text: string) => {
    const filled = text.replaceAll(/\{\{(\w+)\}\}/g, (asWritten, name) => carried.get(name) ?? asWritten);
    expect(filled).not.toContain('{{');
    return JSON.parse(filled);
  };
  expect(JOURNEY).toHaveLength(13);
  for (const { query, variables, headers } of JOURNEY) {
    const [operation] = parse(query).definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('A tab has one operation.');
    const name = operation.name?.value ?? '';
    const what = {
      query,
      variables: fillIn(variables),
      authorization: fillIn(headers).Authorization as string | undefined,
    };
    const isSubscription = operation.operation === 'subscription';
    // These may not be done twice; whatever else is shown is the same over either.
    const isOnce = ['SignUp', 'Pay'].includes(name);
    for (const transport of isSubscription ? (['WebSocket'] as const) : TRANSPORTS.slice(0, isOnce ? 1 : 2)) {
      const { data, errors } = await attempt(app, transport, what);
      expect(errors, `${name} over ${transport}`).toBeUndefined();
      for (const [field, result] of Object.entries(data ?? {})) {
        expect(result, `${name} over ${transport}`).not.toBeNull();
        const [carries = '', from = ''] = BRINGS[field] ?? [];
        if (carries !== '') carried.set(carries, (result as Record<string, string>)[from] as string);
      }
    }
  }
  expect([...carried.keys()]).toEqual(['token', 'eventId', 'lockId', 'paymentId', 'bookingId']);
});

test('each operation of the README runs', async () => {
  const ofCurl = [...README.matchAll(/-d '(\{"query".*?\})'/g)].map(([, body]) => JSON.parse(body as string));
  const ofBlocks = [...README.matchAll(/```graphql\n([\s\S]*?)```/g)].map(([, query]) => query as string);
  expect([ofCurl.length, ofBlocks.length]).toEqual([1, 1]);
  for (const transport of TRANSPORTS)
    expect(await attempt(app, transport, ofCurl[0])).toEqual({
      data: { events: { nodes: expect.arrayContaining([expect.objectContaining({ id: eventId })]) } },
    });
  for (const block of ofBlocks) {
    const query = block.replace(/eventId: "\w+"/, `eventId: "${eventId}"`);
    expect(query).not.toBe(block);
    const socket = await RawSocket.open(app.url);
    await socket.init();
    socket.subscribe('1', query);
    expect(await socket.answerTo('1')).toMatchObject({ data: { seatAvailabilityChanged: { version: 0 } } });
  }
});
