import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { type OpenConnections, REFUSED_SECONDS } from '../connections/open-connections.js';
import { BODY_BYTES_MAX } from '../limits/operation-limits.js';
import { WebSocketConnection, type WebSocketConnectionOptions } from './connection.js';
import { DEFLATE_OPTIONS, declineUnsupportedOffers } from './inflate.js';

/** Fragments of one message. Each costs as much as a message, and empty ones never exceed the maximum size. */
const FRAGMENTS_MAX = 128;
/** How long a client may take to answer a close before its connection is cut. */
const CLOSE_MS_MAX = 3_000;

export interface WebSocketConnectionsOptions extends WebSocketConnectionOptions {
  readonly openConnections: OpenConnections;
  readonly isAllowedOrigin: (request: IncomingMessage) => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Called for every new connection with its upgrade request. @returns a function to call once it is closed */
  readonly opened: (
    connection: WebSocketConnection,
    request: IncomingMessage,
  ) => (code: number, reason: string) => Promise<void>;
}

/** Accepts the sockets of a server. It knows nothing of GraphQL. */
export class WebSocketConnections {
  readonly #server: WebSocketServer;
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
  }

  /** Accepts no more sockets. Resolves once all of them are closed. */
  async close(): Promise<void> {
    this.#closing = true;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { isAllowedOrigin, addressOf, openConnections } = this.options;
    const address = addressOf(request);
    const refusal =
      request.url?.split('?')[0] !== '/graphql'
        ? '404 Not Found'
        : !isAllowedOrigin(request)
          ? '403 Forbidden'
          : !openConnections.hasRoomFor(address)
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
    const { openConnections } = this.options;
    const connection = new WebSocketConnection(
      webSocket,
      transport,
      address,
      openConnections.shared,
      this.options,
    );
    const remove = openConnections.add(connection);
    const closed = this.options.opened(connection, request);
    webSocket.once('close', (code, reason) => {
      remove();
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
