import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { writeTextFrame } from './websocket-frame.js';

/** As the library's client reads it. */
function read(frame: Buffer): Promise<{ text: string; isBinary: boolean }> {
  const { Receiver } = ws as unknown as { Receiver: new (options: object) => NodeJS.WritableStream };
  const receiver = new Receiver({ isServer: false });
  return new Promise((resolve, reject) => {
    receiver.on('message', (data: Buffer, isBinary: boolean) => resolve({ text: String(data), isBinary }));
    receiver.on('error', reject);
    receiver.write(frame);
  });
}

test.each([0, 1, 113, 114, 4_083, 4_084, 4_085, 65_522, 65_523, 65_524, 300_000])(
  'a message with a body of %i bytes is one whole text frame',
  async (bytes) => {
    const to = new PassThrough();
    const head = Buffer.from('{"id":"ü 💺"');
    const body = Buffer.alloc(bytes, 'abcdefghij');
    writeTextFrame(to, head, [body.subarray(0, bytes / 3), Buffer.from(''), body.subarray(bytes / 3)]);
    to.end();
    const message = await read(Buffer.concat(await to.toArray()));
    expect(message).toEqual({ text: `${head}${body}`, isBinary: false });
  },
);
