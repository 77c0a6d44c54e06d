import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { ClientOptions } from 'ws';
import {
  nextMessage,
  openClient,
  seatListBytes,
  startConnectionServer,
} from '../../test/support/connection-server.js';
import type { BroadcastConnection } from './broadcast.js';
import { COMPRESSED_BYTES_MIN, compressedBody } from './compression.js';
import { sharedFrame } from './frame.js';

/** Shared messages as the client of `ws` reads them. */

function send(connection: BroadcastConnection, head: Buffer, body: readonly Buffer[]): void {
  connection.writeCoalesced(
    () => sharedFrame(head, body, connection.encoding),
    () => undefined,
  );
}

test.each([
  [0],
  [COMPRESSED_BYTES_MIN - 1],
  [COMPRESSED_BYTES_MIN],
  [20, COMPRESSED_BYTES_MIN, 20],
  [80_000, 30, 300, 80_000],
  [20, 1_000_000],
  [COMPRESSED_BYTES_MIN, ...Array<number>(100).fill(1_000)],
])(
  'a message whose parts have %j, … bytes arrives unchanged, also when it is sent again',
  async (...lengths) => {
    const { port, first } = await startConnectionServer();
    const { client } = await openClient(port);
    const { connection } = await first;
    const head = Buffer.from('{"id":"ü 💺","type":"next","payload":');
    const body = lengths.map(seatListBytes);
    for (const _time of [1, 2]) {
      const message = nextMessage(client);
      send(connection, head, body);
      expect((await message) === `${head}${Buffer.concat(body)}}`).toBe(true);
    }
  },
);

test('a list of seats takes a tenth of its bytes, and arrives whole at a client without compression', async () => {
  const list = JSON.stringify(
    Array.from({ length: 1_000 }, (_, index) => ({
      seatNumber: index,
      status: 'LOCKED',
      lockedUntil: new Date(1_700_000_000_000 + 17 * (index % 100)),
    })),
  );
  const bytesOf = async (options: ClientOptions) => {
    const { port, first } = await startConnectionServer();
    const { client, socket } = await openClient(port, options);
    const { connection } = await first;
    const before = socket.bytesRead;
    const message = nextMessage(client);
    send(connection, Buffer.from('{"seats":'), [Buffer.from(list)]);
    expect((await message) === `{"seats":${list}}`).toBe(true);
    return socket.bytesRead - before;
  };
  expect(await bytesOf({ perMessageDeflate: false })).toBeGreaterThan(list.length);
  expect(await bytesOf({})).toBeLessThan(list.length / 10);
});

test('a client with a window of four kilobytes can read a message', async () => {
  const { port, first } = await startConnectionServer();
  const { client } = await openClient(port, { perMessageDeflate: { serverMaxWindowBits: 12 } });
  const { connection } = await first;
  const far = randomBytes(6_000).toString('hex');
  const message = nextMessage(client);
  send(connection, Buffer.from('{"far":'), [Buffer.from(`"${far.repeat(4)}"`)]);
  expect((await message) === `{"far":"${far.repeat(4)}"}`).toBe(true);
});

test('a short body is not compressed', () => {
  expect(compressedBody([seatListBytes(COMPRESSED_BYTES_MIN - 1), seatListBytes(100)])).toBeNull();
  expect(compressedBody([seatListBytes(COMPRESSED_BYTES_MIN)])).not.toBeNull();
});

test('a compressed part keeps no more memory than its length', () => {
  const [part] = compressedBody([seatListBytes(COMPRESSED_BYTES_MIN)]) as Buffer[];
  expect(part?.buffer.byteLength).toBeLessThanOrEqual(Buffer.poolSize);
});

test('a body is compressed once, and a list once for all bodies that contain it', () => {
  const list = seatListBytes(5_000);
  const body = [Buffer.from('a'), list, Buffer.from('b')];
  const deflated = compressedBody(body);
  expect(compressedBody(body)).toBe(deflated);
  expect(compressedBody([Buffer.from('other'), list])?.[1]).toBe(deflated?.[1]);
});
