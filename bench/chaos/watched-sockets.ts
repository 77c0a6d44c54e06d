import { once } from 'node:events';
import { WebSocket } from 'ws';
import { SEAT_AVAILABILITY_CHANGED } from '../rush/operations.js';

/** How long a socket may take until it has its first message. */
const READY_MS_MAX = 15_000;
/** The code of a socket that was not closed. */
export const NOT_CLOSED = 0;

/** Sockets that subscribe to a map and do not reconnect, to check how they are closed. */
export class WatchedSockets {
  readonly #sockets: WebSocket[] = [];
  readonly #codes: number[] = [];

  static async open(url: string, eventId: string, count: number): Promise<WatchedSockets> {
    const watched = new WatchedSockets();
    await Promise.all(Array.from({ length: count }, (_, index) => watched.#open(url, eventId, index)));
    return watched;
  }

  /** The close code of each socket so far. */
  get codes(): readonly number[] {
    return this.#codes;
  }

  end(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async #open(url: string, eventId: string, index: number): Promise<void> {
    const address = new URL('/graphql', url);
    address.protocol = 'ws:';
    const socket = new WebSocket(address, 'graphql-transport-ws');
    this.#sockets.push(socket);
    this.#codes[index] = NOT_CLOSED;
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.#codes[index] = code;
    });
    const signal = AbortSignal.timeout(READY_MS_MAX);
    await once(socket, 'open', { signal });
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await once(socket, 'message', { signal });
    const payload = { query: SEAT_AVAILABILITY_CHANGED, variables: { eventId } };
    socket.send(JSON.stringify({ type: 'subscribe', id: 'map', payload }));
    await once(socket, 'message', { signal });
  }
}
