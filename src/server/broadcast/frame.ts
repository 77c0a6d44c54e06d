import { compressedBody, storedBlocks } from '../websocket/deflate.js';

/** RFC 6455, 5.2: the last frame of its message, which is text; from a server, so nothing is masked. */
const FINAL_TEXT = 0x81;
/** RFC 7692, 6: what is in it is compressed. */
const DEFLATED = 0x40;
/** Lengths up to here are their own marker; beyond, a marker says how many bytes the length takes. */
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS = 126;
const LENGTH_16_BITS_MAX = 0xffff;
const LENGTH_64_BITS = 127;

/** Up to here, a copy costs less than a write of several parts. */
const COPIED_BYTES_MAX = 4 * 1024;

/** In parts, of which several frames may have all but the first in common. */
export type Frame = readonly [Buffer, ...Buffer[]];

export interface FrameOptions {
  /** Up to as many bytes, the body is copied. */
  readonly copiedBytesMax?: number | undefined;
  /** Head and body are those of a compressed message. */
  readonly isDeflated?: boolean;
}

/** A message whose body is the same for whoever asked for it, compressed where its client takes that and it saves anything. */
export function sharedFrame(
  head: Buffer,
  body: readonly Buffer[],
  compresses: boolean,
  copiedBytesMax?: number,
): Frame {
  const deflated = compresses ? compressedBody(body) : null;
  return deflated === null
    ? textFrame(head, body, { copiedBytesMax })
    : textFrame(storedBlocks(head), deflated, { copiedBytesMax, isDeflated: true });
}

/**
 * A text message as one frame, in parts that are written one after the other. The body, which several messages have in
 * common, is copied into the first part only where that is cheaper; otherwise its parts follow.
 */
export function textFrame(
  head: Buffer,
  body: readonly Buffer[],
  { copiedBytesMax = COPIED_BYTES_MAX, isDeflated = false }: FrameOptions = {},
): Frame {
  let bodyLength = 0;
  for (const { length } of body) bodyLength += length;
  const length = head.length + bodyLength;
  const headerLength = length <= LENGTH_7_BITS_MAX ? 2 : length <= LENGTH_16_BITS_MAX ? 4 : 10;
  const isCopied = length <= copiedBytesMax;
  const start = Buffer.allocUnsafe(headerLength + (isCopied ? length : head.length));
  start[0] = isDeflated ? FINAL_TEXT | DEFLATED : FINAL_TEXT;
  if (headerLength === 2) start[1] = length;
  else if (headerLength === 4) {
    start[1] = LENGTH_16_BITS;
    start.writeUInt16BE(length, 2);
  } else {
    start[1] = LENGTH_64_BITS;
    start.writeBigUInt64BE(BigInt(length), 2);
  }
  start.set(head, headerLength);
  if (!isCopied) return [start, ...body];
  let at = headerLength + head.length;
  for (const part of body) {
    start.set(part, at);
    at += part.length;
  }
  return [start];
}
