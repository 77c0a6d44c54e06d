import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';
import { UNREAD_BYTES_TOTAL_MAX } from './backpressure.js';
import { TRY_AGAIN_LATER, WebSocketConnection, type WebSocketConnectionOptions } from './connection.js';
import { DEFLATE_OPTIONS, declineUnsupportedOffers } from './inflate.js';
import { SharedBuffers } from './shared-buffers.js';
import { WriteCoalescer } from './write-coalescer.js';

/** How often every socket is checked: does it still answer, does it still read? */
const CHECK_EVERY_MS = 1_000;
/** Fragments of one message. Each costs as much as a message, and empty ones never exceed the maximum size. */
const FRAGMENTS_MAX = 128;
/** How long a client may take to answer a close before its connection is cut. */
const CLOSE_MS_MAX = 3_000;
const GOING_AWAY = 1001;
/** When a refused client may try again: one of its address's sockets has to close first, or the server to restart. */
const REFUSED_SECONDS = 5;

export interface WebSocketConnectionsOptions extends WebSocketConnectionOptions {
  readonly socketsPerAddressMax: number;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Called for every new connection with its upgrade request. @returns a function to call once it is closed */
  readonly opened: (
    connection: WebSocketConnection,
    request: IncomingMessage,
  ) => (code: number, reason: string) => Promise<void>;
}

/** The sockets of a server: accepts, checks and closes them. It knows nothing of GraphQL. */
export class WebSocketConnections {
  readonly #server: WebSocketServer;
  readonly #connections = new Set<WebSocketConnection>();
  readonly #countOfAddress = new Map<string, number>();
  readonly #shared = { sharedBuffers: new SharedBuffers(), writeCoalescer: new WriteCoalescer() };
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

  /** The number of sockets that have not started to read what was sent to them. */
  get stalled(): number {
    let stalled = 0;
    for (const connection of this.#connections) if (connection.isStalled) stalled += 1;
    return stalled;
  }

  /** Accepts no more sockets, closes every one with 1001, and resolves once they are closed. */
  async close(): Promise<void> {
    clearInterval(this.#checks);
    this.#closing = true;
    for (const connection of this.#connections) connection.close(GOING_AWAY, 'The server is stopping');
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Called once a second. If too much is unread in total, it closes the sockets with most unread bytes. */
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
    const connection = new WebSocketConnection(webSocket, transport, address, this.#shared, this.options);
    this.#connections.add(connection);
    this.#countOfAddress.set(address, (this.#countOfAddress.get(address) ?? 0) + 1);
    const closed = this.options.opened(connection, request);
    webSocket.once('close', (code, reason) => {
      this.#connections.delete(connection);
      const left = (this.#countOfAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#countOfAddress.set(address, left);
      else this.#countOfAddress.delete(address);
      closed(code, String(reason)).catch((error: unknown) => {
        this.options.log.error({ err: error }, 'A closed socket could not be cleaned up');
      });
    });
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  // Nobody reads this connection. Unread data from the client would prevent its end from being noticed.
  socket.once('finish', () => socket.destroy());
  const retryAfter = /^(429|503)/.test(status) ? `Retry-After: ${REFUSED_SECONDS}\r\n` : '';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${retryAfter}Content-Length: 0\r\n\r\n`);
}
