import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  LARGE_BODIES_MAX,
  LARGE_BODY_BYTES_MAX,
  VARIABLE_VALUES_MAX,
} from '../../server/limits/operation-limits.js';
import { TestApp, type TestUser } from '../support/test-app.js';

/** An organizer's plan of a large hall is larger than any other body, and is accepted from signed-in callers alone. */

const SMALL_MAX = 64 * 1024;

const requests: ClientRequest[] = [];
let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(async () => {
  // A server that stops waits for bodies that it did not read.
  for (const each of requests) each.destroy();
  await app.close();
});

/** Begins a request of this length and sends nothing of its body yet. */
async function begin(bytes: number | undefined, user?: TestUser): Promise<ClientRequest> {
  const begun = request(`${app.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(user && { authorization: `Bearer ${user.token}` }),
      ...(bytes === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': bytes }),
    },
  });
  // The server may close a connection whose body it does not read.
  begun.on('error', () => {});
  begun.flushHeaders();
  requests.push(begun);
  return begun;
}

async function answerOf(begun: ClientRequest) {
  const [response] = await once(begun, 'response');
  return { status: response.statusCode as number, body: JSON.parse(await text(response)) };
}

const refusal = (code: string, details = {}) => ({
  errors: [{ message: expect.any(String), extensions: { code, details: expect.objectContaining(details) } }],
});
const TOO_LARGE = { status: 413, body: refusal('BAD_USER_INPUT', { field: 'body' }) };

/** A body of this length. */
const body = (bytes: number) => JSON.stringify({ query: '{ __typename }' }).padEnd(bytes);

describe('a body', () => {
  test('above 64 KiB is refused before it is read, except from a signed-in caller', async () => {
    expect(await answerOf(await begin(SMALL_MAX + 1))).toEqual(TOO_LARGE);
    const forger = { ...(await app.user()), token: 'none' };
    expect(await answerOf(await begin(SMALL_MAX + 1, forger))).toEqual({
      status: 401,
      body: refusal('UNAUTHENTICATED'),
    });
  });

  test('of a signed-in caller may have up to 2 MiB, if it says its length', async () => {
    const user = await app.user();
    const accepted = await begin(LARGE_BODY_BYTES_MAX, user);
    accepted.end(body(LARGE_BODY_BYTES_MAX));
    expect(await answerOf(accepted)).toEqual({ status: 200, body: { data: { __typename: 'Query' } } });
    expect(await answerOf(await begin(LARGE_BODY_BYTES_MAX + 1, user))).toEqual(TOO_LARGE);
    for (const [bytes, answer] of [
      [SMALL_MAX, { status: 200, body: { data: { __typename: 'Query' } } }],
      [SMALL_MAX + 1, TOO_LARGE],
    ] as const) {
      const chunked = await begin(undefined, user);
      chunked.end(body(bytes));
      expect(await answerOf(chunked)).toEqual(answer);
    }
  });

  test('of very many short values is refused: each of them takes time', async () => {
    const zeros = { list: Array.from({ length: VARIABLE_VALUES_MAX }, () => 0) };
    const { code, details } = await app.refused('{ __typename }', zeros, await app.user());
    expect([code, details.field]).toEqual(['BAD_USER_INPUT', 'variables']);
    // With the list itself there was one value too many.
    zeros.list.pop();
    expect(await app.call('{ __typename }', zeros, await app.user())).toEqual({
      data: { __typename: 'Query' },
    });
  });

  test('above 64 KiB is TOO_BUSY while the same caller sends one, or too many do', async () => {
    const users = await app.users(LARGE_BODIES_MAX + 1);
    const [first, last] = [users[0] as TestUser, users[LARGE_BODIES_MAX] as TestUser];
    const busy = { status: 503, body: refusal('TOO_BUSY', { limit: LARGE_BODIES_MAX }) };
    const send = async (user: TestUser) => {
      const begun = await begin(SMALL_MAX + 1, user);
      begun.end(body(SMALL_MAX + 1));
      return answerOf(begun);
    };
    /** Begins a request and waits until the server refuses another one because of it. */
    const occupy = async (user: TestUser): Promise<ClientRequest> => {
      const begun = await begin(SMALL_MAX + 1, user);
      let isRefused = false;
      begun.once('response', () => {
        isRefused = true;
      });
      // The other one may have come first.
      while (!isRefused) if ((await send(user)).status === 503) return begun;
      return occupy(user);
    };
    const open: ClientRequest[] = [];
    for (const user of users.slice(0, LARGE_BODIES_MAX)) open.push(await occupy(user));
    expect(await send(last)).toEqual(busy);
    // One client goes away, the others get their answers; then there is room again.
    open[0]?.destroy();
    await expect.poll(async () => (await send(last)).status).toBe(200);
    for (const each of open.slice(1)) {
      each.end(body(SMALL_MAX + 1));
      expect((await answerOf(each)).status).toBe(200);
    }
    expect((await send(first)).status).toBe(200);
  });
});

test('a plan of 100,000 labelled seats makes an event', async () => {
  const sections = Array.from({ length: 50 }, (_, block) => ({
    name: `Block ${block + 1}`,
    area: { x: block * 60, y: 0, width: 51, height: 40 },
    rowList: Array.from({ length: 40 }, (_, row) => ({
      label: String(row + 1),
      seats: 50,
      seatLabels: Array.from({ length: 50 }, (_, seat) => String(2 * seat + 1)),
      aislesAfter: [20],
      features: [{ seat: 1, feature: 'WHEELCHAIR' }],
      position: { x: 0.5, y: row + 0.5, angle: 0, curve: 1.25 },
    })),
  }));
  const organizer = await app.user();
  const eventId = await app.event(organizer, { sections });
  const { data } = await app.call<{ event: unknown }, object>(
    `{ event(id: "${eventId}") { totalSeats seat(seatNumber: 100000) { label } } }`,
  );
  expect(data?.event).toEqual({ totalSeats: 100_000, seat: { label: 'Block 50, row 40, seat 99' } });
});
