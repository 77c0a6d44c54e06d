import type { IncomingMessage } from 'node:http';
import { constants, inflateRawSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { PerMessageDeflateOptions, WebSocket } from 'ws';
import * as ws from 'ws';
import { COMPRESSION_WINDOW_BITS } from '../broadcast/broadcast.js';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';

/**
 * The negotiation of compressed messages (permessage-deflate, RFC 7692), and the inflating of received ones. `ws` would
 * keep 40 KB for every socket that ever sent a compressed message. Here nothing is kept between two messages, because
 * both sides agree that no message refers to an earlier one.
 */

/** Nearly every message is shorter. zlib allocates this much for each, and it stays until garbage collection. */
const INFLATE_CHUNK_BYTES = 2 * 1024;

const EMPTY = Buffer.alloc(0);

const OFFER_HEADER = 'sec-websocket-extensions';

// Parts of `ws` that its types do not have.
const { PerMessageDeflate, extension } = ws as unknown as {
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

/** The parameters of each offer, by extension name. */
type Offers = Readonly<Record<string, readonly object[]>>;

type Inflated = (error: Error | null, message?: Buffer) => void;

/** The extension's object of one socket in `ws`. */
interface Extension {
  decompress(fragment: Buffer, isLast: boolean, inflated: Inflated): void;
  /** Frees what it keeps. */
  cleanup(): void;
}

/** The server's answer to an offer. */
export const DEFLATE_OPTIONS: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

/** Offers by header, as far as they are acceptable. Clients of one kind send the same header. */
const acceptedOffers = new LRUCache<string, string>({ max: 100 });

/**
 * Removes all offers but the first acceptable one from a request. Without one, the socket is opened without
 * compression. `ws` would refuse the socket because of one unknown offer, and would accept a smaller window than we
 * compress with.
 */
export function declineUnsupportedOffers({ headers }: IncomingMessage): void {
  const header = headers[OFFER_HEADER];
  if (header === undefined) return;
  const offers = String(header);
  let accepted = acceptedOffers.get(offers);
  if (accepted === undefined) {
    accepted = firstAcceptable(offers);
    acceptedOffers.set(offers, accepted);
  }
  if (accepted === '') delete headers[OFFER_HEADER];
  else headers[OFFER_HEADER] = accepted;
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
  const options = {
    ...DEFLATE_OPTIONS,
    serverMaxWindowBits: COMPRESSION_WINDOW_BITS,
    isServer: true,
  } as const;
  try {
    // A copy, because `accept` writes its answer into the offer.
    new PerMessageDeflate(options).accept([{ ...offer }]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Replaces the inflating of `ws` for one socket by one that keeps nothing between messages.
 *
 * @returns whether the client accepts compressed messages
 */
export function inflateWholeMessages(socket: WebSocket): boolean {
  const { _extensions } = socket as unknown as { readonly _extensions?: Readonly<Record<string, Extension>> };
  const ofSocket = _extensions?.[PerMessageDeflate.extensionName];
  if (ofSocket === undefined) return false;
  ofSocket.decompress = decompress;
  return true;
}

/** The fragments of messages that are not complete. */
const fragments = new WeakMap<Extension, Buffer[]>();

/**
 * Inflates a message once it is complete: `ws` takes a hundred times as long for a fragment as the client took to send
 * it.
 */
function decompress(this: Extension, fragment: Buffer, isLast: boolean, inflated: Inflated): void {
  const received = fragments.get(this) ?? [];
  received.push(fragment);
  if (!isLast) {
    fragments.set(this, received);
    queueMicrotask(() => inflated(null, EMPTY));
    return;
  }
  fragments.delete(this);
  const whole = received.length === 1 ? fragment : Buffer.concat(received);
  const message = inflate(whole);
  if (message !== null) {
    // Later, because `ws` has not finished handling the frame.
    queueMicrotask(() => inflated(null, message));
    return;
  }
  // Invalid or too long: `ws` inflates it again and returns the error with the right close code.
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
