import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { textFrame } from '../broadcast/frame.js';
import { UNREAD_BYTES_TOTAL_MAX } from '../connections/backpressure.js';
import { OpenConnections } from '../connections/open-connections.js';
import type { WebSocketConnection } from './connection.js';
import { WebSocketConnections, type WebSocketConnectionsOptions } from './connections.js';

const SLOW_READER_MS_MAX = 15_000;

const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('sockets with different large unread bodies are closed before memory runs out; a crowd with one shared body is not', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const opened: WebSocketConnection[] = [];
  const openConnections = new OpenConnections(100);
  const sockets = new WebSocketConnections(http, {
    clock: new ManualClock(),
    log: captureLog().log,
    slowReaderMsMax: SLOW_READER_MS_MAX,
    openConnections,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    opened: (connection) => {
      opened.push(connection);
      return async () => undefined;
    },
  });
  onTestFinished(async () => {
    openConnections.closeForStop();
    await sockets.close();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const readers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const reader = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', {
        perMessageDeflate: false,
      });
      await once(reader, 'open');
      reader.pause();
      return reader;
    }),
  );
  const closed = () => opened.filter(({ isOpen }) => !isOpen).length;
  const size = UNREAD_BYTES_TOTAL_MAX / 5;
  const same = Buffer.alloc(size, 'x');
  const send = (connection: WebSocketConnection, body: Buffer) =>
    connection.writeCoalesced(
      () => textFrame(Buffer.from('a head'), [body]),
      () => undefined,
    );
  for (const connection of opened) send(connection, same);
  await endOfTurn();
  openConnections.check();
  expect(closed()).toBe(0);
  for (const connection of opened.slice(4)) send(connection, Buffer.alloc(size, 'x'));
  await endOfTurn();
  openConnections.check();
  // Six different bodies and the shared one: two too many.
  expect(closed()).toBe(2);
  for (const reader of readers) reader.terminate();
});

test.each<[string, { path?: string } & Partial<WebSocketConnectionsOptions>]>([
  ['404 Not Found', { path: '/elsewhere' }],
  ['403 Forbidden', { isAllowedOrigin: () => false }],
  ['429 Too Many Requests', { openConnections: new OpenConnections(0) }],
])(
  'the connection of an upgrade refused with %s is closed, also if its client has sent more',
  async (status, { path = '/graphql', ...options }) => {
    const http = createServer().listen(0, '127.0.0.1');
    await once(http, 'listening');
    const sockets = new WebSocketConnections(http, {
      clock: new ManualClock(),
      log: captureLog().log,
      slowReaderMsMax: SLOW_READER_MS_MAX,
      openConnections: new OpenConnections(1),
      isAllowedOrigin: () => true,
      addressOf: () => 'here',
      opened: () => async () => undefined,
      ...options,
    });
    const accepted: Duplex[] = [];
    http.on('connection', (socket) => accepted.push(socket));
    const { port } = http.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.on('error', () => undefined);
    const headers = 'Host: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    client.write(`GET ${path} HTTP/1.1\r\n${headers}\r\n`);
    const [answer] = await once(client, 'data');
    expect(String(answer)).toContain(`HTTP/1.1 ${status}`);
    client.end('x');
    await Promise.all([sockets.close(), new Promise((resolve) => http.close(resolve))]);
    expect(accepted.map(({ destroyed }) => destroyed)).toEqual([true]);
  },
);
