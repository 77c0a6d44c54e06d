import type { Duplex } from 'node:stream';
import { CloseCode } from 'graphql-ws';
import type { RawData, WebSocket } from 'ws';
import { type Clock, monotonicMs } from '../../core/clock.js';
import type { Log } from '../../core/log.js';
import type { BroadcastConnection, FrameParts } from '../broadcast/broadcast.js';
import { UNREAD_BYTES_MAX, UNREAD_MESSAGES_MAX, UnreadMessages } from './backpressure.js';
import { inflateWholeMessages } from './inflate.js';
import type { SharedBuffers } from './shared-buffers.js';
import type { WriteCoalescer } from './write-coalescer.js';

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
const EMPTY = Buffer.alloc(0);

export interface WebSocketConnectionOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a socket may leave every message unread. */
  readonly slowReaderMsMax: number;
}

/** What all sockets of a server use together. */
export interface SharedByConnections {
  readonly sharedBuffers: SharedBuffers;
  readonly writeCoalescer: WriteCoalescer;
}

/** One socket. It knows nothing of GraphQL. */
export class WebSocketConnection implements BroadcastConnection {
  readonly #unread: UnreadMessages;
  /** Messages, pings and pongs received since the last check. */
  #frames = 0;
  #pingedMs = monotonicMs();
  #answersPings = true;
  readonly compresses: boolean;

  constructor(
    private readonly socket: WebSocket,
    /** The connection under the socket. It is between two frames whenever no code of `ws` runs. */
    private readonly transport: Duplex,
    readonly address: string,
    private readonly shared: SharedByConnections,
    private readonly options: WebSocketConnectionOptions,
  ) {
    this.#unread = new UnreadMessages(shared.sharedBuffers, options.clock);
    this.compresses = inflateWholeMessages(socket);
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

  get unreadBytes(): number {
    return this.#unread.bytes;
  }

  get isStalled(): boolean {
    return this.isOpen && this.#unread.isStalled;
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
    if (!this.#canSend()) return Promise.resolve();
    const [first = EMPTY, ...shared] = parts;
    return new Promise((resolve) => {
      this.#cork(first.length, shared, resolve);
      parts.forEach((part, index) => {
        // Not compressed: the length of compressed private data would reveal something about it.
        this.socket.send(part, { binary: false, compress: false, fin: index === parts.length - 1 });
      });
    });
  }

  writeCoalesced(makeFrame: () => FrameParts, drained: () => void): boolean {
    if (!this.#canSend()) return true;
    const frame = makeFrame();
    this.#cork(frame[0].length, frame.slice(1), drained);
    for (const part of frame) this.transport.write(part);
    return false;
  }

  /** Holds back what is written from now on until the end of this event-loop task. */
  #cork(ownBytes: number, shared: readonly Buffer[], drained: () => void): void {
    this.shared.writeCoalescer.cork(this.transport, () => this.#afterWrite(ownBytes, shared, drained));
  }

  writeNow(
    frame: readonly Buffer[],
    shared: readonly Buffer[],
    ownBytes: number,
    drained: () => void,
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
    this.#afterWrite(ownBytes, shared, drained);
    return 'buffered';
  }

  #afterWrite(ownBytes: number, shared: readonly Buffer[], drained: () => void): void {
    if (this.transport.writableLength === 0) {
      drained();
      return;
    }
    const left = this.#unread.add(ownBytes, shared);
    // An empty write comes after everything that waits. Its callback is called once all of that has left.
    this.transport.write(EMPTY, () => {
      left();
      drained();
    });
  }

  /** @returns whether the socket is open and may have one more message waiting; one with too many is closed */
  #canSend(): boolean {
    if (!this.isOpen) return false;
    if (this.socket.bufferedAmount <= UNREAD_BYTES_MAX && this.#unread.count < UNREAD_MESSAGES_MAX)
      return true;
    this.close(TRY_AGAIN_LATER, 'Reading too slowly');
    return false;
  }

  /** @param reason for people, at most 123 bytes */
  close(code: number, reason: string): void {
    this.socket.close(code, reason);
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

  /**
   * Called once a second. Closes a socket that reads too slowly, cuts one that answers no ping, and pings the others.
   */
  check(): void {
    this.#frames = 0;
    if (!this.isOpen) return;
    if (this.#unread.readsTooSlowly()) {
      this.close(TRY_AGAIN_LATER, 'Reading too slowly');
      return;
    }
    if (this.#unread.isStalled) {
      if (this.#unread.stalledMs > this.options.slowReaderMsMax)
        this.close(TRY_AGAIN_LATER, 'Reading too slowly');
      // A missing pong proves nothing now, because the client may not have read the ping yet.
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
