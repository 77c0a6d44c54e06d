import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { type Clock, monotonicMs } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import { type Frame, sharedFrame, textFrame } from '../broadcast/frame.js';
import { SharedBuffers } from '../broadcast/shared-buffers.js';
import { WriteCoalescer } from '../broadcast/write-coalescer.js';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';
import { DEFLATE_OPTIONS, declineUnsupportedOffers, inflateWholeMessages } from './deflate.js';

/** How often every socket is looked at: does it still answer, does it still read? */
const CHECK_EVERY_MS = 1_000;
/** Between a ping and the next; a socket that has not answered the last one by then is gone. */
const KEEP_ALIVE_MS = 12_000;
/** What may wait for one socket, all its operations together: the snapshots of several of the largest maps. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/** What may wait for all sockets together, what they have in common counted once: past it, those with the most are closed. */
export const UNREAD_BYTES_TOTAL_MAX = 256 * 1024 * 1024;
/**
 * Messages that may wait for one socket: small ones weigh more than their bytes. All that it may have under way may be
 * answered at once, with an answer and an end each.
 */
export const UNREAD_MESSAGES_MAX = 2_500;
/** A socket for which more than this waits has to read as much in every minute: whoever lets it trickle is no reader. */
const SLOW_READ_BYTES_MAX = 1024 * 1024;
export const SLOW_READ_MS_MAX = 60_000;
/** Messages, pings and pongs that a socket may send between two looks: a hundred times what any client has a reason to. */
export const FRAMES_PER_CHECK_MAX = 5_000;
/** A message counts once more for each so many bytes, as it is once it is inflated: a few bytes may come to a thousand times as many. */
export const BYTES_PER_FRAME = 4 * 1024;
/** Pieces that one message may come in: each costs as much as a message, and those of nothing come on and on within its size. */
const FRAGMENTS_MAX = 128;
/** How long a client may take to answer a close before its connection is cut. */
const CLOSE_MS_MAX = 3_000;
/** Beyond the protocol's own: "try again later", which clients do. */
export const TRY_AGAIN_LATER = 1013;
const GOING_AWAY = 1001;
/** When whoever was refused a socket may come again: one of their own has to be closed first, or the server restarted. */
const REFUSED_SECONDS = 5;
/** Clients do not try again after it. */
const POLICY_VIOLATION = 1008;
const EMPTY = Buffer.alloc(0);

export interface WebSocketConnectionsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a socket may leave every message that was sent to it unread. */
  readonly slowReaderMsMax: number;
  readonly socketsPerAddressMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Given every new connection, and what it was asked for with. @returns what is to be called once it is closed */
  readonly opened: (
    connection: WebSocketConnection,
    request: IncomingMessage,
  ) => (code: number, reason: string) => Promise<void>;
}

/** The sockets of a server: who may open one, who has gone away, who reads too slowly. Of GraphQL it knows nothing. */
export class WebSocketConnections {
  readonly #server: WebSocketServer;
  readonly #connections = new Set<WebSocketConnection>();
  readonly #countOfAddress = new Map<string, number>();
  readonly #shared = new SharedBuffers();
  readonly #outbox = new WriteCoalescer();
  readonly #checks: NodeJS.Timeout;
  #closing = false;

  constructor(
    http: Server,
    private readonly options: WebSocketConnectionsOptions,
  ) {
    const serverOptions: ServerOptions & { closeTimeout: number; maxFragments: number } = {
      noServer: true,
      clientTracking: true,
      maxPayload: BODY_BYTES_MAX,
      maxFragments: FRAGMENTS_MAX,
      perMessageDeflate: DEFLATE_OPTIONS,
      closeTimeout: CLOSE_MS_MAX,
      handleProtocols,
    };
    this.#server = new WebSocketServer(serverOptions);
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#checks = setInterval(() => this.check(), CHECK_EVERY_MS);
    this.#checks.unref();
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Sockets with something to read that they have not begun to read. */
  get stalled(): number {
    let stalled = 0;
    for (const connection of this.#connections) if (connection.isStalled) stalled += 1;
    return stalled;
  }

  /** Takes no more sockets, closes every one with 1001, and returns once they are gone. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    this.#closing = true;
    for (const connection of this.#connections) connection.close(GOING_AWAY, 'The server is stopping');
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Once a second: closes whoever reads too slowly, and those with the most unread once that is too much in all. */
  check(): void {
    let unreadBytes = 0;
    for (const connection of this.#connections) {
      connection.check();
      unreadBytes += connection.unreadBytes;
    }
    if (unreadBytes <= UNREAD_BYTES_TOTAL_MAX) return;
    const byUnread = [...this.#connections].sort((a, b) => b.unreadBytes - a.unreadBytes);
    for (const connection of byUnread) {
      if (unreadBytes <= UNREAD_BYTES_TOTAL_MAX) break;
      unreadBytes -= connection.unreadBytes;
      connection.close(TRY_AGAIN_LATER, 'Reading too slowly');
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { isAllowedOrigin, addressOf, socketsPerAddressMax } = this.options;
    const address = addressOf(request);
    const count = this.#countOfAddress.get(address) ?? 0;
    const refusal =
      request.url?.split('?')[0] !== '/graphql'
        ? '404 Not Found'
        : !isAllowedOrigin(request)
          ? '403 Forbidden'
          : count >= socketsPerAddressMax
            ? '429 Too Many Requests'
            : this.#closing
              ? '503 Service Unavailable'
              : null;
    if (refusal !== null) {
      refuseUpgrade(socket, refusal);
      return;
    }
    declineUnsupportedOffers(request);
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#open(webSocket, socket, request, address),
    );
  }

  #open(webSocket: WebSocket, transport: Duplex, request: IncomingMessage, address: string): void {
    const common = { bodies: this.#shared, outbox: this.#outbox };
    const connection = new WebSocketConnection(webSocket, transport, address, common, this.options);
    this.#connections.add(connection);
    this.#countOfAddress.set(address, (this.#countOfAddress.get(address) ?? 0) + 1);
    const closed = this.options.opened(connection, request);
    webSocket.once('close', (code, reason) => {
      this.#connections.delete(connection);
      const left = (this.#countOfAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#countOfAddress.set(address, left);
      else this.#countOfAddress.delete(address);
      closed(code, String(reason)).catch((error: unknown) => {
        this.options.log.error({ err: error }, 'A closed socket was not cleared away');
      });
    });
  }
}

/** One socket, as graphql-ws wants it. */
export class WebSocketConnection {
  /** Messages that were sent and have not left this process yet. */
  #unsent = 0;
  /** Since when not one of them has left. */
  #stalledSince: Date | undefined;
  /** Bytes of those messages that no other socket has in common. */
  #unreadBytes = 0;
  /** What other sockets have in common with this one of them. */
  readonly #unreadBodies = new Set<readonly Buffer[]>();
  /** Since when so much waits that it has to get less, and what has left since. */
  #backlog: { since: Date; leftBytes: number } | undefined;
  /** Messages, pings and pongs that came since the last look. */
  #frames = 0;
  #pingedMs = monotonicMs();
  #answersPings = true;
  /** Whether the client takes compressed messages. */
  readonly compresses: boolean;

  constructor(
    private readonly socket: WebSocket,
    private readonly transport: Duplex,
    /** What the client's address counts as. */
    readonly address: string,
    private readonly common: { readonly bodies: SharedBuffers; readonly outbox: WriteCoalescer },
    private readonly options: Pick<WebSocketConnectionsOptions, 'clock' | 'log' | 'slowReaderMsMax'>,
  ) {
    this.compresses = inflateWholeMessages(socket);
    socket.on('pong', () => {
      this.#answersPings = true;
      // Also one that answers nothing.
      this.#countFrame();
    });
    // The library answers it, and cuts a client that leaves its answers unread.
    socket.on('ping', () => this.#countFrame());
    // A message that is too large or no WebSocket frame at all: the library has closed the socket already.
    socket.on('error', (error) =>
      this.options.log.debug({ err: error }, 'A client broke the WebSocket protocol'),
    );
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** What waits for it: of what waits for others as well, its share. */
  get unreadBytes(): number {
    let bytes = this.#unreadBytes;
    for (const body of this.#unreadBodies) for (const part of body) bytes += this.common.bodies.shareOf(part);
    return bytes;
  }

  get isStalled(): boolean {
    return this.isOpen && this.#stalledSince !== undefined;
  }

  /** Returns once the message has left; whoever waits for that has one message at a time waiting here. */
  send(message: string): Promise<void> {
    return this.sendParts([Buffer.from(message)]);
  }

  /** The same of a message in parts, of which other sockets may have all but the first in common. */
  sendParts([head = EMPTY, ...body]: readonly Buffer[]): Promise<void> {
    // An error means that the socket is about to close, which everybody is told anyway.
    let left: () => void = () => undefined;
    const leaves = new Promise<void>((resolve) => {
      left = resolve;
    });
    // Not compressed: it may tell somebody something that is nobody else's.
    return this.#sendCoalesced(() => textFrame(head, body), left) ? Promise.resolve() : leaves;
  }

  /**
   * Sends one message, whose body is the same for whoever asked for it: as one frame, past the library, which would
   * have made two buffers and a callback of each. Where the client takes it, it is compressed.
   *
   * @param left called once the message has left
   * @returns whether it will not, as the socket is closing; then nobody is called
   */
  sendShared(head: Buffer, body: readonly Buffer[], left: () => void): boolean {
    return this.#sendCoalesced(() => sharedFrame(head, body, this.compresses), left);
  }

  /** With all that is made in one turn, at its end. @returns whether it will not be */
  #sendCoalesced(made: () => Frame, left: () => void): boolean {
    if (!this.isOpen || !this.#hasRoom()) return true;
    const frame = made();
    const ownBytes = frame[0].length;
    const shared = frame.slice(1);
    this.common.outbox.cork(this.transport, () => this.#afterWrite(ownBytes, shared, left));
    for (const part of frame) this.transport.write(part);
    return false;
  }

  /**
   * Sends a frame that is ready, at once, if nothing waits for this socket: what thousands are told in one turn needs
   * nothing but a write for each of them.
   *
   * @param shared what of it other sockets are sent as well, and how many bytes they are not
   * @param left called once the frame has left, where that was not at once
   * @returns whether it has left, waits in a buffer, or was not taken
   */
  sendFrame(
    frame: readonly Buffer[],
    shared: readonly Buffer[],
    ownBytes: number,
    left: () => void,
  ): 'sent' | 'buffered' | 'refused' {
    const { transport } = this;
    if (!this.isOpen || transport.writableLength > 0) return 'refused';
    if (frame.length === 1) transport.write(frame[0]);
    else {
      transport.cork();
      for (const part of frame) transport.write(part);
      transport.uncork();
    }
    if (transport.writableLength === 0) return 'sent';
    this.#afterWrite(ownBytes, shared, left);
    return 'buffered';
  }

  #afterWrite(ownBytes: number, shared: readonly Buffer[], left: () => void): void {
    if (this.transport.writableLength === 0) {
      left();
      return;
    }
    const letGo = shared.length > 0 ? this.#holdShared(shared) : () => undefined;
    const sent = this.#trackUnsent(ownBytes);
    // Nothing more to send: it is behind what is waiting, and is told when that has left.
    this.transport.write(EMPTY, () => {
      sent();
      letGo();
      left();
    });
  }

  /** @returns what is to be called once the body has left */
  #holdShared(body: readonly Buffer[]): () => void {
    const bytes = body.reduce((sum, { length }) => sum + length, 0);
    // Of the same body, each message has its own list: it may wait twice.
    const parts = [...body];
    this.#unreadBodies.add(parts);
    this.common.bodies.hold(parts);
    return () => {
      this.#unreadBodies.delete(parts);
      if (this.#backlog !== undefined) this.#backlog.leftBytes += bytes;
      this.common.bodies.release(parts);
    };
  }

  /** @returns whether more may wait for this socket; if not, it is closed */
  #hasRoom(): boolean {
    if (this.socket.bufferedAmount <= UNREAD_BYTES_MAX && this.#unsent < UNREAD_MESSAGES_MAX) return true;
    this.close(TRY_AGAIN_LATER, 'Reading too slowly');
    return false;
  }

  /**
   * @param bytes that wait for this socket alone
   * @returns what is to be called once the message has left
   */
  #trackUnsent(bytes: number): () => void {
    this.#unsent += 1;
    this.#unreadBytes += bytes;
    this.#stalledSince ??= this.options.clock.now();
    return () => {
      this.#unsent -= 1;
      this.#unreadBytes -= bytes;
      if (this.#backlog !== undefined) this.#backlog.leftBytes += bytes;
      this.#stalledSince = this.#unsent === 0 ? undefined : this.options.clock.now();
    };
  }

  /** @param reason at most 123 bytes, for a person */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** A socket that is being closed is not listened to any more: its client may take its time to answer the close. */
  onMessage(receive: (message: string) => Promise<void>): void {
    this.socket.on('message', (data: RawData) => {
      const message = String(data);
      // Counted also then: to read on and on what nobody listens to would take all of the time.
      if (!this.#countFrame(message.length) || !this.isOpen) return;
      receive(message).catch((error: unknown) => {
        this.options.log.error({ err: error }, 'A WebSocket message was not dealt with');
        this.close(CloseCode.InternalServerError, 'Internal server error');
      });
    });
  }

  /** Counts a message, ping or pong. @returns false for one too many, which ends the socket */
  #countFrame(length = 0): boolean {
    this.#frames += 1 + Math.floor(length / BYTES_PER_FRAME);
    if (this.#frames <= FRAMES_PER_CHECK_MAX) return true;
    this.close(POLICY_VIOLATION, 'Too many messages');
    // What the client goes on sending stays in its own network until the connection is cut.
    this.socket.pause();
    return false;
  }

  /** @returns whether the socket let what waits for it trickle for too long */
  #readsTooSlowly(): boolean {
    if (this.unreadBytes <= SLOW_READ_BYTES_MAX) this.#backlog = undefined;
    else this.#backlog ??= { since: this.options.clock.now(), leftBytes: 0 };
    if (this.#backlog === undefined) return false;
    const heavyMs = this.options.clock.now().getTime() - this.#backlog.since.getTime();
    if (heavyMs <= SLOW_READ_MS_MAX) return false;
    const { leftBytes } = this.#backlog;
    this.#backlog = undefined;
    return leftBytes < SLOW_READ_BYTES_MAX;
  }

  /** Closes a socket that reads too slowly, cuts one that no longer answers, and asks the others from time to time. */
  check(): void {
    this.#frames = 0;
    if (!this.isOpen) return;
    if (this.#readsTooSlowly()) {
      this.close(TRY_AGAIN_LATER, 'Reading too slowly');
      return;
    }
    if (this.#stalledSince !== undefined) {
      const stalledMs = this.options.clock.now().getTime() - this.#stalledSince.getTime();
      if (stalledMs > this.options.slowReaderMsMax) this.close(TRY_AGAIN_LATER, 'Reading too slowly');
      // An answer to a ping that cannot have been read yet proves nothing.
      this.#pingedMs = monotonicMs();
      this.#answersPings = true;
      return;
    }
    if (monotonicMs() - this.#pingedMs < KEEP_ALIVE_MS) return;
    if (!this.#answersPings) {
      this.socket.terminate();
      return;
    }
    this.#answersPings = false;
    this.#pingedMs = monotonicMs();
    this.socket.ping();
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  // Nobody reads it any more: what its client still sends would keep its end from being noticed, for ever.
  socket.once('finish', () => socket.destroy());
  const retryAfter = /^(429|503)/.test(status) ? `Retry-After: ${REFUSED_SECONDS}\r\n` : '';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${retryAfter}Content-Length: 0\r\n\r\n`);
}
