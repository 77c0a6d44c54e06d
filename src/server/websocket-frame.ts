import type { Writable } from 'node:stream';

/** RFC 6455, 5.2: the last frame of its message, which is text; from a server, so nothing is masked. */
const FINAL_TEXT = 0x81;
/** Lengths up to here are their own marker; beyond, a marker says how many bytes the length takes. */
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS = 126;
const LENGTH_16_BITS_MAX = 0xffff;
const LENGTH_64_BITS = 127;

/** Up to here, a copy costs less than a write of several parts. */
const COPIED_BYTES_MAX = 4 * 1024;

/**
 * Writes a text message as one frame, to a stream that is corked. The body, which several messages have in common, is
 * copied only where that is cheaper.
 *
 * @returns how many bytes were made for this message alone
 */
export function writeTextFrame(to: Writable, head: Buffer, body: readonly Buffer[]): number {
  let bodyLength = 0;
  for (const { length } of body) bodyLength += length;
  const length = head.length + bodyLength;
  const headerLength = length <= LENGTH_7_BITS_MAX ? 2 : length <= LENGTH_16_BITS_MAX ? 4 : 10;
  const isCopied = length <= COPIED_BYTES_MAX;
  const start = Buffer.allocUnsafe(headerLength + (isCopied ? length : head.length));
  start[0] = FINAL_TEXT;
  if (headerLength === 2) start[1] = length;
  else if (headerLength === 4) {
    start[1] = LENGTH_16_BITS;
    start.writeUInt16BE(length, 2);
  } else {
    start[1] = LENGTH_64_BITS;
    start.writeBigUInt64BE(BigInt(length), 2);
  }
  start.set(head, headerLength);
  let at = headerLength + head.length;
  if (isCopied) {
    for (const part of body) {
      start.set(part, at);
      at += part.length;
    }
    to.write(start);
    return start.length;
  }
  to.write(start);
  for (const part of body) to.write(part);
  return start.length;
}
