import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { monotonicMs } from '../../core/clock.js';
import type { FrameParts } from '../broadcast/broadcast.js';
import {
  ClientConnection,
  type ClientConnectionOptions,
  type SharedByConnections,
} from '../connections/client-connection.js';
import { COMMENT, COMPLETE_EVENT, EVENT_HEAD, EVENT_TAIL } from '../event-text.js';

/** The time between two comments. Proxies cut connections that are silent for longer, often after 60 s. */
const KEEP_ALIVE_MS = 12_000;
/** How long a client may take to read the end of its stream before its connection is cut. */
const CLOSE_MS_MAX = 3_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would hold back messages until it has some kilobytes of them.
  'x-accel-buffering': 'no',
};

/**
 * The answer to one request, as server-sent events. It knows nothing of GraphQL. Events are written past Node's response,
 * as the broadcast has them ready. So the answer is not chunked: it ends with its connection.
 */
export class EventStream extends ClientConnection {
  readonly encoding = 'event-stream';
  #isEnded = false;
  #keptAliveMs = monotonicMs();

  private constructor(
    private readonly response: ServerResponse,
    socket: Socket,
    address: string,
    shared: SharedByConnections,
    limits: ClientConnectionOptions,
  ) {
    super(socket, address, shared, limits);
  }

  /**
   * Answers with an event stream.
   *
   * @returns null if the client has sent this request before it had the answer to another one, or has gone away
   */
  static open(
    reply: FastifyReply,
    address: string,
    shared: SharedByConnections,
    limits: ClientConnectionOptions,
  ): EventStream | null {
    const { raw: response } = reply;
    const { socket } = response;
    if (socket === null || socket.destroyed) return null;
    reply.hijack();
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
    response.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...HEADERS });
    response.flushHeaders();
    // It may be silent for longer than a request.
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.write(COMMENT);
    return new EventStream(response, socket, address, shared, limits);
  }

  get isOpen(): boolean {
    return !this.#isEnded && this.transport.writable;
  }

  onClose(closed: () => void): void {
    this.transport.once('close', closed);
  }

  /**
   * Sends a result.
   *
   * @param json its parts
   * @returns resolves once it has left this process, or the stream has ended
   */
  send(json: readonly Buffer[]): Promise<void> {
    const frame: FrameParts = [EVENT_HEAD, ...json, EVENT_TAIL];
    return new Promise((resolve) => {
      if (this.writeCoalesced(() => frame, resolve)) resolve();
    });
  }

  /** Ends the stream because its operation has ended. The client does not open it again. */
  complete(): void {
    if (!this.isOpen) return;
    this.transport.write(COMPLETE_EVENT);
    this.#end();
  }

  /** Ends the stream in the middle of its operation. Clients open it again after a pause. */
  closeForStop(): void {
    if (this.isOpen) this.#end();
  }

  closeSlowReader(): void {
    this.#isEnded = true;
    this.transport.destroy();
  }

  #end(): void {
    this.#isEnded = true;
    this.response.end();
    const cut = setTimeout(() => this.transport.destroy(), CLOSE_MS_MAX);
    this.onClose(() => clearTimeout(cut));
  }

  protected waitForReader(): void {}

  /** Sends a comment, so that no proxy takes the connection for a dead one. */
  protected keepAlive(): void {
    if (monotonicMs() - this.#keptAliveMs < KEEP_ALIVE_MS) return;
    this.#keptAliveMs = monotonicMs();
    this.transport.write(COMMENT);
  }
}
