import { constants, deflateRawSync } from 'node:zlib';
import { COMPRESSION_WINDOW_BITS } from './broadcast.js';
import { MESSAGE_TAIL } from './message-text.js';

/**
 * Compression of shared messages (permessage-deflate, RFC 7692). `ws` would compress each socket's copy, which takes
 * longer than sending it. Here a message is compressed once for all sockets, without references to earlier messages.
 *
 * Only shared parts are compressed, each part separately. The length of a compressed text reveals something about its
 * content, so nothing that belongs to one viewer is compressed.
 */

/** Shorter parts are not compressed: there is too little to gain. */
export const COMPRESSED_BYTES_MIN = 1_024;
/** zlib's fastest level. Its best makes a list of seats a seventh shorter and takes four times as long. */
const LEVEL = 1;
/** RFC 1951, 3.2.4: the maximum length of a block that is not compressed. */
const STORED_BYTES_MAX = 0xffff;
/** RFC 7692, 7.2.1: what remains of the empty block that ends a message. */
const MESSAGE_END = Buffer.from([0]);

const bodies = new WeakMap<readonly Buffer[], readonly Buffer[] | null>();
const parts = new WeakMap<Buffer, Buffer>();

/**
 * A message from its body to its end in compressed form, in parts. The same body always returns the same buffers.
 *
 * @returns null if no part is long enough to be compressed
 */
export function compressedBody(body: readonly Buffer[]): readonly Buffer[] | null {
  let deflated = bodies.get(body);
  if (deflated === undefined) {
    deflated = body.some(isLong) ? blocksOf(body) : null;
    bodies.set(body, deflated);
  }
  return deflated;
}

/** Compresses parts of bodies that will be sent later. */
export function compressAhead(parts: Iterable<Buffer>): void {
  for (const part of parts) if (isLong(part)) compressedBlocks(part);
}

const isLong = ({ length }: Buffer): boolean => length >= COMPRESSED_BYTES_MIN;

function blocksOf(body: readonly Buffer[]): Buffer[] {
  const blocks: Buffer[] = [];
  let short: Buffer[] = [];
  for (const part of body) {
    if (!isLong(part)) {
      short.push(part);
      continue;
    }
    if (short.length > 0) blocks.push(storedBlocks(Buffer.concat(short)));
    short = [];
    blocks.push(compressedBlocks(part));
  }
  short.push(MESSAGE_TAIL);
  blocks.push(Buffer.concat([storedBlocks(Buffer.concat(short)), MESSAGE_END]));
  return blocks;
}

/** A part that several bodies share is compressed once. */
function compressedBlocks(part: Buffer): Buffer {
  let deflated = parts.get(part);
  if (deflated === undefined) {
    // Copied, because zlib returns it in a buffer of 16 KB, however short it is.
    deflated = Buffer.from(
      deflateRawSync(part, {
        level: LEVEL,
        windowBits: COMPRESSION_WINDOW_BITS,
        // Ends at a whole byte and leaves the stream open, so that more blocks can follow.
        finishFlush: constants.Z_SYNC_FLUSH,
      }),
    );
    parts.set(part, deflated);
  }
  return deflated;
}

/** Uncompressed bytes as blocks of a compressed message: RFC 1951, 3.2.4. */
export function storedBlocks(bytes: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += STORED_BYTES_MAX) {
    const block = bytes.subarray(start, start + STORED_BYTES_MAX);
    const header = Buffer.alloc(5);
    header.writeUInt16LE(block.length, 1);
    header.writeUInt16LE(block.length ^ STORED_BYTES_MAX, 3);
    blocks.push(header, block);
  }
  return Buffer.concat(blocks);
}
