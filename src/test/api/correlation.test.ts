import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureLog } from '../support/captured-log.js';
import { CONFIRM_BOOKING, LOCK_SEAT, SIMULATE_PAYMENT } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** One correlation id links log lines: the call, the batch that decided it, and the notification on every server. */

const here = captureLog();
const elsewhere = captureLog();
let app: TestApp;
let other: TestApp;
beforeAll(async () => {
  app = await TestApp.start({ log: here.log });
  other = await TestApp.start({ log: elsewhere.log, sharing: app });
});
afterAll(async () => {
  await other.close({ keepData: true });
  await app.close();
});

interface Call {
  readonly query: unknown;
  readonly variables: object;
  readonly token: string;
  /** The id that the client sends. */
  readonly correlationId?: string;
}

interface Answer {
  readonly data: Record<string, Record<string, string>>;
  /** The id that the server answers. */
  readonly correlationId: string | null | undefined;
}

const CALLS: Readonly<Record<string, (call: Call) => Promise<Answer>>> = {
  HTTP: async ({ query, variables, token, correlationId }) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        ...(correlationId !== undefined && { 'x-correlation-id': correlationId }),
      },
      body: JSON.stringify({ query: textOf(query), variables }),
    });
    const { data } = (await response.json()) as Answer;
    return { data, correlationId: response.headers.get('x-correlation-id') };
  },
  WebSocket: async ({ query, variables, token, correlationId }) => {
    const socket = await RawSocket.open(app.url);
    await socket.init({ authorization: `Bearer ${token}` });
    const extensions = correlationId === undefined ? {} : { extensions: { correlationId } };
    socket.send({ id: '1', type: 'subscribe', payload: { query: textOf(query), variables, ...extensions } });
    const answer = (await socket.answerTo('1')) as { data: Answer['data']; extensions?: Answer };
    return { data: answer.data, correlationId: answer.extensions?.correlationId };
  },
};

/** Log lines that contain the id. */
const linesOf = ({ lines }: typeof here, correlationId: string) =>
  lines.filter((line) => JSON.stringify(line).includes(`"${correlationId}"`));
const only = ({ lines }: typeof here, msg: string, correlationId: string) => {
  const found = linesOf({ ...here, lines }, correlationId).filter((line) => line.msg === msg);
  expect(found).toHaveLength(1);
  return found[0] as (typeof found)[0];
};

describe.each(Object.entries(CALLS))('the correlation id over %s', (transport, call) => {
  test('of a booking is in the log lines of the call, of its batch, and of every server with watchers', async () => {
    const { token } = await app.user();
    const eventId = await app.event({ token, id: '', email: '' });
    const maps = [app.watch(eventId), other.watch(eventId)];
    for (const map of maps) await map.next();
    const named = async (name: string, query: unknown, variables: object) => {
      const correlationId = `${transport}-${name}`;
      const { data, correlationId: answered } = await call({ query, variables, token, correlationId });
      expect(answered).toBe(correlationId);
      return Object.values(data)[0] as Record<string, string>;
    };
    const { id: lockId } = await named('lock', LOCK_SEAT, { input: { eventId, seatNumber: 1 } });
    for (const map of maps) await map.until(({ seatAvailabilityChanged: { version } }) => version === 1);
    const { paymentId } = await named('pay', SIMULATE_PAYMENT, {
      input: { lockIds: [lockId], amount: 100, currency: 'USD', cardStatus: 'SUCCESS' },
    });
    await named('book', CONFIRM_BOOKING, { input: { lockId, paymentId, requestId: transport } });
    for (const map of maps) await map.until(({ seatAvailabilityChanged: { version } }) => version === 2);

    for (const [name, operation, version] of [
      ['lock', 'lockSeat', 1],
      ['book', 'confirmBooking', 2],
    ] as const) {
      const correlationId = `${transport}-${name}`;
      const answered = only(here, 'Answered a call', correlationId);
      expect(answered).toMatchObject({ correlationId, operations: { [operation]: 'OK' } });
      // Shorter than any transaction.
      expect(answered.durationMs).toBeGreaterThan(0);
      expect(only(here, 'Committed a batch', correlationId)).toMatchObject({
        batchId: expect.stringMatching(/^[0-9a-z]{16}$/),
        eventId,
        version,
        correlationIds: [correlationId],
      });
      for (const log of [here, elsewhere]) {
        await expect
          .poll(() => only(log, 'Notified the watchers of a map', correlationId))
          .toMatchObject({ eventId, version, watchers: 1, correlationIds: [correlationId] });
      }
    }
    // A payment changes nothing on a map.
    expect(linesOf(here, `${transport}-pay`).map(({ msg }) => msg)).toEqual(
      expect.arrayContaining(['Answered a call', 'Committed a batch']),
    );
    expect(linesOf(elsewhere, `${transport}-pay`)).toEqual([]);
  });

  test('of a refused call is in the log line of the batch that refused it', async () => {
    const { token } = await app.user();
    const eventId = await app.event({ token, id: '', email: '' });
    await call({ query: LOCK_SEAT, variables: { input: { eventId, seatNumber: 1 } }, token });
    const loser = await app.user();
    const correlationId = `${transport}-late`;
    await call({
      query: LOCK_SEAT,
      variables: { input: { eventId, seatNumber: 1 } },
      token: loser.token,
      correlationId,
    });
    expect(only(here, 'Answered a call', correlationId)).toMatchObject({
      operations: { lockSeat: 'SEAT_UNAVAILABLE' },
    });
    expect(only(here, 'Committed a batch', correlationId)).toMatchObject({ version: 1 });
  });

  test.each([
    ['is too long', 'x'.repeat(65)],
    ['is not plain text', 'a"b,\t{"level":60}'],
    ['is empty', ''],
  ])('is generated by the server if the client’s %s', async (_what, correlationId) => {
    const { token } = await app.user();
    const answered = (await call({ query: '{ me { id } }', variables: {}, token, correlationId }))
      .correlationId;
    expect(answered).toMatch(/^[0-9a-z]{16}$/);
    expect(linesOf(here, String(answered))).toHaveLength(1);
    if (correlationId !== '')
      expect(JSON.stringify(here.lines)).not.toContain(JSON.stringify(correlationId).slice(1, -1));
  });
});

test('a client that sends no id gets a generated one over HTTP, and none over WebSocket', async () => {
  const { token } = await app.user();
  const me = { query: '{ me { id } }', variables: {}, token };
  expect((await CALLS.HTTP?.(me))?.correlationId).toMatch(/^[0-9a-z]{16}$/);
  expect((await CALLS.WebSocket?.(me))?.correlationId).toBeUndefined();
});
