import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { OpenConnections } from '../../server/connections/open-connections.js';
import type { WebSocketConnection } from '../../server/websocket/connection.js';
import { WebSocketConnections } from '../../server/websocket/connections.js';
import { captureLog } from './captured-log.js';
import { ManualClock } from './manual-clock.js';

/** The server's side of a socket. */
export interface ServedConnection {
  readonly connection: WebSocketConnection;
  /** Messages that the server received. */
  readonly received: string[];
}

/** A WebSocket server without GraphQL. `first` resolves once its first socket is open. */
export async function startConnectionServer(): Promise<{
  readonly port: number;
  readonly first: Promise<ServedConnection>;
}> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  let opened: (served: ServedConnection) => void;
  const first = new Promise<ServedConnection>((resolve) => {
    opened = resolve;
  });
  const openConnections = new OpenConnections(100);
  const sockets = new WebSocketConnections(http, {
    clock: new ManualClock(),
    log: captureLog().log,
    slowReaderMsMax: 15_000,
    openConnections,
    isAllowedOrigin: () => true,
    addressOf: () => 'here',
    opened: (connection) => {
      const received: string[] = [];
      connection.onMessage(async (message) => void received.push(message));
      opened({ connection, received });
      return async () => undefined;
    },
  });
  onTestFinished(async () => {
    openConnections.closeForStop();
    await sockets.close();
    http.close();
  });
  return { port, first };
}

/** A client of `ws`, which offers compression by default, and the TCP socket below it. */
export async function openClient(port: number, options: ClientOptions = {}) {
  const client = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', options);
  onTestFinished(() => client.terminate());
  const connected = once(client, 'upgrade');
  await once(client, 'open');
  const [{ socket }] = (await connected) as [{ socket: Socket }];
  return { client, socket };
}

export async function nextMessage(client: WebSocket): Promise<string> {
  const [data] = (await once(client, 'message')) as [Buffer];
  return String(data);
}

/** So many bytes of something like a list of seats. */
export const seatListBytes = (length: number): Buffer =>
  Buffer.from('{"seatNumber":12,"status":"LOCKED"},'.repeat(length / 36 + 1).slice(0, length));
