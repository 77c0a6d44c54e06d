import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketConnection } from '../../server/websocket/connection.js';
import { OPERATION_ID_LENGTH_MAX } from '../../server/websocket/operation-ids.js';
import { captureLog } from '../support/captured-log.js';
import { holdNextBatch } from '../support/held-call.js';
import { LOCK_SEAT, SEAT_AVAILABILITY_CHANGED } from '../support/operations.js';
import { type RawMessage, RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/**
 * The protocol `graphql-transport-ws`, message by message, as specified. How a socket ends because of its token, of slow
 * reading, of a limit or of a shutdown is in `sockets.test.ts`.
 */

const captured = captureLog();
let app: App;
let user: TestUser;
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start({ log: captured.log });
  user = await app.user();
  eventId = await app.event(user);
});
afterAll(() => app.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const TYPENAME = '{ __typename }';
const WATCH = textOf(SEAT_AVAILABILITY_CHANGED);
const LOCK = textOf(LOCK_SEAT);
const ACK = { type: 'connection_ack' };
const subscribe = (id: string, query: string, variables: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, variables },
});
const complete = (id: string) => ({ id, type: 'complete' });

async function ready(): Promise<RawSocket> {
  const socket = await RawSocket.open(app.url);
  expect(await socket.init({ authorization: `Bearer ${user.token}` })).toBe(true);
  return socket;
}

/** Sends messages that the server receives together. A text is sent as it is. */
function sendTogether({ socket }: RawSocket, ...messages: (object | string)[]): void {
  const { _socket: wire } = socket as unknown as { _socket: Socket };
  wire.cork();
  for (const message of messages)
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  wire.uncork();
}

let pings = 0;
/** The messages received so far: a ping is answered after everything sent before it. */
/** What has come up to now: the answer to a ping is behind all that was sent before it. */
async function soFar(socket: RawSocket): Promise<RawMessage[]> {
  pings += 1;
  socket.send({ type: 'ping', payload: { pings } });
  const messages: RawMessage[] = [];
  for (;;) {
    const message = await socket.next();
    if (message === undefined) throw new Error('The socket was closed.');
    if (message.type === 'pong' && (message.payload as { pings: number }).pings === pings) return messages;
    messages.push(message);
  }
}

/** Expects the two messages that answer one operation. */
async function expectResult(socket: RawSocket, id: string, payload: unknown): Promise<void> {
  expect(await socket.next()).toEqual({ id, type: 'next', payload });
  expect(await socket.next()).toEqual({ id, type: 'complete' });
}

const expectTypename = (socket: RawSocket, id: string) =>
  expectResult(socket, id, { data: { __typename: 'Query' } });

let seats = 0;

/** Changes the map through HTTP. @returns the number of the seat */
async function changeMap(): Promise<number> {
  seats += 1;
  const other = await app.user();
  await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: seats } }, other);
  return seats;
}

/** Reads messages until this subscription has shown the seat. */
async function untilSeat(socket: RawSocket, id: string, seatNumber: number): Promise<RawMessage[]> {
  const messages: RawMessage[] = [];
  for (;;) {
    const message = await socket.next();
    if (message === undefined) throw new Error('The socket was closed.');
    messages.push(message);
    if (message.id === id && JSON.stringify(message.payload).includes(`"seatNumber":${seatNumber},`)) {
      return messages;
    }
  }
}

async function openSockets(): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^websocket_open_sockets (\d+)$/m.exec(text)?.[1]);
}

describe('the handshake', () => {
  test('selects the one supported subprotocol of those that a client offers', async () => {
    for (const protocol of [
      ['graphql-ws', 'graphql-transport-ws'],
      ['graphql-transport-ws', 'other'],
    ]) {
      const socket = await RawSocket.open(app.url, { protocol });
      expect(socket.socket.protocol).toBe('graphql-transport-ws');
      expect(await socket.init()).toBe(true);
    }
  });

  test('is closed with 4406 if no subprotocol is offered', async () => {
    const socket = await RawSocket.open(app.url, { protocol: [] });
    expect(await socket.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
  });

  test('is closed with 4406 if only others are offered, and selects none of them', async () => {
    const { hostname, port } = new URL(app.url);
    const wire = connect(Number(port), hostname);
    onTestFinished(() => void wire.destroy());
    await once(wire, 'connect');
    wire.write(
      [
        `GET /graphql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket`,
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Protocol: graphql-ws, graphql-transport-wss\r\n\r\n',
      ].join('\r\n'),
    );
    let output = Buffer.alloc(0);
    wire.on('data', (chunk) => {
      output = Buffer.concat([output, chunk]);
    });
    const frameStart = () => output.indexOf('\r\n\r\n') + 4;
    await expect.poll(() => output.length === frameStart() + 2 + Number(output[frameStart() + 1])).toBe(true);
    const frame = output.subarray(frameStart());
    expect(frame[1]).toBeGreaterThan(2);
    expect(output.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
    expect(output.toString('latin1')).not.toMatch(/sec-websocket-protocol/i);
    expect(frame[0]).toBe(0x88);
    expect(frame.readUInt16BE(2)).toBe(4406);
  });
});

describe('connection_init', () => {
  test.each([
    ['without a payload', {}],
    ['with null for a payload', { payload: null }],
    ['with an empty payload', { payload: {} }],
    ['with a payload of any content', { payload: { client: 'x', nested: { list: [1, null] } } }],
  ])('%s is acknowledged, with a message of nothing else', async (_what, rest) => {
    const socket = await RawSocket.open(app.url);
    socket.send({ type: 'connection_init', ...rest });
    expect(await socket.next()).toEqual(ACK);
    socket.send(subscribe('1', TYPENAME));
    await expectTypename(socket, '1');
  });

  test('a second time is closed with 4429, though the first is not answered yet', async () => {
    const socket = await RawSocket.open(app.url);
    sendTogether(socket, { type: 'connection_init' }, { type: 'connection_init' });
    expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  test('in the middle of subscriptions is closed with 4429, and so are they', async () => {
    const socket = await ready();
    socket.send(subscribe('map', WATCH, { eventId }));
    await socket.answerTo('map');
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });
});

describe('ping and pong', () => {
  test('a ping is answered with its payload, before the connection is acknowledged and after', async () => {
    const socket = await RawSocket.open(app.url);
    for (const phase of ['before', 'after']) {
      for (const payload of [undefined, null, {}, { phase, sent: [1, { two: 3 }] }]) {
        socket.send({ type: 'ping', ...(payload !== undefined && { payload }) });
        expect(await socket.next()).toEqual({ type: 'pong', ...(payload && { payload }) });
      }
      if (phase === 'before') expect(await socket.init()).toBe(true);
    }
  });

  test('an unrequested pong is a heartbeat, and is not answered', async () => {
    const socket = await RawSocket.open(app.url);
    for (const message of [{ type: 'pong' }, { type: 'pong', payload: { beat: 1 } }]) socket.send(message);
    expect(await soFar(socket)).toEqual([]);
    expect(await socket.init()).toBe(true);
    socket.send({ type: 'pong', payload: null });
    expect(await soFar(socket)).toEqual([]);
  });
});

describe('subscribe', () => {
  test('to a query or a mutation is answered with one next and one complete', async () => {
    const socket = await ready();
    socket.send(subscribe('query', '{ me { id } }'));
    await expectResult(socket, 'query', { data: { me: { id: user.id } } });
    seats += 1;
    socket.send(subscribe('mutation', LOCK, { input: { eventId, seatNumber: seats } }));
    expect(await socket.next()).toMatchObject({
      id: 'mutation',
      type: 'next',
      payload: { data: { lockSeat: { seatNumber: seats } } },
    });
    expect(await socket.next()).toEqual(complete('mutation'));
  });

  test('may omit optional members or set them to null, and may have extensions', async () => {
    const socket = await ready();
    const none = { operationName: null, variables: null, extensions: null };
    for (const rest of [{}, none, { extensions: { tracing: { on: true } } }]) {
      socket.send({ id: '1', type: 'subscribe', payload: { query: TYPENAME, ...rest } });
      await expectTypename(socket, '1');
    }
    const query = 'query A { a: __typename } query B { b: __typename }';
    socket.send({ id: 'B', type: 'subscribe', payload: { query, operationName: 'B' } });
    await expectResult(socket, 'B', { data: { b: 'Query' } });
  });

  test.each([
    ['does not parse', '{', 'GRAPHQL_PARSE_FAILED'],
    ['the schema has not', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['is no operation', 'fragment F on Query { __typename }', 'GRAPHQL_VALIDATION_FAILED'],
  ])(
    'to an operation %s is answered with one error and no complete, and its id is free',
    async (_what, query, code) => {
      const socket = await ready();
      socket.send(subscribe('1', query));
      const error = await socket.next();
      expect(error).toEqual({
        id: '1',
        type: 'error',
        payload: [expect.objectContaining({ extensions: expect.objectContaining({ code }) })],
      });
      expect(await soFar(socket)).toEqual([]);
      socket.send(subscribe('1', TYPENAME));
      await expectTypename(socket, '1');
    },
  );

  test.each([
    [
      'whose variables do not fit',
      'query ($eventId: ID!) { event(id: $eventId) { id } }',
      [],
      'BAD_USER_INPUT',
    ],
    ['to the map of no event', WATCH, '0'.repeat(12), 'EVENT_NOT_FOUND'],
  ])('%s is over with its first answer', async (_what, query, of, code) => {
    const socket = await ready();
    socket.send(subscribe('1', query, { eventId: of }));
    const details = { field: 'eventId' };
    await expectResult(socket, '1', { errors: [expect.objectContaining({ extensions: { code, details } })] });
  });

  const STRANGE = [
    '__proto__',
    'constructor',
    '"',
    '\\',
    '\n',
    ' ',
    'é😀',
    '\ud800',
    'x'.repeat(OPERATION_ID_LENGTH_MAX),
  ];

  test.each(STRANGE)('works with the id %j', async (id) => {
    const socket = await ready();
    socket.send(subscribe(id, TYPENAME));
    await expectTypename(socket, id);
    socket.send(subscribe(id, WATCH, { eventId }));
    expect(await socket.next()).toMatchObject({ id, type: 'next' });
    const seat = await changeMap();
    await untilSeat(socket, id, seat);
    socket.send(complete(id));
    expect((await soFar(socket)).filter(({ type }) => type !== 'next')).toEqual([]);
    socket.send(subscribe(id, TYPENAME));
    await expectTypename(socket, id);
  });

  test('to many operations at once answers each by its id', async () => {
    const socket = await ready();
    const ids = Array.from({ length: 90 }, (_, index) => `q${index}`);
    sendTogether(socket, ...ids.map((id) => subscribe(id, `{ ${id}: __typename }`)));
    const messages = await soFar(socket);
    while (messages.length < 2 * ids.length) messages.push((await socket.next()) as RawMessage);
    for (const id of ids) {
      const own = messages.filter((message) => message.id === id);
      expect(own).toEqual([{ id, type: 'next', payload: { data: { [id]: 'Query' } } }, complete(id)]);
    }
  });

  test('with an id in use is closed with 4409, whatever the two operations are', async () => {
    const [query, watch] = [subscribe('same', '{ me { id } }'), subscribe('same', WATCH, { eventId })];
    for (const two of [
      [query, query],
      [watch, query],
      [query, watch],
    ]) {
      const socket = await ready();
      sendTogether(socket, ...two);
      expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for same already exists' });
    }
  });

  test('with a long id in use is closed with 4409 and a shortened reason', async () => {
    const id = '😀'.repeat(OPERATION_ID_LENGTH_MAX / 2);
    const socket = await ready();
    sendTogether(socket, subscribe(id, WATCH, { eventId }), subscribe(id, WATCH, { eventId }));
    const { code, reason } = await socket.closed;
    expect(code).toBe(4409);
    expect(reason).toMatch(/^Subscriber for 😀{20}/u);
  });
});

describe('complete', () => {
  test('ends a subscription: no more messages come', async () => {
    const socket = await ready();
    for (const id of ['ended', 'other']) socket.send(subscribe(id, WATCH, { eventId }));
    await socket.answerTo('ended');
    await socket.answerTo('other');
    socket.send(complete('ended'));
    await soFar(socket);
    const messages = await untilSeat(socket, 'other', await changeMap());
    expect(messages.filter(({ id }) => id === 'ended')).toEqual([]);
  });

  test('ends a subscription that is still being prepared', async () => {
    const socket = await ready();
    sendTogether(
      socket,
      subscribe('ended', WATCH, { eventId }),
      complete('ended'),
      subscribe('other', WATCH, { eventId }),
    );
    const messages = await untilSeat(socket, 'other', await changeMap());
    expect(messages.filter(({ id }) => id === 'ended')).toEqual([]);
  });

  test('suppresses the result of a mutation, which is still executed', async () => {
    const socket = await ready();
    const gate = holdNextBatch(app);
    seats += 1;
    socket.send(subscribe('lock', LOCK, { input: { eventId, seatNumber: seats } }));
    await gate.reached;
    socket.send(complete('lock'));
    expect(await soFar(socket)).toEqual([]);
    socket.send(subscribe('map', WATCH, { eventId }));
    await socket.answerTo('map');
    gate.open();
    const messages = await untilSeat(socket, 'map', seats);
    expect([...messages, ...(await soFar(socket))].filter(({ id }) => id === 'lock')).toEqual([]);
  });

  test('of an ended or unknown operation does nothing', async () => {
    const socket = await ready();
    socket.send(complete('never'));
    socket.send(subscribe('1', TYPENAME));
    await expectTypename(socket, '1');
    sendTogether(socket, complete('1'), complete('1'), { ...complete('1'), payload: 'ignored' });
    expect(await soFar(socket)).toEqual([]);
  });
});

describe('an id is free again', () => {
  test('at once for a new subscription, which the end of the old one does not affect', async () => {
    const socket = await ready();
    socket.send(subscribe('same', WATCH, { eventId }));
    await socket.answerTo('same');
    sendTogether(socket, complete('same'), subscribe('same', WATCH, { eventId }));
    const first = await untilSeat(socket, 'same', await changeMap());
    expect(first.every(({ type }) => type === 'next')).toBe(true);
    expect(first[0]).toMatchObject({ payload: { data: { seatAvailabilityChanged: { kind: 'SNAPSHOT' } } } });
    // It can be completed …
    socket.send(complete('same'));
    socket.send(subscribe('other', WATCH, { eventId }));
    await socket.answerTo('other');
    const later = await untilSeat(socket, 'other', await changeMap());
    expect(later.filter(({ id }) => id === 'same')).toEqual([]);
    // … and, where it is not, its id is taken.
    sendTogether(socket, complete('other'), subscribe('other', WATCH, { eventId }));
    await socket.answerTo('other');
    socket.send(subscribe('other', TYPENAME));
    expect((await socket.closed).code).toBe(4409);
  });

  test('while the old operation is still executed; its result is not sent under the new one', async () => {
    const socket = await ready();
    const gate = holdNextBatch(app);
    seats += 1;
    socket.send(subscribe('same', LOCK, { input: { eventId, seatNumber: seats } }));
    await gate.reached;
    sendTogether(socket, complete('same'), subscribe('same', WATCH, { eventId }));
    await soFar(socket);
    gate.open();
    const messages = await untilSeat(socket, 'same', seats);
    messages.push(...(await untilSeat(socket, 'same', await changeMap())));
    for (const message of messages) {
      expect(message).toMatchObject({
        id: 'same',
        type: 'next',
        payload: { data: { seatAvailabilityChanged: { eventId } } },
      });
    }
  });

  test('also for an operation that is completed before it starts, and is never executed', async () => {
    const socket = await ready();
    const gate = holdNextBatch(app);
    seats += 2;
    const lock = (seatNumber: number) => subscribe('same', LOCK, { input: { eventId, seatNumber } });
    socket.send(lock(seats - 1));
    await gate.reached;
    sendTogether(socket, complete('same'), lock(seats), complete('same'), subscribe('same', TYPENAME));
    gate.open();
    await expectTypename(socket, 'same');
    const { lockSeat } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: seats } }, await app.user());
    expect(lockSeat.status).toBe('ACTIVE');
  });

  test('for no operation once the client has gone: one that waits for the id is not executed', async () => {
    const [socket, watcher] = [await ready(), await ready()];
    watcher.send(subscribe('map', WATCH, { eventId }));
    await watcher.answerTo('map');
    const gate = holdNextBatch(app);
    seats += 2;
    const lock = (seatNumber: number) => subscribe('same', LOCK, { input: { eventId, seatNumber } });
    socket.send(lock(seats - 1));
    await gate.reached;
    sendTogether(socket, complete('same'), lock(seats));
    await soFar(socket);
    const open = await openSockets();
    socket.socket.terminate();
    await expect.poll(() => openSockets()).toBe(open - 1);
    gate.open();
    await untilSeat(watcher, 'map', seats - 1);
    const { lockSeat } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: seats } }, await app.user());
    expect(lockSeat.status).toBe('ACTIVE');
  });

  test('for one new operation; a second one is closed with 4409', async () => {
    const socket = await ready();
    const gate = holdNextBatch(app);
    seats += 1;
    socket.send(subscribe('same', LOCK, { input: { eventId, seatNumber: seats } }));
    await gate.reached;
    sendTogether(socket, complete('same'), subscribe('same', TYPENAME), subscribe('same', TYPENAME));
    expect((await socket.closed).code).toBe(4409);
    gate.open();
  });
});

describe('an invalid message', () => {
  const payload = { query: TYPENAME };

  test.each([
    ['no JSON', 'nonsense'],
    ['a list instead of an object', []],
    ['no type', {}],
    ['a number for a type', { type: 1 }],
    ['an unknown type', { type: 'subscription' }],
    ['no id of subscribe', { type: 'subscribe', payload }],
    ['no query', { id: '1', type: 'subscribe', payload: {} }],
    ['a text for variables', { id: '1', type: 'subscribe', payload: { ...payload, variables: 'x' } }],
    ['a payload of connection_init that is no object', { type: 'connection_init', payload: 'x' }],
    ['a list for a payload of connection_init', { type: 'connection_init', payload: [] }],
    ['a payload of ping that is no object', { type: 'ping', payload: 'x' }],
    ['a payload of pong that is no object', { type: 'pong', payload: 1 }],
    ['an empty id', { id: '', type: 'subscribe', payload }],
    ['a number for an id', { id: 1, type: 'subscribe', payload }],
    [
      'an id over the maximum length',
      { id: 'x'.repeat(OPERATION_ID_LENGTH_MAX + 1), type: 'subscribe', payload },
    ],
    ['no payload of subscribe', { id: '1', type: 'subscribe' }],
    ['a query that is no text', { id: '1', type: 'subscribe', payload: { query: { kind: 'Document' } } }],
    [
      'an operationName that is no text',
      { id: '1', type: 'subscribe', payload: { ...payload, operationName: 1 } },
    ],
    ['a list of variables', { id: '1', type: 'subscribe', payload: { ...payload, variables: [] } }],
    [
      'extensions that are no object',
      { id: '1', type: 'subscribe', payload: { ...payload, extensions: 'x' } },
    ],
    ['a complete without an id', { type: 'complete' }],
    ['a message of the older protocol', { id: '1', type: 'start', payload }],
    ['an acknowledgement, which only a server sends', { type: 'connection_ack' }],
    ['a result, which only a server sends', { id: '1', type: 'next', payload: { data: {} } }],
    ['an error, which only a server sends', { id: '1', type: 'error', payload: [{ message: 'x' }] }],
  ])('with %s is closed with 4400 at once, and logs no error', async (_what, message) => {
    const linesBefore = captured.lines.length;
    for (const socket of [await RawSocket.open(app.url), await ready()]) {
      sendTogether(socket, message, { type: 'ping' });
      expect(await socket.closed).toEqual({ code: 4400, reason: 'Invalid message received' });
      expect(await socket.next()).toBeUndefined();
    }
    expect(captured.lines.slice(linesBefore).filter(({ level }) => level >= 40)).toEqual([]);
  });
});

test('an internal error closes the socket with 4500, and its message is hidden', async () => {
  const socket = await RawSocket.open(app.url);
  vi.spyOn(WebSocketConnection.prototype, 'send').mockRejectedValueOnce(new Error('the secret inside'));
  expect(await socket.init()).toBe(false);
  expect(await socket.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(captured.lines.at(-1)).toMatchObject({ level: 50, err: { message: 'the secret inside' } });
});

test('a message may be sent in fragments, and in a binary frame', async () => {
  const socket = await ready();
  const text = JSON.stringify(subscribe('1', TYPENAME));
  for (const [index, fragment] of [...text].entries())
    socket.socket.send(fragment, { fin: index === text.length - 1 });
  await expectTypename(socket, '1');
  socket.socket.send(Buffer.from(text), { binary: true });
  await expectTypename(socket, '1');
});

test('a client that closes with 1000 gets 1000 back', async () => {
  const socket = await ready();
  socket.send(subscribe('map', WATCH, { eventId }));
  await socket.answerTo('map');
  socket.socket.close(1000, 'Normal Closure');
  expect((await socket.closed).code).toBe(1000);
});
