import type { IncomingMessage } from 'node:http';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { PerMessageDeflateOptions, WebSocket } from 'ws';
import * as library from 'ws';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';

/**
 * Compressed messages (permessage-deflate, RFC 7692), which every browser and most libraries ask for. The library would
 * compress each socket's copy by itself, which takes longer than to send it, and keep 40 KB for every socket that ever
 * sent a compressed message. Here what thousands are sent is compressed once, and no socket keeps anything: neither side
 * refers back to an earlier message.
 *
 * Only what is the same for everybody is compressed, and each part of it by itself: how long it comes out tells nothing
 * of anybody.
 */

/** Parts below it are sent as they are: there is too little to be saved. */
export const COMPRESSED_BYTES_MIN = 1_024;
/** zlib's fastest: its best makes a list of seats a seventh smaller, and takes four times as long. */
const LEVEL = 1;
/** How far back matches may be, as a power of two: what repeats is near, and some clients (Python's) keep no more. */
const WINDOW_BITS = 12;
/** RFC 1951, 3.2.4: the most that one block takes that is not compressed. */
const STORED_BYTES_MAX = 0xffff;
/** RFC 7692, 7.2.1: what is left of the empty block that ends a message. */
const MESSAGE_END = Buffer.from([0]);

/** Nearly every message is shorter, and keeps as much memory until it is collected. */
const INFLATE_CHUNK_BYTES = 2 * 1024;

const EMPTY = Buffer.alloc(0);

const OFFER_HEADER = 'sec-websocket-extensions';

const { PerMessageDeflate, extension } = library as unknown as {
  readonly PerMessageDeflate: {
    new (
      options: PerMessageDeflateOptions & { isServer: true },
    ): { accept(offers: readonly unknown[]): void };
    readonly extensionName: string;
    readonly prototype: Extension;
  };
  readonly extension: {
    parse(header: string): Offers;
    format(offers: Offers): string;
  };
};

/** Each with its parameters, by the name of the extension. */
type Offers = Readonly<Record<string, readonly object[]>>;

type Inflated = (error: Error | null, message?: Buffer) => void;

/** The library's, of one socket. */
interface Extension {
  decompress(piece: Buffer, isLast: boolean, inflated: Inflated): void;
  /** Lets go of what it keeps. */
  cleanup(): void;
}

/** What the server answers an offer with. */
export const DEFLATE_OPTIONS: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

/** What is left of the offers that were made last: clients of a kind make the same ones. */
const acceptedOffers = new LRUCache<string, string>({ max: 100 });

/**
 * Leaves the first offer that can be taken, and where there is none the socket is opened without. The library would refuse
 * the socket for one offer that it does not know, and take one that asks for matches to be nearer than they are.
 */
export function declineUnsupportedOffers({ headers }: IncomingMessage): void {
  const header = headers[OFFER_HEADER];
  if (header === undefined) return;
  const offers = String(header);
  let left = acceptedOffers.get(offers);
  if (left === undefined) {
    left = firstAcceptable(offers);
    acceptedOffers.set(offers, left);
  }
  if (left === '') delete headers[OFFER_HEADER];
  else headers[OFFER_HEADER] = left;
}

function firstAcceptable(header: string): string {
  try {
    const { extensionName } = PerMessageDeflate;
    const first = extension.parse(header)[extensionName]?.find(isAcceptable);
    return first === undefined ? '' : extension.format({ [extensionName]: [first] });
  } catch {
    return '';
  }
}

function isAcceptable(offer: object): boolean {
  const options = { ...DEFLATE_OPTIONS, serverMaxWindowBits: WINDOW_BITS, isServer: true } as const;
  try {
    // It writes what it answers into what it is given.
    new PerMessageDeflate(options).accept([{ ...offer }]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Sees to it that what a socket sends is inflated at once, and nothing kept for it.
 *
 * @returns whether its messages may be compressed
 */
export function inflateWholeMessages(socket: WebSocket): boolean {
  const { _extensions } = socket as unknown as { readonly _extensions?: Readonly<Record<string, Extension>> };
  const ofSocket = _extensions?.[PerMessageDeflate.extensionName];
  if (ofSocket === undefined) return false;
  ofSocket.decompress = decompress;
  return true;
}

/** Messages that come in pieces, and have not come whole yet. */
const fragments = new WeakMap<Extension, Buffer[]>();

/** In pieces, a message is inflated once it is whole: the library takes a hundred times as long for a piece as it took to send. */
function decompress(this: Extension, piece: Buffer, isLast: boolean, inflated: Inflated): void {
  const pieces = fragments.get(this) ?? [];
  pieces.push(piece);
  if (!isLast) {
    fragments.set(this, pieces);
    queueMicrotask(() => inflated(null, EMPTY));
    return;
  }
  fragments.delete(this);
  const whole = pieces.length === 1 ? piece : Buffer.concat(pieces);
  const message = inflate(whole);
  if (message !== null) {
    // The library is not done with the frame yet.
    queueMicrotask(() => inflated(null, message));
    return;
  }
  // What is no message, or too long for one: it knows what to close the socket with.
  PerMessageDeflate.prototype.decompress.call(this, whole, true, (error, rest) => {
    this.cleanup();
    inflated(error, rest);
  });
}

function inflate(message: Buffer): Buffer | null {
  try {
    return inflateRawSync(message, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: BODY_BYTES_MAX,
      chunkSize: INFLATE_CHUNK_BYTES,
    });
  } catch {
    return null;
  }
}

const bodies = new WeakMap<readonly Buffer[], readonly Buffer[] | null>();
const parts = new WeakMap<Buffer, Buffer>();

/**
 * The end of a message in compressed form, in parts. Whoever is sent the same body is sent the same bytes.
 *
 * @returns null where there is nothing in it to be saved
 */
export function compressedBody(body: readonly Buffer[]): readonly Buffer[] | null {
  let deflated = bodies.get(body);
  if (deflated === undefined) {
    deflated = body.some(isLong) ? blocksOf(body) : null;
    bodies.set(body, deflated);
  }
  return deflated;
}

/** For bodies that have these parts and are to be sent later. */
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
  blocks.push(Buffer.concat([storedBlocks(Buffer.concat(short)), MESSAGE_END]));
  return blocks;
}

/** A part that several bodies have in common is compressed once. */
function compressedBlocks(part: Buffer): Buffer {
  let deflated = parts.get(part);
  if (deflated === undefined) {
    // A copy: what it comes in takes 16 KB, however short it is.
    deflated = Buffer.from(
      deflateRawSync(part, {
        level: LEVEL,
        windowBits: WINDOW_BITS,
        // Ends at a whole byte, and not the stream: more blocks may follow.
        finishFlush: constants.Z_SYNC_FLUSH,
      }),
    );
    parts.set(part, deflated);
  }
  return deflated;
}

/** Bytes as they are, as a part of a compressed message: RFC 1951, 3.2.4. */
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
