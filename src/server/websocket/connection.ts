import type { Duplex } from 'node:stream';
import { CloseCode } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { monotonicMs } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import {
  ClientConnection,
  type ClientConnectionOptions,
  type SharedByConnections,
} from '../connections/client-connection.js';
import { inflateWholeMessages } from './inflate.js';

/** The time between two pings. A socket that has not answered the last one by then is cut. */
const KEEP_ALIVE_MS = 12_000;
/** Messages, pings and pongs that a socket may send between two checks: a hundred times what any client needs. */
export const FRAMES_PER_CHECK_MAX = 5_000;
/**
 * A message counts once more for each so many bytes after inflating: it may be a thousand times longer than it was
 * sent.
 */
export const BYTES_PER_FRAME = 4 * 1024;
/** "Try again later": clients reconnect after it. It is not one of the protocol's own codes. */
export const TRY_AGAIN_LATER = 1013;
/** Clients do not reconnect after it. */
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;
const EMPTY = Buffer.alloc(0);

export interface WebSocketConnectionOptions extends ClientConnectionOptions {
  readonly log: Log;
}

/** One socket. It knows nothing of GraphQL. */
export class WebSocketConnection extends ClientConnection {
  /** Messages, pings and pongs received since the last check. */
  #frames = 0;
  #pingedMs = monotonicMs();
  #answersPings = true;
  readonly encoding: 'websocket' | 'websocket-deflate';

  /** @param transport the connection under the socket. It is between two frames whenever no code of `ws` runs. */
  constructor(
    private readonly socket: WebSocket,
    transport: Duplex,
    address: string,
    shared: SharedByConnections,
    private readonly options: WebSocketConnectionOptions,
  ) {
    super(transport, address, shared, options);
    this.encoding = inflateWholeMessages(socket) ? 'websocket-deflate' : 'websocket';
    socket.on('pong', () => {
      this.#answersPings = true;
      // Counted too: a client may send pongs without having received a ping.
      this.#countFrame();
    });
    // `ws` answers the ping, and the answers wait like any other message.
    socket.on('ping', () => this.#countFrame());
    // A message was too large, or no WebSocket frame. `ws` has closed the socket already.
    socket.on('error', (error) => options.log.debug({ err: error }, 'A client broke the WebSocket protocol'));
  }

  get protocol(): string {
    return this.socket.protocol;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /**
   * Sends a message by `ws`. Resolves once it has left this process, so a source that awaits it has one message
   * waiting.
   */
  send(message: string): Promise<void> {
    return this.sendParts([Buffer.from(message)]);
  }

  /** Like `send`, as one fragment for each part. Other sockets may be sent all parts but the first as well. */
  sendParts(parts: readonly Buffer[]): Promise<void> {
    // Resolves also if the socket is closing: its users are notified of that anyway.
    if (!this.canSend()) return Promise.resolve();
    const [first = EMPTY, ...shared] = parts;
    return new Promise((resolve) => {
      this.cork(first.length, shared, resolve);
      parts.forEach((part, index) => {
        // Not compressed: the length of compressed private data would reveal something about it.
        this.socket.send(part, { binary: false, compress: false, fin: index === parts.length - 1 });
      });
    });
  }

  /** @param reason for people, at most 123 bytes */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  closeSlowReader(): void {
    this.close(TRY_AGAIN_LATER, 'Reading too slowly');
  }

  closeForStop(): void {
    this.close(GOING_AWAY, 'The server is stopping');
  }

  /**
   * Messages that arrive after the server has closed the socket are ignored: the client may take its time to answer.
   */
  onMessage(receive: (message: string) => Promise<void>): void {
    this.socket.on('message', (data: RawData) => {
      const message = String(data);
      // Ignored messages count too, because reading them takes time as well.
      if (!this.#countFrame(message.length) || !this.isOpen) return;
      receive(message).catch((error: unknown) => {
        this.options.log.error({ err: error }, 'A WebSocket message could not be handled');
        this.close(CloseCode.InternalServerError, 'Internal server error');
      });
    });
  }

  /** Counts a message, ping or pong. @returns false if it was one too many; then the socket is closed */
  #countFrame(length = 0): boolean {
    this.#frames += 1 + Math.floor(length / BYTES_PER_FRAME);
    if (this.#frames <= FRAMES_PER_CHECK_MAX) return true;
    this.close(POLICY_VIOLATION, 'Too many messages');
    // What the client sends from now on waits in its own network until the connection is cut.
    this.socket.pause();
    return false;
  }

  override check(): void {
    this.#frames = 0;
    super.check();
  }

  /** A missing pong proves nothing now, because the client may not have read the ping yet. */
  protected waitForReader(): void {
    this.#pingedMs = monotonicMs();
    this.#answersPings = true;
  }

  /** Pings the client, and cuts one that has not answered the last ping. */
  protected keepAlive(): void {
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
