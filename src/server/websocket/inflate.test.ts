import { once } from 'node:events';
import { connect } from 'node:net';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import {
  nextMessage,
  openClient,
  seatListBytes,
  startConnectionServer,
} from '../../test/support/connection-server.js';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';

/** Compressed messages from clients, and the negotiation of compression. */

test('an individual message is not compressed, so that its length reveals nothing about its content', async () => {
  const { port, first } = await startConnectionServer();
  const { client, socket } = await openClient(port);
  const { connection } = await first;
  const before = socket.bytesRead;
  const message = nextMessage(client);
  const parts = [Buffer.from('{"token":"'), seatListBytes(5_000), Buffer.from('"}')];
  await connection.sendParts(parts);
  expect(await message).toBe(String(Buffer.concat(parts)));
  expect(socket.bytesRead - before).toBeGreaterThan(5_000);
});

test('a compressed message from a client arrives unchanged, also in fragments, and nothing is kept for it', async () => {
  const { port, first } = await startConnectionServer();
  const { client } = await openClient(port, { perMessageDeflate: { threshold: 0 } });
  const { connection, received } = await first;
  const inflater = () =>
    (connection as unknown as { socket: { _extensions: { 'permessage-deflate': { _inflate: unknown } } } })
      .socket._extensions['permessage-deflate']._inflate;
  const sent = ['', 'x', 'ü💺', String(seatListBytes(2_049)), String(seatListBytes(BODY_BYTES_MAX))];
  for (const text of sent) client.send(text);
  await expect.poll(() => received).toEqual(sent);
  expect(inflater()).toBeNull();
  for (const text of ['in', ' frag']) client.send(text, { fin: false });
  const ping = once(client, 'pong');
  client.ping();
  await ping;
  expect(inflater()).toBeNull();
  client.send('ments', { fin: true });
  client.send('whole');
  await expect.poll(() => received.slice(sent.length)).toEqual(['in fragments', 'whole']);
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
  ['a few bytes that inflate to one byte too many', deflated('x'.repeat(BODY_BYTES_MAX + 1)), 1009],
  ['a few bytes that inflate to sixty megabytes', deflated('x'.repeat(60_000_000)), 1009],
  ['bytes that are not compressed', Buffer.from('{"type":"ping"}'), 1007],
])('a client that sends %s is closed, and no message is received', async (_what, payload, code) => {
  const { port, first } = await startConnectionServer();
  const { client, socket } = await openClient(port);
  const { received } = await first;
  const closed = once(client, 'close');
  const before = process.memoryUsage().arrayBuffers;
  socket.write(frameOf(payload.subarray(0, 0xffff)));
  expect((await closed)[0]).toBe(code);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  expect(received).toEqual([]);
});

test('fragments of a message that is too long are not received, and the socket is closed', async () => {
  const { port, first } = await startConnectionServer();
  const { client } = await openClient(port, { perMessageDeflate: { threshold: 0 } });
  const { received } = await first;
  const closed = once(client, 'close');
  for (const fin of [false, true]) client.send(String(seatListBytes(BODY_BYTES_MAX / 2 + 1)), { fin });
  expect((await closed)[0]).toBe(1009);
  expect(received).toEqual([]);
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
])('an offer of %s is answered with %s, and the socket is opened', async (offer, answer) => {
  const { port } = await startConnectionServer();
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
