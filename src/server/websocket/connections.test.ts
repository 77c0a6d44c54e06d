import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type WebSocket, WebSocket as WebSocketClient } from 'ws';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { SharedBuffers } from '../broadcast/shared-buffers.js';
import { WriteCoalescer } from '../broadcast/write-coalescer.js';
import {
  BYTES_PER_FRAME,
  FRAMES_PER_CHECK_MAX,
  SLOW_READ_MS_MAX,
  TRY_AGAIN_LATER,
  UNREAD_BYTES_TOTAL_MAX,
  UNREAD_MESSAGES_MAX,
  WebSocketConnection,
  WebSocketConnections,
  type WebSocketConnectionsOptions,
} from './connections.js';

const SLOW_READER_MS_MAX = 15_000;
const FRAME_OF_ONE_BYTE = 3;
const HEAD = Buffer.from('{"id":"1",');
const BODY = [Buffer.from('"payload":1}')];

/** How one socket is looked after, with a socket that does what the test says. */

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  readonly bufferedAmount = 0;
  readonly protocol = 'graphql-transport-ws';
  readonly ping = vi.fn();
  readonly pause = vi.fn();
  readonly terminate = vi.fn(() => {
    this.readyState = 3;
  });
  readonly close = vi.fn((_code: number, _reason: string) => {
    this.readyState = 2;
  });
}

let nowMs = 0;
beforeEach(() => {
  nowMs = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A connection that takes nothing until the test lets it. */
class HeldTransport extends Writable {
  readonly #held: (() => void)[] = [];

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#held.push(done);
  }

  /**
   * Lets the message that is first leave: its bytes, and what is behind them and tells that they have left. A shared
   * body is a write of its own.
   */
  leave(writes = 2): void {
    for (let left = writes; left > 0; left--) this.#held.shift()?.();
  }
}

const fresh = () => ({ bodies: new SharedBuffers(), outbox: new WriteCoalescer() });
let common = fresh();
beforeEach(() => {
  common = fresh();
});

/** Messages of one turn leave together at its end. */
const turnEnds = () => new Promise<void>((resolve) => setImmediate(resolve));

function make<Transport extends Writable = HeldTransport>(
  transport: Transport = new HeldTransport() as unknown as Transport,
) {
  const socket = new FakeSocket();
  const clock = new ManualClock();
  const { log } = captureLog();
  const connection = new WebSocketConnection(
    socket as unknown as WebSocket,
    transport as unknown as Duplex,
    '127.0.0.1',
    common,
    { clock, log, slowReaderMsMax: SLOW_READER_MS_MAX },
  );
  return { socket, clock, connection, transport };
}

test('a socket that answers its pings stays, and is asked every twelve seconds', () => {
  const { socket, connection } = make();
  for (let second = 1; second <= 60; second++) {
    nowMs += 1_000;
    connection.check();
    if (socket.ping.mock.calls.length > 0) socket.emit('pong');
  }
  expect(socket.ping).toHaveBeenCalledTimes(5);
  expect(socket.terminate).not.toHaveBeenCalled();
});

test('a socket that leaves a ping unanswered until the next one is due is cut', () => {
  const { socket, connection } = make();
  nowMs += 12_000;
  connection.check();
  expect(socket.ping).toHaveBeenCalledTimes(1);
  nowMs += 11_999;
  connection.check();
  expect(socket.terminate).not.toHaveBeenCalled();
  nowMs += 1;
  connection.check();
  expect(socket.terminate).toHaveBeenCalledTimes(1);
});

test('a socket that leaves everything unread for longer than allowed is closed with 1013, and not cut before that', async () => {
  const { socket, clock, connection } = make();
  void connection.send('a message');
  await turnEnds();
  expect(connection.isStalled).toBe(true);
  for (let ms = 0; ms < SLOW_READER_MS_MAX; ms += 1_000) {
    clock.advance(1_000);
    nowMs += 1_000;
    connection.check();
    expect(socket.close).not.toHaveBeenCalled();
  }
  clock.advance(1);
  connection.check();
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(TRY_AGAIN_LATER, 'Reading too slowly');
  // An unanswered ping would have been unread as well.
  expect([socket.ping, socket.terminate].map((called) => called.mock.calls.length)).toEqual([0, 0]);
});

test('a slow socket stays as long as now and then a message gets through', async () => {
  const { socket, clock, connection, transport } = make();
  for (let messages = 0; messages < 10; messages++) {
    void connection.send('a message');
    await turnEnds();
  }
  for (let messages = 0; messages < 9; messages++) {
    clock.advance(SLOW_READER_MS_MAX);
    connection.check();
    transport.leave();
  }
  expect(socket.close).not.toHaveBeenCalled();
  transport.leave();
  expect(connection.isStalled).toBe(false);
  clock.advance(10 * SLOW_READER_MS_MAX);
  connection.check();
  expect(socket.close).not.toHaveBeenCalled();
});

test('a socket for which much waits has to read as much in a minute: one that lets it trickle is closed with 1013', async () => {
  for (const [bytesPerMessage, closes] of [
    [1_000, 1],
    [100_000, 0],
  ] as const) {
    const { socket, clock, connection, transport } = make();
    const waiting = Math.ceil((5 * 1024 * 1024) / bytesPerMessage);
    for (let messages = 0; messages < Math.min(waiting, 900); messages++) {
      void connection.send('x'.repeat(bytesPerMessage));
      await turnEnds();
    }
    // Beside them, one large one that does not leave.
    void connection.send('x'.repeat(2 * 1024 * 1024));
    await turnEnds();
    // A message every five seconds: never stalled.
    for (let ms = 0; ms <= 2 * SLOW_READ_MS_MAX; ms += 5_000) {
      connection.check();
      transport.leave();
      clock.advance(5_000);
    }
    expect(socket.close.mock.calls).toEqual(Array(closes).fill([TRY_AGAIN_LATER, 'Reading too slowly']));
  }
});

test('a body that others have too counts whole for whoever reads it, and as its share for whoever lets it trickle', async () => {
  for (const [bytesPerBody, others, closes] of [
    [100_000, 0, 1],
    [200_000, 0, 0],
    // A crowd has it in memory once.
    [100_000, 9, 0],
  ] as const) {
    const { socket, clock, connection, transport } = make();
    const crowd = [connection, ...Array.from({ length: others }, () => make().connection)];
    for (let messages = 0; messages < 40; messages++) {
      const body = [Buffer.alloc(bytesPerBody)];
      for (const each of crowd) each.sendShared(HEAD, body, () => undefined);
      await turnEnds();
    }
    // A message every ten seconds: never stalled.
    for (let ms = 0; ms <= 2 * SLOW_READ_MS_MAX; ms += 10_000) {
      connection.check();
      transport.leave(3);
      clock.advance(10_000);
    }
    expect(socket.close.mock.calls).toEqual(Array(closes).fill([TRY_AGAIN_LATER, 'Reading too slowly']));
  }
});

test('a socket that leaves thousands of messages unread is closed, however small they are', async () => {
  const { socket, connection, transport } = make();
  for (let messages = 0; messages < UNREAD_MESSAGES_MAX; messages++) void connection.send('x');
  await turnEnds();
  expect(socket.close).not.toHaveBeenCalled();
  void connection.send('x');
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(TRY_AGAIN_LATER, 'Reading too slowly');
  expect(transport.writableLength).toBe(UNREAD_MESSAGES_MAX * FRAME_OF_ONE_BYTE);
});

test('a socket that floods the server with messages or pings is closed with 1008 and not read any further', () => {
  for (const kind of ['message', 'ping']) {
    const { socket, connection } = make();
    const heard = vi.fn(async () => undefined);
    connection.onMessage(heard);
    for (const _second of [1, 2]) {
      for (let frames = 0; frames < FRAMES_PER_CHECK_MAX; frames++) socket.emit(kind, 'x');
      connection.check();
    }
    expect(socket.close).not.toHaveBeenCalled();
    for (let frames = 0; frames <= FRAMES_PER_CHECK_MAX; frames++) socket.emit(kind, 'x');
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(1008, 'Too many messages');
    expect(socket.pause).toHaveBeenCalledTimes(1);
    expect(heard).toHaveBeenCalledTimes(kind === 'message' ? 3 * FRAMES_PER_CHECK_MAX : 0);
  }
});

test('a socket that floods the server with few but long messages is closed as well', () => {
  const { socket, connection } = make();
  const heard = vi.fn(async () => undefined);
  connection.onMessage(heard);
  const long = 'x'.repeat(BYTES_PER_FRAME);
  for (let messages = 0; messages < FRAMES_PER_CHECK_MAX / 2; messages++) socket.emit('message', long);
  expect(socket.close).not.toHaveBeenCalled();
  socket.emit('message', 'x');
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(1008, 'Too many messages');
  expect(heard).toHaveBeenCalledTimes(FRAMES_PER_CHECK_MAX / 2);
});

test('whoever sends waits until the message has left, so that one source has one message waiting', async () => {
  const { connection, transport } = make();
  let left = false;
  const sending = connection.send('a message').then(() => {
    left = true;
  });
  await turnEnds();
  expect(left).toBe(false);
  transport.leave();
  await sending;
  expect(left).toBe(true);
});

test('to a socket that is closing nothing is sent, from it nothing is heard, and it is not looked at', async () => {
  const { socket, clock, connection, transport } = make();
  const heard: string[] = [];
  connection.onMessage(async (message) => void heard.push(message));
  socket.emit('message', 'before');
  void connection.send('1');
  connection.close(4403, 'Logged out');
  await turnEnds();
  socket.emit('message', 'after');
  await connection.send('after');
  expect(heard).toEqual(['before']);
  expect(transport.writableLength).toBe(FRAME_OF_ONE_BYTE);
  clock.advance(10 * SLOW_READER_MS_MAX);
  nowMs += 100_000;
  connection.check();
  expect(socket.close).toHaveBeenCalledTimes(1);
  expect(socket.ping).not.toHaveBeenCalled();
});

test('a message that nobody could deal with ends the socket without saying why', async () => {
  const { socket, connection } = make();
  connection.onMessage(() => Promise.reject(new Error('the secret inside')));
  socket.emit('message', 'x');
  await turnEnds();
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(4500, 'Internal server error');
});

test('a shared message that leaves at once makes no socket a slow one', async () => {
  const transport = new PassThrough();
  const { connection } = make(transport);
  const left = vi.fn();
  // What reads it takes it away before the write returns, as the kernel does.
  transport.resume();
  expect(connection.sendShared(HEAD, BODY, left)).toBe(false);
  await turnEnds();
  expect(connection.isStalled).toBe(false);
  expect(left).toHaveBeenCalledTimes(1);
});

test('a shared message that does not leave makes its socket a slow one, until it has left', async () => {
  const { socket, clock, connection, transport } = make();
  const left = vi.fn();
  expect(connection.sendShared(HEAD, BODY, left)).toBe(false);
  await turnEnds();
  expect(connection.isStalled).toBe(true);
  expect(left).not.toHaveBeenCalled();
  transport.leave();
  expect(left).toHaveBeenCalledTimes(1);
  expect(connection.isStalled).toBe(false);

  connection.sendShared(HEAD, BODY, left);
  await turnEnds();
  clock.advance(SLOW_READER_MS_MAX + 1);
  connection.check();
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(TRY_AGAIN_LATER, 'Reading too slowly');
  expect(connection.sendShared(HEAD, BODY, left)).toBe(true);
  expect(transport.writableLength).toBeLessThan(2 * (HEAD.length + 20));
});

test('what waits for several sockets is counted once, whole for the last of them, and not at all once it has left', async () => {
  const body = [Buffer.alloc(900_000), Buffer.from('now'), Buffer.alloc(100_000)];
  const bodyBytes = 1_000_003;
  const sockets = [make(), make(), make(), make()];
  for (const { connection } of sockets) connection.sendShared(HEAD, body, () => undefined);
  await turnEnds();
  const unread = () => sockets.reduce((sum, { connection }) => sum + connection.unreadBytes, 0);
  const ownBytes = HEAD.length + 10;
  expect(unread()).toBeCloseTo(bodyBytes + 4 * ownBytes);
  expect(sockets[0]?.connection.unreadBytes).toBeCloseTo(bodyBytes / 4 + ownBytes);
  // It waits for one of them twice.
  sockets[3]?.connection.sendShared(HEAD, body, () => undefined);
  await turnEnds();
  expect(unread()).toBeCloseTo(bodyBytes + 5 * ownBytes);
  for (const { transport } of sockets) {
    transport.destroy();
    transport.leave();
  }
  await expect.poll(() => unread()).toBe(0);
});

test('sockets that each keep another large body unread are closed before these take up the memory, a crowd with one body is not', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const opened: WebSocketConnection[] = [];
  const sockets = new WebSocketConnections(http, {
    clock: new ManualClock(),
    log: captureLog().log,
    slowReaderMsMax: SLOW_READER_MS_MAX,
    socketsPerAddressMax: 100,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    opened: (connection) => {
      opened.push(connection);
      return async () => undefined;
    },
  });
  onTestFinished(async () => {
    await sockets.close();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const readers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const reader = new WebSocketClient(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
        perMessageDeflate: false,
      });
      await once(reader, 'open');
      reader.pause();
      return reader;
    }),
  );
  const closed = () => opened.filter(({ isOpen }) => !isOpen).length;
  const size = UNREAD_BYTES_TOTAL_MAX / 5;
  const same = [Buffer.alloc(size, 'x')];
  for (const connection of opened) connection.sendShared(HEAD, same, () => undefined);
  await turnEnds();
  sockets.check();
  expect(closed()).toBe(0);
  for (const connection of opened.slice(4))
    connection.sendShared(HEAD, [Buffer.alloc(size, 'x')], () => undefined);
  await turnEnds();
  sockets.check();
  // Six others and the one in common: two too many.
  expect(closed()).toBe(2);
  for (const reader of readers) reader.terminate();
});

test.each<[string, { path?: string } & Partial<WebSocketConnectionsOptions>]>([
  ['404 Not Found', { path: '/elsewhere' }],
  ['403 Forbidden', { isAllowedOrigin: () => false }],
  ['429 Too Many Requests', { socketsPerAddressMax: 0 }],
])(
  'a socket refused with %s is let go, also where its client sent more than it should',
  async (status, { path = '/graphql', ...options }) => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const sockets = new WebSocketConnections(http, {
      clock: new ManualClock(),
      log: captureLog().log,
      slowReaderMsMax: SLOW_READER_MS_MAX,
      socketsPerAddressMax: 1,
      isAllowedOrigin: () => true,
      addressOf: () => 'here',
      opened: () => async () => undefined,
      ...options,
    });
    const kept: Duplex[] = [];
    http.on('connection', (socket) => kept.push(socket));
    const { port } = http.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined);
    const headers = 'Host: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    client.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
    const [answer] = await once(client, 'data');
    expect(String(answer)).toContain(`HTTP/1.1 ${status}`);
    client.end('x');
    await Promise.all([sockets.close(), new Promise((resolve) => http.close(resolve))]);
    expect(kept.map(({ destroyed }) => destroyed)).toEqual([true]);
  },
);
