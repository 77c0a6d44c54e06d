import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';
import { type WebSocketConnection, WebSocketConnections } from './connections.js';
import { COMPRESSED_BYTES_MIN, compressedBody } from './deflate.js';

/** What the library's own client, which asks for compression like any browser, makes of this server's messages. */

interface Served {
  readonly port: number;
  readonly connection: WebSocketConnection;
  /** What it has heard. */
  readonly heard: string[];
}

/** A server, and how it sees its first socket. */
async function serve(): Promise<{ readonly port: number; readonly first: Promise<Served> }> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  let opened: (served: Served) => void;
  const first = new Promise<Served>((resolve) => {
    opened = resolve;
  });
  const sockets = new WebSocketConnections(http, {
    clock: new ManualClock(),
    log: captureLog().log,
    slowReaderMsMax: 15_000,
    socketsPerAddressMax: 100,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    opened: (connection) => {
      const heard: string[] = [];
      connection.onMessage(async (message) => void heard.push(message));
      opened({ port, connection, heard });
      return async () => undefined;
    },
  });
  onTestFinished(async () => {
    await sockets.close();
    http.close();
  });
  return { port, first };
}

async function open(port: number, options: ClientOptions = {}) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', options);
  onTestFinished(() => client.terminate());
  const connected = once(client, 'upgrade');
  await once(client, 'open');
  const [{ socket }] = (await connected) as [{ socket: Socket }];
  return { client, socket };
}

async function next(client: WebSocket): Promise<string> {
  const [data] = (await once(client, 'message')) as [Buffer];
  return String(data);
}

const rows = (length: number) =>
  Buffer.from('{"seatNumber":12,"status":"LOCKED"},'.repeat(length / 36 + 1).slice(0, length));
const nothing = () => undefined;

test.each([
  [0],
  [COMPRESSED_BYTES_MIN - 1],
  [COMPRESSED_BYTES_MIN],
  [20, COMPRESSED_BYTES_MIN, 20],
  [80_000, 30, 300, 80_000],
  [20, 1_000_000],
  [COMPRESSED_BYTES_MIN, ...Array<number>(100).fill(1_000)],
])('a message whose parts have %j, … bytes is read as it was made, once and again', async (...lengths) => {
  const { port, first } = await serve();
  const { client } = await open(port);
  const { connection } = await first;
  const head = Buffer.from('{"id":"ü 💺","type":"next","payload":');
  const body = lengths.map(rows);
  for (const _time of [1, 2]) {
    const message = next(client);
    connection.sendShared(head, body, nothing);
    expect((await message) === `${head}${Buffer.concat(body)}`).toBe(true);
  }
});

test('a list of seats is a tenth of itself on its way, and whole to a client that does not ask', async () => {
  const list = JSON.stringify(
    Array.from({ length: 1_000 }, (_, index) => ({
      seatNumber: index,
      status: 'LOCKED',
      lockedUntil: new Date(1_700_000_000_000 + 17 * (index % 100)),
    })),
  );
  const bytesOf = async (options: ClientOptions) => {
    const { port, first } = await serve();
    const { client, socket } = await open(port, options);
    const { connection } = await first;
    const before = socket.bytesRead;
    const message = next(client);
    connection.sendShared(Buffer.from('{"seats":'), [Buffer.from(list), Buffer.from('}')], nothing);
    expect((await message) === `{"seats":${list}}`).toBe(true);
    return socket.bytesRead - before;
  };
  expect(await bytesOf({ perMessageDeflate: false })).toBeGreaterThan(list.length);
  expect(await bytesOf({})).toBeLessThan(list.length / 10);
});

test('a client that keeps four kilobytes of what came before can read it', async () => {
  const { port, first } = await serve();
  const { client } = await open(port, { perMessageDeflate: { serverMaxWindowBits: 12 } });
  const { connection } = await first;
  const far = randomBytes(6_000).toString('hex');
  const message = next(client);
  connection.sendShared(Buffer.from('"'), [Buffer.from(`${far.repeat(4)}"`)], nothing);
  expect((await message) === `"${far.repeat(4)}"`).toBe(true);
});

test('what somebody alone is told is not compressed, so that its length says only how long it is', async () => {
  const { port, first } = await serve();
  const { client, socket } = await open(port);
  const { connection } = await first;
  const before = socket.bytesRead;
  const message = next(client);
  const parts = [Buffer.from('{"token":"'), rows(5_000), Buffer.from('"}')];
  await connection.sendParts(parts);
  expect(await message).toBe(String(Buffer.concat(parts)));
  expect(socket.bytesRead - before).toBeGreaterThan(5_000);
});

test('a short body is sent as it is', () => {
  expect(compressedBody([rows(COMPRESSED_BYTES_MIN - 1), rows(100)])).toBeNull();
  expect(compressedBody([rows(COMPRESSED_BYTES_MIN)])).not.toBeNull();
});

test('what is compressed keeps no more memory than it takes', () => {
  const [part] = compressedBody([rows(COMPRESSED_BYTES_MIN)]) as Buffer[];
  expect(part?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
});

test('a body is compressed once, and a list once for all bodies that have it', () => {
  const list = rows(5_000);
  const body = [Buffer.from('a'), list, Buffer.from('b')];
  const deflated = compressedBody(body);
  expect(compressedBody(body)).toBe(deflated);
  expect(compressedBody([Buffer.from('other'), list])?.[1]).toBe(deflated?.[1]);
});

test('what a client compresses is heard as it was said, also in pieces, and nothing is kept for it', async () => {
  const { port, first } = await serve();
  const { client } = await open(port, { perMessageDeflate: { threshold: 0 } });
  const { connection, heard } = await first;
  const inflater = () =>
    (connection as unknown as { socket: { _extensions: { 'permessage-deflate': { _inflate: unknown } } } })
      .socket._extensions['permessage-deflate']._inflate;
  const said = ['', 'x', 'ü💺', String(rows(2_049)), String(rows(BODY_BYTES_MAX))];
  for (const text of said) client.send(text);
  await expect.poll(() => heard).toEqual(said);
  expect(inflater()).toBeNull();
  for (const text of ['in', ' pie']) client.send(text, { fin: false });
  const ping = once(client, 'pong');
  client.ping();
  await ping;
  expect(inflater()).toBeNull();
  client.send('ces', { fin: true });
  client.send('whole');
  await expect.poll(() => heard.slice(said.length)).toEqual(['in pieces', 'whole']);
  expect(inflater()).toBeNull();
});

const deflated = (text: string) =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

/** A compressed message as a client's frame. */
function frameOf(payload: Buffer): Buffer {
  const header = Buffer.from([0xc1, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}

test.each([
  ['a few bytes that come to a byte too many', deflated('x'.repeat(BODY_BYTES_MAX + 1)), 1009],
  ['a few bytes that come to sixty megabytes', deflated('x'.repeat(60_000_000)), 1009],
  ['what nobody has compressed', Buffer.from('{"type":"ping"}'), 1007],
])('a client that sends %s is closed, and nothing of it is heard', async (_what, payload, code) => {
  const { port, first } = await serve();
  const { client, socket } = await open(port);
  const { heard } = await first;
  const closed = once(client, 'close');
  const before = process.memoryUsage().arrayBuffers;
  socket.write(frameOf(payload.subarray(0, 0xffff)));
  expect((await closed)[0]).toBe(code);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  expect(heard).toEqual([]);
});

test('a message that comes in pieces is no longer for that, and closed where it would be whole', async () => {
  const { port, first } = await serve();
  const { client } = await open(port, { perMessageDeflate: { threshold: 0 } });
  const { heard } = await first;
  const closed = once(client, 'close');
  for (const fin of [false, true]) client.send(String(rows(BODY_BYTES_MAX / 2 + 1)), { fin });
  expect((await closed)[0]).toBe(1009);
  expect(heard).toEqual([]);
});

test.each([
  ['permessage-deflate', 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'],
  [
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  ],
  [
    'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12',
    'permessage-deflate; server_max_window_bits=12; client_max_window_bits=12; server_no_context_takeover; client_no_context_takeover',
  ],
  ['permessage-deflate; server_max_window_bits=11', undefined],
  [
    'permessage-deflate; server_max_window_bits=10, permessage-deflate; client_max_window_bits',
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  ],
  [
    'x-webkit-deflate-frame, permessage-deflate; of_another_time=1, permessage-deflate; server_max_window_bits=15',
    'permessage-deflate; server_max_window_bits=15; server_no_context_takeover; client_no_context_takeover',
  ],
  ['permessage-deflate; of_another_time=1', undefined],
  ['x-webkit-deflate-frame', undefined],
  ['permessage-deflate; "', undefined],
])('an offer of %s is answered with %s, and the socket opened', async (offer, answer) => {
  const { port } = await serve();
  for (const _time of [1, 2]) {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(
      `GET /graphql HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Extensions: ${offer}\r\n\r\n`,
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(String(head)).toMatch(/^HTTP\/1.1 101 /);
    expect(/Sec-WebSocket-Extensions: (.*)\r/.exec(String(head))?.[1]).toBe(answer);
  }
});
