import { expect, test } from 'vitest';
import * as ws from 'ws';
import { textFrame } from './frame.js';

/** Reads a frame like the client of `ws`. */
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
    const head = Buffer.from('{"id":"ü 💺"');
    const body = Buffer.alloc(bytes, 'abcdefghij');
    const parts = [body.subarray(0, bytes / 3), Buffer.from(''), body.subarray(bytes / 3)];
    for (const copiedBytesMax of [undefined, Number.POSITIVE_INFINITY]) {
      const message = await read(Buffer.concat(textFrame(head, parts, { copiedBytesMax })));
      expect(message).toEqual({ text: `${head}${body}`, isBinary: false });
    }
  },
);
