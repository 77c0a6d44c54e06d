import type { FrameParts } from './broadcast.js';
import { compressedBody, storedBlocks } from './compression.js';

/** RFC 6455, 5.2: the final frame of a text message. A server does not mask its frames. */
const FINAL_TEXT = 0x81;
/** RFC 7692, 6: the payload is compressed. */
const DEFLATED = 0x40;
/** A length up to here is its own marker. Otherwise the marker says how many bytes the length takes. */
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS = 126;
const LENGTH_16_BITS_MAX = 0xffff;
const LENGTH_64_BITS = 127;

/** Up to this length, copying a message into one buffer costs less than writing several buffers. */
const COPIED_BYTES_MAX = 4 * 1024;

export interface FrameOptions {
  /** Frames up to this length have their body copied into the first part. */
  readonly copiedBytesMax?: number | undefined;
  /** Whether head and body are those of a compressed message. */
  readonly isDeflated?: boolean;
}

/** A message with a shared body, compressed if the client accepts that and it makes the message shorter. */
export function sharedFrame(
  head: Buffer,
  body: readonly Buffer[],
  compresses: boolean,
  copiedBytesMax?: number,
): FrameParts {
  const deflated = compresses ? compressedBody(body) : null;
  return deflated === null
    ? textFrame(head, body, { copiedBytesMax })
    : textFrame(storedBlocks(head), deflated, { copiedBytesMax, isDeflated: true });
}

/**
 * A text message as one frame, in parts that are written one after the other. The shared body is copied into the first
 * part if that is cheaper; otherwise its parts follow.
 */
export function textFrame(
  head: Buffer,
  body: readonly Buffer[],
  { copiedBytesMax = COPIED_BYTES_MAX, isDeflated = false }: FrameOptions = {},
): FrameParts {
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
