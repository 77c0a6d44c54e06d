import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WatchConnection, type WatchReceiver } from './watch-connection.js';

const SWITCHING_PROTOCOLS = Buffer.from('HTTP/1.1 101 ');
const DEFLATES = 'permessage-deflate';
/** A real client uses a new key each time. The server's work is the same. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

const FINAL = 0x80;
const DEFLATED = 0x40;
const MASKED = 0x80;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS = 126;
const LENGTH_16_BITS_MAX = 0xffff;

/** The end of every compressed message (00 00 ff ff), which is not sent. */
const TAIL_BYTES = 4;
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH } as const;
/** The last inflated message: thousands of sockets receive the same one in succession. */
const last = { deflated: Buffer.alloc(0), message: Buffer.alloc(0) };

/**
 * A watcher's WebSocket. It reads only what the servers here send: unmasked, unfragmented frames. Like a browser it offers
 * compression and, if the server accepts, compresses its own messages.
 */
export class WatchSocket extends WatchConnection {
  #deflates = false;

  /** @param protocol the requested subprotocol, or null */
  constructor(
    url: URL,
    protocol: string | null,
    private readonly receiver: WatchReceiver & { opened(): void },
  ) {
    const request =
      `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n` +
      `Sec-WebSocket-Extensions: ${DEFLATES}; client_max_window_bits\r\n` +
      `${protocol === null ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`}\r\n`;
    super(url, request, SWITCHING_PROTOCOLS, receiver);
  }

  send({ plain, deflated }: Frames): void {
    this.socket.write(this.#deflates ? deflated : plain);
  }

  protected opened(headers: Buffer): void {
    this.#deflates = headers.includes(DEFLATES);
    this.receiver.opened();
  }

  protected take(bytes: Buffer): number {
    this.needed = 2;
    if (bytes.length < 2) return 0;
    const [first = 0, marker = 0] = bytes;
    const start = marker < LENGTH_16_BITS ? 2 : marker === LENGTH_16_BITS ? 4 : 10;
    this.needed = start;
    if (bytes.length < start) return 0;
    const length =
      start === 2 ? marker : start === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    this.needed = start + length;
    if (bytes.length < this.needed) return 0;
    const payload = bytes.subarray(start, this.needed);
    const taken = this.needed;
    if (first === (FINAL | TEXT)) this.receiver.text(payload);
    else if (first === (FINAL | DEFLATED | TEXT)) this.receiver.text(inflated(payload));
    else if (first === (FINAL | PING)) this.socket.write(frameOf(payload, FINAL | PONG));
    else if (first === (FINAL | CLOSE)) this.#answerClose(payload);
    else if (first !== (FINAL | PONG)) this.fail(`received an unexpected frame: ${first}`);
    return taken;
  }

  #answerClose(payload: Buffer): void {
    this.why =
      payload.length < 2
        ? 'closed'
        : `closed with ${payload.readUInt16BE(0)} ${payload.subarray(2)}`.trimEnd();
    this.socket.end(frameOf(payload, FINAL | CLOSE));
  }
}

function inflated(payload: Buffer): Buffer {
  if (!payload.equals(last.deflated)) {
    last.deflated = Buffer.from(payload);
    last.message = inflateRawSync(payload, SYNC);
  }
  return last.message;
}

/** A message as a client sends it. The same bytes may be sent again. */
export interface Frames {
  readonly plain: Buffer;
  readonly deflated: Buffer;
}

export const framesOf = (message: string): Frames => ({
  plain: frameOf(Buffer.from(message), FINAL | TEXT),
  deflated: frameOf(deflateRawSync(message, SYNC).subarray(0, -TAIL_BYTES), FINAL | DEFLATED | TEXT),
});

function frameOf(bytes: Buffer, first: number): Buffer {
  const payload = Buffer.from(bytes);
  const { length } = payload;
  if (length > LENGTH_16_BITS_MAX) throw new Error('The message is too long.');
  const head =
    length <= LENGTH_7_BITS_MAX
      ? Buffer.from([first, MASKED | length])
      : Buffer.from([first, MASKED | LENGTH_16_BITS, length >> 8, length & 0xff]);
  for (let index = 0; index < length; index++)
    payload[index] = (payload[index] as number) ^ (MASK[index % 4] as number);
  return Buffer.concat([head, MASK, payload]);
}
