import { type Client, createClient } from 'graphql-ws';
import { ANSWER_AFTER_RESUME_MS_MAX } from 'seat-map';
import { pauseMs } from './back-off.js';
import type { ResumeDetector } from './resume-detector.js';
import { FORBIDDEN, type SessionEnd } from './session-end.js';

const URL_OF_SOCKET = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`;
/** How often the server is pinged, because a dead connection reports nothing by itself. */
const PING_EVERY_MS = 8_000;
const PONG_MS_MAX = 4_000;
/** A ping of the graphql-transport-ws protocol. */
const PING = JSON.stringify({ type: 'ping' });
const RECONNECT = { firstMs: 250, longestMs: 8_000 };
/** An idle socket stays open this long for the next page's subscriptions. */
const IDLE_MS_MAX = 2_000;

/** The page's one WebSocket. It reconnects as long as there are subscriptions. */
export class LiveSocket {
  readonly client: Client;
  readonly #lost = new Set<() => void>();
  /** Ends the pause before the next attempt. */
  #retryNow: () => void = () => {};
  #pong: ReturnType<typeof setTimeout> | undefined;
  #open: WebSocket | undefined;

  constructor(sessionEnd: SessionEnd, resumeDetector: ResumeDetector) {
    this.client = createClient({
      url: URL_OF_SOCKET,
      webSocketImpl: class extends WebSocket {
        constructor(url: string | URL, protocols?: string | string[]) {
          super(url, protocols);
          // Before the message is handled: if it waited while the device slept, it is as old as the sleep was long.
          this.addEventListener('message', () => resumeDetector.check());
        }
      },
      lazy: true,
      lazyCloseTimeout: IDLE_MS_MAX,
      keepAlive: PING_EVERY_MS,
      retryAttempts: Number.POSITIVE_INFINITY,
      retryWait: (retries) => this.#pause(retries),
      // Also after 4403: the next socket has no session, and the map is public. For errors that graphql-ws considers fatal, it
      // does not call this.
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

  /** Opens a new socket for another user: a socket keeps its user. Subscriptions continue over the new one. */
  reopen(): void {
    this.client.terminate();
    this.#retryNow();
  }

  /** Pings the server at once: the connection may have died while the device slept. */
  check(): void {
    this.#retryNow();
    if (this.#open?.readyState !== WebSocket.OPEN) return;
    this.#open.send(PING);
    this.#expectPong(ANSWER_AFTER_RESUME_MS_MAX);
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
    // Offline, attempts are rare. They go on because a local server may still be reachable.
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
