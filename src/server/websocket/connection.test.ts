import { EventEmitter } from 'node:events';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { textFrame } from '../broadcast/frame.js';
import { SLOW_READ_MS_MAX, UNREAD_MESSAGES_MAX } from '../connections/backpressure.js';
import { SharedBuffers } from '../connections/shared-buffers.js';
import { WriteCoalescer } from '../connections/write-coalescer.js';
import { BYTES_PER_FRAME, FRAMES_PER_CHECK_MAX, TRY_AGAIN_LATER, WebSocketConnection } from './connection.js';

const SLOW_READER_MS_MAX = 15_000;
const FRAME_OF_ONE_BYTE = 3;
const HEAD = Buffer.from('{"id":"1",');
const BODY = [Buffer.from('"payload":1}')];

/** One connection, with a socket and a transport that the test controls. */

class FakeSocket extends EventEmitter {
  constructor(private readonly transport: Writable) {
    super();
  }

  readonly OPEN = 1;
  readyState = 1;
  readonly bufferedAmount = 0;
  readonly protocol = 'graphql-transport-ws';
  readonly send = (payload: Buffer) => {
    // A frame's header has two bytes.
    this.transport.write(Buffer.concat([Buffer.alloc(2), payload]));
  };
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

/** A transport that sends nothing until the test allows it. */
class HeldTransport extends Writable {
  readonly #held: (() => void)[] = [];

  override _write(_chunk: Buffer, _encoding: string, done: () => void): void {
    this.#held.push(done);
  }

  /**
   * Sends the first message: its bytes, and the empty write behind them that reports that they have left. A shared body
   * is a write of its own.
   */
  drain(writes = 2): void {
    for (let left = writes; left > 0; left--) this.#held.shift()?.();
  }
}

const newShared = () => ({ sharedBuffers: new SharedBuffers(), writeCoalescer: new WriteCoalescer() });
let shared = newShared();
beforeEach(() => {
  shared = newShared();
});

/** Messages of one event-loop task are written together at its end. */
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function make<Transport extends Writable = HeldTransport>(
  transport: Transport = new HeldTransport() as unknown as Transport,
) {
  const socket = new FakeSocket(transport);
  const clock = new ManualClock();
  const { log } = captureLog();
  const connection = new WebSocketConnection(
    socket as unknown as WebSocket,
    transport as unknown as Duplex,
    '127.0.0.1',
    shared,
    { clock, log, slowReaderMsMax: SLOW_READER_MS_MAX },
  );
  return { socket, clock, connection, transport };
}

/** Writes a shared message like a broadcast does. */
const write = (
  connection: WebSocketConnection,
  body: readonly Buffer[],
  drained: () => void = () => undefined,
) => connection.writeCoalesced(() => textFrame(HEAD, body), drained);

test('a socket that answers pings stays open, and gets one every twelve seconds', () => {
  const { socket, connection } = make();
  for (let second = 1; second <= 60; second++) {
    nowMs += 1_000;
    connection.check();
    if (socket.ping.mock.calls.length > 0) socket.emit('pong');
  }
  expect(socket.ping).toHaveBeenCalledTimes(5);
  expect(socket.terminate).not.toHaveBeenCalled();
});

test('a socket that has not answered a ping when the next one is due is cut', () => {
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

test('a socket that reads nothing for longer than allowed is closed with 1013, and not cut before that', async () => {
  const { socket, clock, connection } = make();
  void connection.send('a message');
  await endOfTurn();
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
  // It would not have read a ping either.
  expect([socket.ping, socket.terminate].map((called) => called.mock.calls.length)).toEqual([0, 0]);
});

test('a slow socket stays open as long as it reads a message now and then', async () => {
  const { socket, clock, connection, transport } = make();
  for (let messages = 0; messages < 10; messages++) {
    void connection.send('a message');
    await endOfTurn();
  }
  for (let messages = 0; messages < 9; messages++) {
    clock.advance(SLOW_READER_MS_MAX);
    connection.check();
    transport.drain();
  }
  expect(socket.close).not.toHaveBeenCalled();
  transport.drain();
  expect(connection.isStalled).toBe(false);
  clock.advance(10 * SLOW_READER_MS_MAX);
  connection.check();
  expect(socket.close).not.toHaveBeenCalled();
});

test('a socket with a large backlog has to read as much in a minute, or it is closed with 1013', async () => {
  for (const [bytesPerMessage, closes] of [
    [1_000, 1],
    [100_000, 0],
  ] as const) {
    const { socket, clock, connection, transport } = make();
    const waiting = Math.ceil((5 * 1024 * 1024) / bytesPerMessage);
    for (let messages = 0; messages < Math.min(waiting, 900); messages++) {
      void connection.send('x'.repeat(bytesPerMessage));
      await endOfTurn();
    }
    // And a large one that is not sent.
    void connection.send('x'.repeat(2 * 1024 * 1024));
    await endOfTurn();
    // A message every five seconds: never stalled.
    for (let ms = 0; ms <= 2 * SLOW_READ_MS_MAX; ms += 5_000) {
      connection.check();
      transport.drain();
      clock.advance(5_000);
    }
    expect(socket.close.mock.calls).toEqual(Array(closes).fill([TRY_AGAIN_LATER, 'Reading too slowly']));
  }
});

test('a shared body counts with all its bytes when it is read, and with its share while it is unread', async () => {
  for (const [bytesPerBody, others, closes] of [
    [100_000, 0, 1],
    [200_000, 0, 0],
    // A crowd shares one body in memory.
    [100_000, 9, 0],
  ] as const) {
    const { socket, clock, connection, transport } = make();
    const crowd = [connection, ...Array.from({ length: others }, () => make().connection)];
    for (let messages = 0; messages < 40; messages++) {
      const body = [Buffer.alloc(bytesPerBody)];
      for (const each of crowd) write(each, body);
      await endOfTurn();
    }
    // A message every ten seconds: never stalled.
    for (let ms = 0; ms <= 2 * SLOW_READ_MS_MAX; ms += 10_000) {
      connection.check();
      transport.drain(3);
      clock.advance(10_000);
    }
    expect(socket.close.mock.calls).toEqual(Array(closes).fill([TRY_AGAIN_LATER, 'Reading too slowly']));
  }
});

test('a socket that leaves thousands of messages unread is closed, even if they are small', async () => {
  const { socket, connection, transport } = make();
  for (let messages = 0; messages < UNREAD_MESSAGES_MAX; messages++) void connection.send('x');
  await endOfTurn();
  expect(socket.close).not.toHaveBeenCalled();
  void connection.send('x');
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(TRY_AGAIN_LATER, 'Reading too slowly');
  expect(transport.writableLength).toBe(UNREAD_MESSAGES_MAX * FRAME_OF_ONE_BYTE);
});

test('a socket that floods the server with messages or pings is closed with 1008 and not read any more', () => {
  for (const kind of ['message', 'ping']) {
    const { socket, connection } = make();
    const received = vi.fn(async () => undefined);
    connection.onMessage(received);
    for (const _second of [1, 2]) {
      for (let frames = 0; frames < FRAMES_PER_CHECK_MAX; frames++) socket.emit(kind, 'x');
      connection.check();
    }
    expect(socket.close).not.toHaveBeenCalled();
    for (let frames = 0; frames <= FRAMES_PER_CHECK_MAX; frames++) socket.emit(kind, 'x');
    expect(socket.close).toHaveBeenCalledExactlyOnceWith(1008, 'Too many messages');
    expect(socket.pause).toHaveBeenCalledTimes(1);
    expect(received).toHaveBeenCalledTimes(kind === 'message' ? 3 * FRAMES_PER_CHECK_MAX : 0);
  }
});

test('a socket that floods the server with few but long messages is closed as well', () => {
  const { socket, connection } = make();
  const received = vi.fn(async () => undefined);
  connection.onMessage(received);
  const long = 'x'.repeat(BYTES_PER_FRAME);
  for (let messages = 0; messages < FRAMES_PER_CHECK_MAX / 2; messages++) socket.emit('message', long);
  expect(socket.close).not.toHaveBeenCalled();
  socket.emit('message', 'x');
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(1008, 'Too many messages');
  expect(received).toHaveBeenCalledTimes(FRAMES_PER_CHECK_MAX / 2);
});

test('send resolves once the message has left, so that one source has one message waiting', async () => {
  const { connection, transport } = make();
  let isSent = false;
  const sending = connection.send('a message').then(() => {
    isSent = true;
  });
  await endOfTurn();
  expect(isSent).toBe(false);
  transport.drain();
  await sending;
  expect(isSent).toBe(true);
});

test('a closing socket is sent nothing, its messages are ignored, and it is not checked', async () => {
  const { socket, clock, connection, transport } = make();
  const received: string[] = [];
  connection.onMessage(async (message) => void received.push(message));
  socket.emit('message', 'before');
  void connection.send('1');
  connection.close(4403, 'Logged out');
  await endOfTurn();
  socket.emit('message', 'after');
  await connection.send('after');
  expect(received).toEqual(['before']);
  expect(transport.writableLength).toBe(FRAME_OF_ONE_BYTE);
  clock.advance(10 * SLOW_READER_MS_MAX);
  nowMs += 100_000;
  connection.check();
  expect(socket.close).toHaveBeenCalledTimes(1);
  expect(socket.ping).not.toHaveBeenCalled();
});

test('a message whose handling fails closes the socket, without the reason', async () => {
  const { socket, connection } = make();
  connection.onMessage(() => Promise.reject(new Error('the secret inside')));
  socket.emit('message', 'x');
  await endOfTurn();
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(4500, 'Internal server error');
});

test('a shared message that leaves at once does not make its socket a stalled one', async () => {
  const transport = new PassThrough();
  const { connection } = make(transport);
  const drained = vi.fn();
  // The message is read before the write returns, as the kernel does.
  transport.resume();
  expect(write(connection, BODY, drained)).toBe(false);
  await endOfTurn();
  expect(connection.isStalled).toBe(false);
  expect(drained).toHaveBeenCalledTimes(1);
});

test('a socket is stalled while a shared message has not left', async () => {
  const { socket, clock, connection, transport } = make();
  const drained = vi.fn();
  expect(write(connection, BODY, drained)).toBe(false);
  await endOfTurn();
  expect(connection.isStalled).toBe(true);
  expect(drained).not.toHaveBeenCalled();
  transport.drain();
  expect(drained).toHaveBeenCalledTimes(1);
  expect(connection.isStalled).toBe(false);

  write(connection, BODY, drained);
  await endOfTurn();
  clock.advance(SLOW_READER_MS_MAX + 1);
  connection.check();
  expect(socket.close).toHaveBeenCalledExactlyOnceWith(TRY_AGAIN_LATER, 'Reading too slowly');
  expect(write(connection, BODY, drained)).toBe(true);
  expect(transport.writableLength).toBeLessThan(2 * (HEAD.length + 20));
});

test('a body that waits for several sockets counts once in total, and not at all once it has left', async () => {
  const body = [Buffer.alloc(900_000), Buffer.from('now'), Buffer.alloc(100_000)];
  const bodyBytes = 1_000_003;
  const sockets = [make(), make(), make(), make()];
  for (const { connection } of sockets) write(connection, body);
  await endOfTurn();
  const unread = () => sockets.reduce((sum, { connection }) => sum + connection.unreadBytes, 0);
  const ownBytes = HEAD.length + 10;
  expect(unread()).toBeCloseTo(bodyBytes + 4 * ownBytes);
  expect(sockets[0]?.connection.unreadBytes).toBeCloseTo(bodyBytes / 4 + ownBytes);
  // For one of them it waits twice.
  write(sockets[3]?.connection as WebSocketConnection, body);
  await endOfTurn();
  expect(unread()).toBeCloseTo(bodyBytes + 5 * ownBytes);
  for (const { transport } of sockets) {
    transport.destroy();
    transport.drain();
  }
  await expect.poll(() => unread()).toBe(0);
});
