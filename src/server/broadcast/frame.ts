import { EVENT_TAIL } from '../event-text.js';
import type { FrameParts, MessageEncoding } from './broadcast.js';
import { compressedBody, storedBlocks } from './compression.js';
import { MESSAGE_TAIL } from './message-text.js';

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
  /** Messages up to this length have their body copied into the first part. */
  readonly copiedBytesMax?: number | undefined;
  /** Whether head and body are those of a compressed message. */
  readonly isDeflated?: boolean;
}

/** A message with a shared body, compressed if the client accepts that and it makes the message shorter. */
export function sharedFrame(
  head: Buffer,
  body: readonly Buffer[],
  encoding: MessageEncoding,
  copiedBytesMax?: number,
): FrameParts {
  if (encoding === 'event-stream') return joined(head, [...body, EVENT_TAIL], copiedBytesMax);
  const deflated = encoding === 'websocket-deflate' ? compressedBody(body) : null;
  return deflated === null
    ? textFrame(head, [...body, MESSAGE_TAIL], { copiedBytesMax })
    : textFrame(storedBlocks(head), deflated, { copiedBytesMax, isDeflated: true });
}

/** A text message as one frame. */
export function textFrame(
  head: Buffer,
  body: readonly Buffer[],
  { copiedBytesMax, isDeflated = false }: FrameOptions = {},
): FrameParts {
  let length = head.length;
  for (const part of body) length += part.length;
  const headerLength = length <= LENGTH_7_BITS_MAX ? 2 : length <= LENGTH_16_BITS_MAX ? 4 : 10;
  const frame = joined(head, body, copiedBytesMax, headerLength);
  const [start] = frame;
  start[0] = isDeflated ? FINAL_TEXT | DEFLATED : FINAL_TEXT;
  if (headerLength === 2) start[1] = length;
  else if (headerLength === 4) {
    start[1] = LENGTH_16_BITS;
    start.writeUInt16BE(length, 2);
  } else {
    start[1] = LENGTH_64_BITS;
    start.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}

/**
 * A message in parts that are written one after the other. The shared body is copied into the first part if that is
 * cheaper; otherwise its parts follow.
 *
 * @param headerLength bytes that stay free at the start
 */
function joined(
  head: Buffer,
  body: readonly Buffer[],
  copiedBytesMax = COPIED_BYTES_MAX,
  headerLength = 0,
): FrameParts {
  let length = headerLength + head.length;
  for (const part of body) length += part.length;
  const isCopied = length <= copiedBytesMax;
  const start = Buffer.allocUnsafe(isCopied ? length : headerLength + head.length);
  start.set(head, headerLength);
  if (!isCopied) return [start, ...body];
  let at = headerLength + head.length;
  for (const part of body) {
    start.set(part, at);
    at += part.length;
  }
  return [start];
}
