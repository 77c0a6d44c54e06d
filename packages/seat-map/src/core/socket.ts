import { type Client, createClient } from 'graphql-ws';
import { pauseMs } from './back-off.js';
import { ANSWER_AFTER_RESUME_MS_MAX } from './server-clock.js';
import type { Sink, Subscriber, Subscription } from './subscriber.js';

/** How often the server is pinged, because a dead connection reports nothing by itself. */
const PING_EVERY_MS = 8_000;
const PONG_MS_MAX = 4_000;
/** Until the server has accepted a connection. Some proxies accept it, and pass nothing on. */
const CONNECT_MS_MAX = 10_000;
/** A ping of the graphql-transport-ws protocol. */
const PING = JSON.stringify({ type: 'ping' });
const RECONNECT = { firstMs: 250, longestMs: 8_000 };
/** An idle socket stays open this long for the next subscriptions. */
const IDLE_MS_MAX = 2_000;
/** The close code of a socket whose session has ended or is invalid. */
const FORBIDDEN = 4403;
/** The close code for a socket that this client gives up. */
const TERMINATED = 4499;
const OPEN = 1;

const isOffline = () => globalThis.navigator?.onLine === false;

export interface SocketEvents {
  /** The connection is lost, or can no longer be trusted. */
  lost(): void;
  /** A message has arrived, and is not handled yet. */
  message(): void;
  sessionEnded(): void;
  /** The server has accepted the connection. */
  connected(): void;
  /** The server has not accepted a connection, although the device is online. */
  failed(): void;
}

/** The client's one WebSocket. It reconnects as long as there are subscriptions. */
export class LiveSocket implements Subscriber {
  readonly #client: Client;
  /** Ends the pause before the next attempt. */
  #retryNow: () => void = () => {};
  /** Gives the connection up that does not answer. */
  #silence: ReturnType<typeof setTimeout> | undefined;
  #open: WebSocket | undefined;

  constructor(
    url: string,
    implementation: typeof WebSocket,
    authorization: () => string | undefined | Promise<string | undefined>,
    private readonly events: SocketEvents,
  ) {
    this.#client = createClient({
      url,
      webSocketImpl: class extends implementation {
        constructor(address: string | URL, protocols?: string | string[]) {
          super(address, protocols);
          // Before the message is handled: if it waited while the device slept, it is as old as the sleep was long.
          this.addEventListener('message', () => events.message());
        }
      },
      connectionParams: async () => {
        const token = await authorization();
        return token === undefined ? {} : { authorization: token };
      },
      lazyCloseTimeout: IDLE_MS_MAX,
      keepAlive: PING_EVERY_MS,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) => this.#pause(retries),
      // Also after 4403: the next socket has no session, and the map is public. For errors that graphql-ws considers fatal, it
      // does not call this.
      shouldRetry: () => true,
      on: {
        connecting: () => this.#expectAnswer(CONNECT_MS_MAX),
        ping: (received) => {
          if (!received) this.#expectAnswer(PONG_MS_MAX);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#silence);
        },
        connected: (socket) => {
          clearTimeout(this.#silence);
          this.#open = socket as WebSocket;
          events.connected();
        },
        closed: (event) => {
          clearTimeout(this.#silence);
          const wasOpen = this.#open !== undefined;
          this.#open = undefined;
          events.lost();
          const { code } = event as { readonly code?: unknown };
          if (code === FORBIDDEN) events.sessionEnded();
          else if (!wasOpen && code !== TERMINATED && !isOffline()) events.failed();
        },
      },
    });
  }

  subscribe<Data>(subscription: Subscription, sink: Sink<Data>): () => void {
    return this.#client.subscribe(subscription as never, sink as never);
  }

  /** Opens a new socket for another user: a socket keeps its user. Subscriptions continue over the new one. */
  reopen(): void {
    this.#client.terminate();
    this.#retryNow();
  }

  /** Connects at once, or pings the server: the connection may have died while the device slept. */
  check(): void {
    this.#retryNow();
    if (this.#open?.readyState !== OPEN) return;
    this.#open.send(PING);
    this.#expectAnswer(ANSWER_AFTER_RESUME_MS_MAX);
  }

  /** The connection is dead, although it has not been closed. */
  lose(): void {
    this.events.lost();
    this.#client.terminate();
  }

  close(): void {
    void this.#client.dispose();
  }

  #expectAnswer(withinMs: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      if (this.#open === undefined && !isOffline()) this.events.failed();
      this.lose();
    }, withinMs);
  }

  async #pause(retries: number): Promise<void> {
    // Offline, attempts are rare. They go on because a local server may still be reachable.
    const backOff = isOffline() ? { ...RECONNECT, firstMs: RECONNECT.longestMs } : RECONNECT;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs(backOff, retries));
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
