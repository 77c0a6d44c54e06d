import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Config } from '../../config.js';
import { SEAT_AVAILABILITY_CHANGED } from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestApp } from '../support/test-app.js';
import { textOf } from '../support/transports.js';

/** Clients that use up the server without calls: by sockets, by frames, by not reading. Other clients are still served. */

const WATCH = textOf(SEAT_AVAILABILITY_CHANGED);

async function server(config: Partial<Config> = {}, totalSeats = 100) {
  const app = await TestApp.start({ config });
  onTestFinished(() => app.close());
  return served(app, totalSeats);
}

async function served(app: TestApp, totalSeats = 100) {
  const eventId = await app.event(await app.user(), { totalSeats });
  const neighbour = await RawSocket.open(app.url);
  expect(await neighbour.init()).toBe(true);
  return {
    app,
    eventId,
    /** The neighbour's socket and a new HTTP request are answered. */
    expectServed: async () => {
      const id = crypto.randomUUID();
      neighbour.subscribe(id, '{ __typename }');
      expect(await neighbour.answerTo(id)).toEqual({ data: { __typename: 'Query' } });
      const response = await fetch(`${app.url}/healthz`);
      expect(response.status).toBe(200);
    },
  };
}

/** An upgraded connection, for frames that no library would send. */
async function upgraded(app: TestApp, { endsByItself = false } = {}): Promise<Socket> {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  // A callback of `onTestFinished` keeps the socket in memory until the test ends.
  if (!endsByItself) onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    'GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
      'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
  );
  const [head] = await once(socket, 'data');
  expect(String(head)).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

/** Resolves once the socket is closed, for any reason. */
async function closed(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
}

/** The code of the next close frame, or null if the connection was cut without one. */
async function closeCode(socket: Socket): Promise<number | null> {
  let received = Buffer.alloc(0);
  socket.on('data', (data) => {
    received = Buffer.concat([received, data]);
  });
  await closed(socket);
  const at = received.indexOf(0x88);
  return at < 0 ? null : received.readUInt16BE(at + 2);
}

const MASK = Buffer.from([0, 0, 0, 0]);
const frame = (head: number, body: Buffer | string) =>
  Buffer.concat([Buffer.from([head, 0x80 | Buffer.byteLength(body)]), MASK, Buffer.from(body)]);
/** A frame with a 16-bit length. */
const longFrame = (head: number, body: string) =>
  Buffer.concat([
    Buffer.from([head, 0x80 | 126, body.length >> 8, body.length & 255]),
    MASK,
    Buffer.from(body),
  ]);

/** The head of a frame of so many bytes, which are never sent. */
function announced(bytes: number): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt8(0x81, 0);
  head.writeUInt8(0x80 | 127, 1);
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return Buffer.concat([head, MASK]);
}

let common: TestApp;
beforeAll(async () => {
  common = await TestApp.start();
});
afterAll(() => common.close());

test.each<[string, number | null, (socket: Socket) => void]>([
  [
    'a frame of a hundred megabytes, at its first bytes',
    1009,
    (socket) => socket.write(announced(100 * 1024 * 1024)),
  ],
  ['a frame length above Number.MAX_SAFE_INTEGER', 1009, (socket) => socket.write(announced(2 ** 60))],
  [
    'a message in endless fragments',
    1009,
    (socket) => {
      socket.write(longFrame(0x01, 'x'.repeat(2_000)));
      for (let fragments = 0; fragments < 50; fragments++) socket.write(longFrame(0x00, 'x'.repeat(2_000)));
    },
  ],
  [
    'a message in empty fragments',
    1008,
    (socket) => {
      socket.write(frame(0x01, '{"type":"pong"}'));
      for (let fragments = 0; fragments < 600; fragments++) socket.write(frame(0x00, ''));
    },
  ],
  ['a text that is no UTF-8', 1007, (socket) => socket.write(frame(0x81, Buffer.from([0xc3, 0x28])))],
  ['a frame without a mask', 1002, (socket) => socket.write(Buffer.from([0x81, 0x02, 0x7b, 0x7d]))],
  ['a frame with an unknown opcode', 1002, (socket) => socket.write(frame(0x83, 'x'))],
  ['reserved bits', 1002, (socket) => socket.write(frame(0xf1, 'x'))],
  ['a continuation without a first fragment', 1002, (socket) => socket.write(frame(0x80, 'x'))],
  ['a close of one byte', 1002, (socket) => socket.write(frame(0x88, 'x'))],
  ['a binary frame with a JSON object without a type', 4400, (socket) => socket.write(frame(0x82, '{}'))],
])('%s closes its socket with %s', async (_what, code, attack) => {
  const { app, expectServed } = await served(common);
  const socket = await upgraded(app);
  attack(socket);
  expect(await closeCode(socket)).toBe(code);
  await expectServed();
});

test('a flood of messages, pings or pongs ends with 1008, a flood of pings whose pongs are not read ends with a cut', async () => {
  const { app, expectServed } = await server();
  const talker = await RawSocket.open(app.url);
  await talker.init();
  for (let messages = 0; messages < 15_000; messages++) talker.send('{"type":"pong"}');
  expect((await talker.closed).code).toBe(1008);
  await expectServed();

  const answering = await upgraded(app);
  for (let chunks = 0; chunks < 15; chunks++)
    answering.write(Buffer.concat(Array(1_000).fill(frame(0x8a, ''))));
  expect(await closeCode(answering)).toBe(1008);
  await expectServed();

  const ping = frame(0x89, 'x'.repeat(125));
  const { socket: reader, closed: readerClosed } = await RawSocket.open(app.url);
  // Each is answered before the next: nothing waits, and nothing is cut.
  reader.on('pong', () => reader.ping());
  for (let pings = 0; pings < 20; pings++) reader.ping();
  expect((await readerClosed).code).toBe(1008);
  await expectServed();

  const pinger = await upgraded(app);
  pinger.pause();
  const cut = closed(pinger);
  const flood = Buffer.concat(Array(1_000).fill(ping));
  const writing = setInterval(() => pinger.write(flood), 5);
  onTestFinished(() => clearInterval(writing));
  await cut;
  clearInterval(writing);
  await expectServed();
});

test('a flooding client is not read any further once its socket is being closed', async () => {
  const { app, expectServed } = await server();
  const pause = vi.spyOn(WebSocket.prototype, 'pause');
  onTestFinished(() => pause.mockRestore());
  const socket = await upgraded(app);
  // An invalid message closes the socket; the client never answers the close, and continues.
  const code = closeCode(socket);
  for (let chunks = 0; chunks < 15; chunks++) socket.write(Buffer.concat(Array(1_000).fill(frame(0x81, ''))));
  expect(await code).toBe(4400);
  await expect.poll(() => pause).toHaveBeenCalled();
  await expectServed();
});

test('a thousand sockets without connection_init are closed, and their memory is freed', async () => {
  const { app, expectServed } = await server({ connectionInitTimeoutMs: 500 });
  await collect();
  const wave = async () => {
    const sockets = await Promise.all(
      Array.from({ length: 1_000 }, () => upgraded(app, { endsByItself: true })),
    );
    await expectServed();
    await Promise.all(sockets.map((socket) => closed(socket.resume())));
  };
  // The first wave pays for one-time allocations.
  await wave();
  const before = await collect();
  await wave();
  await expect.poll(() => openSockets(app)).toBe(1);
  // Less than a kilobyte for each socket.
  expect((await collect()) - before).toBeLessThan(1_000 * 1_024);
});

test("a silent socket is closed with 4408 after its own server's limit", async () => {
  const order: string[] = [];
  const says = async (name: string, connectionInitTimeoutMs: number) => {
    const { app } = await server({ connectionInitTimeoutMs });
    return async () => {
      const silent = await RawSocket.open(app.url);
      expect((await silent.closed).code).toBe(4408);
      order.push(name);
    };
  };
  const silent = [await says('long', 4_000), await says('short', 1_000)];
  await Promise.all(silent.map((say) => say()));
  expect(order).toEqual(['short', 'long']);
});

test('of two thousand subscriptions on one socket a hundred are accepted; they end when the socket closes', async () => {
  const { app, eventId, expectServed } = await server();
  const greedy = async () => {
    const socket = await RawSocket.open(app.url);
    await socket.init();
    let refused = 0;
    let served = 0;
    socket.socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data));
      if (type === 'error' && payload[0].extensions.code === 'TOO_BUSY') refused += 1;
      if (type === 'next') served += 1;
    });
    for (let round = 0; round < 20; round++) {
      for (let id = 0; id < 100; id++) socket.subscribe(`${round} ${id}`, WATCH, { eventId });
      await expect.poll(() => refused + served).toBe((round + 1) * 100);
    }
    expect({ refused, served }).toEqual({ refused: 1_900, served: 100 });
    await expectServed();
    socket.socket.terminate();
    await expect.poll(() => openSockets(app)).toBe(1);
  };
  await greedy();
  const before = await collect();
  await greedy();
  expect((await collect()) - before).toBeLessThan(2 * 1024 * 1024);
  expect(await gauge(app, 'feed_watchers')).toBe(0);
});

test('a request that comes a byte at a time, or not at all, is ended after its time limit', async () => {
  const { app, expectServed } = await server({ requestTimeoutMs: 2_000 });
  const { hostname, port } = new URL(app.url);
  for (const start of [
    '',
    'POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: ',
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
  ]) {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let answer = '';
    socket.on('data', (data) => {
      answer += data;
    });
    socket.on('error', () => undefined);
    socket.write(start);
    const trickling = setInterval(() => start !== '' && socket.write('a'), 50);
    onTestFinished(() => clearInterval(trickling));
    await closed(socket);
    clearInterval(trickling);
    if (start !== '') expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    await expectServed();
  }
});

test('an HTTP answer that the client does not read is dropped after the time limit', async () => {
  const { app, eventId, expectServed } = await server({ requestTimeoutMs: 2_000 }, 100_000);
  const { hostname, port } = new URL(app.url);
  const statuses = Array.from({ length: 10 }, (_, index) => `s${index}: statuses`).join(' ');
  const body = JSON.stringify({ query: `{ event(id: "${eventId}") { seatMap { ${statuses} } } }` });
  const request = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.pause();
  // One after the other: more than the network buffers hold.
  socket.write(request.repeat(30));
  // `isCut` writes to the socket and so restarts its time limit. Hence the interval is longer than that limit.
  await expect.poll(() => isCut(socket), { interval: 3_000 }).toBe(true);
  await expectServed();
});

/** A cut connection answers further data with a reset. */
async function isCut(socket: Socket): Promise<boolean> {
  return (
    socket.destroyed || new Promise((resolve) => socket.write('\r\n', (error) => resolve(error != null)))
  );
}

const openSockets = (app: TestApp) => gauge(app, 'websocket_open_sockets');

async function gauge(app: TestApp, name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Bytes in use after a garbage collection. */
async function collect(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
