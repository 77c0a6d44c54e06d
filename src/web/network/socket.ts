import { type Client, createClient } from 'graphql-ws';
import { pauseMs } from './back-off.js';
import type { ResumeDetector } from './resume-detector.js';
import { ANSWER_AFTER_WAKE_MS_MAX } from './server-clock.js';
import { FORBIDDEN, type SessionEnd } from './session-end.js';

const URL_OF_SOCKET = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;
/** How often it is asked whether the server is still there; a connection that has died says nothing by itself. */
const PING_EVERY_MS = 8_000;
const PONG_MS_MAX = 4_000;
/** As the graphql-transport-ws protocol has it. */
const PING = JSON.stringify({ type: 'ping' });
const RECONNECT = { firstMs: 250, longestMs: 8_000 };
/** Kept open this long for the next page's subscriptions. */
const IDLE_MS_MAX = 2_000;

/** The page's one WebSocket, which comes back by itself for as long as somebody subscribes. */
export class LiveSocket {
  readonly client: Client;
  readonly #lost = new Set<() => void>();
  /** Ends the pause before the next try. */
  #retryNow: () => void = () => {};
  #pong: ReturnType<typeof setTimeout> | undefined;
  #open: WebSocket | undefined;

  constructor(sessionEnd: SessionEnd, wake: ResumeDetector) {
    this.client = createClient({
      url: URL_OF_SOCKET,
      webSocketImpl: class extends WebSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
          super(url, protocols);
          // First of all: a message that waited while the device slept is as old as the sleep was long.
          this.addEventListener('message', () => wake.check());
        }
      },
      lazy: true,
      lazyCloseTimeout: IDLE_MS_MAX,
      keepAlive: PING_EVERY_MS,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) => this.#pause(retries),
      // Also after 4403: a session that is over ends its socket, the next one is nobody's, and the map is for everybody.
      // What the library takes for lasting (a message it could not read, and the like) it does not ask about.
      shouldRetry: () => true,
      on: {
        ping: (received) => {
          if (!received) this.#expectPong(PONG_MS_MAX);
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pong);
        },
        connected: (socket) => {
          this.#open = socket as WebSocket;
        },
        closed: (event) => {
          clearTimeout(this.#pong);
          this.#open = undefined;
          this.#notifyLost(false);
          if ((event as { readonly code?: unknown }).code === FORBIDDEN) sessionEnd.sessionEnded();
        },
      },
    });
    window.addEventListener('online', () => this.#retryNow());
    window.addEventListener('offline', () => this.#notifyLost(true));
  }

  /** Calls back whenever the connection is lost, or can no longer be trusted. */
  onLost(listener: () => void): () => void {
    this.#lost.add(listener);
    return () => this.#lost.delete(listener);
  }

  /** As somebody else: a socket keeps the user that it was opened for. Subscriptions go on over the next one. */
  reopen(): void {
    this.client.terminate();
    this.#retryNow();
  }

  /** Asks at once whether the server is still there; a connection may have died while the device slept. */
  check(): void {
    this.#retryNow();
    if (this.#open?.readyState !== WebSocket.OPEN) return;
    this.#open.send(PING);
    this.#expectPong(ANSWER_AFTER_WAKE_MS_MAX);
  }

  #expectPong(withinMs: number): void {
    clearTimeout(this.#pong);
    this.#pong = setTimeout(() => this.#notifyLost(true), withinMs);
  }

  #notifyLost(terminate: boolean): void {
    for (const listener of this.#lost) listener();
    if (terminate) this.client.terminate();
  }

  async #pause(retries: number): Promise<void> {
    // A device that knows that it is off the net is not in a hurry; it may still be wrong about a server on itself.
    const backOff = navigator.onLine ? RECONNECT : { ...RECONNECT, firstMs: RECONNECT.longestMs };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs(backOff, retries));
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
