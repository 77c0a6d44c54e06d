import { pauseMs } from './back-off.js';
import { callAll } from './call-all.js';
import type { EventStreams } from './event-stream.js';
import { LiveSocket } from './socket.js';
import type { Sink, Subscriber, Subscription } from './subscriber.js';

/** After so many sockets in a row that could not be opened, they count as blocked. */
const FAILED_SOCKETS_MAX = 3;
const REOPEN_STREAM = { firstMs: 1_000, longestMs: 8_000 };
/** How often a socket is tried where they are blocked. */
const TRY_SOCKET_EVERY_MS = 5 * 60_000;

export interface LiveConnectionOptions {
  readonly socketUrl: string;
  /** Undefined where there are no sockets. */
  readonly webSocket: typeof WebSocket | undefined;
  readonly authorization: () => string | undefined | Promise<string | undefined>;
  /** Sends a subscription to the endpoint of event streams. */
  readonly postToStream: (subscription: Subscription, signal: AbortSignal) => Promise<Response>;
  /** Called before every message. */
  readonly onMessage: () => void;
  readonly onSessionEnded: () => void;
}

interface OpenSubscription {
  /** Opens it over the present transport. */
  readonly open: () => void;
  readonly lost: () => void;
  readonly cancel: () => void;
}

/**
 * Subscriptions over one WebSocket or, where sockets are blocked, over event streams. Changes by itself between the two, and
 * then opens all subscriptions anew.
 */
export class LiveConnection implements Subscriber {
  readonly #socket: LiveSocket | undefined;
  /** Undefined until it is needed, which is rarely. */
  #streams: EventStreams | undefined;
  readonly #subscriptions = new Set<OpenSubscription>();
  /** Undefined until its code is loaded. */
  #present: Subscriber | undefined;
  #failedSockets = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #online = () =>
    this.#present === this.#streams ? this.#streams?.reopen() : this.#socket?.check();
  readonly #offline = () => (this.#present === this.#streams ? this.#lost() : this.#socket?.lose());

  constructor(private readonly options: LiveConnectionOptions) {
    const { socketUrl, webSocket, authorization, onMessage, onSessionEnded } = options;
    this.#socket =
      webSocket &&
      new LiveSocket(socketUrl, webSocket, authorization, {
        lost: () => {
          if (this.#present === this.#socket) this.#lost();
        },
        message: onMessage,
        sessionEnded: onSessionEnded,
        connected: () => {
          this.#failedSockets = 0;
        },
        failed: () => {
          this.#failedSockets += 1;
          if (this.#failedSockets >= FAILED_SOCKETS_MAX) void this.#changeToStreams();
        },
      });
    this.#present = this.#socket;
    if (this.#socket === undefined) void this.#changeToStreams();
    globalThis.addEventListener?.('online', this.#online);
    globalThis.addEventListener?.('offline', this.#offline);
  }

  subscribe<Data>(subscription: Subscription, sink: Sink<Data>): () => void {
    let stop = () => {};
    let present: object | undefined;
    const lost = () => sink.lost?.();
    const open = () => {
      stop();
      const opened = {};
      present = opened;
      // A stopped subscription may still call its sink: graphql-ws completes it.
      const ifPresent =
        <Args extends unknown[]>(call: (...args: Args) => void, isEnd = false) =>
        (...args: Args) => {
          if (present !== opened) return;
          if (isEnd) cancel();
          callAll([call], ...args);
        };
      // Without a transport it is opened with the first one.
      const cancelOpened = this.#present?.subscribe<Data>(subscription, {
        next: ifPresent((result) => sink.next(result)),
        error: ifPresent((error) => sink.error(error), true),
        complete: ifPresent(() => sink.complete(), true),
        lost,
      });
      stop = cancelOpened ?? (() => {});
    };
    const entry = { open, lost, cancel: () => cancel() };
    const cancel = () => {
      present = undefined;
      this.#subscriptions.delete(entry);
      stop();
    };
    this.#subscriptions.add(entry);
    open();
    return cancel;
  }

  /** Continues all subscriptions as another user. */
  reopen(): void {
    if (this.#present === this.#streams) this.#streams?.reopen();
    else this.#socket?.reopen();
  }

  /** The device may have slept. Streams are opened anew by their users. */
  check(): void {
    if (this.#present === this.#socket) this.#socket?.check();
  }

  close(): void {
    clearTimeout(this.#timer);
    globalThis.removeEventListener?.('online', this.#online);
    globalThis.removeEventListener?.('offline', this.#offline);
    for (const { cancel } of [...this.#subscriptions]) cancel();
    this.#socket?.close();
  }

  async #changeToStreams(): Promise<void> {
    // The network may fail at this moment, too. Then the next socket that fails tries again.
    const loaded = await import('./event-stream.js').catch(() => undefined);
    if (loaded === undefined) return;
    this.#streams ??= new loaded.EventStreams(this.options.postToStream, {
      pauseMs: (attempts) => pauseMs(REOPEN_STREAM, attempts),
      message: this.options.onMessage,
      // The server is not there, or has no streams: the next attempt is a socket.
      failed: () => this.#socket && this.#change(this.#socket),
    });
    // A socket may have been opened meanwhile.
    if (this.#socket === undefined || this.#failedSockets >= FAILED_SOCKETS_MAX) this.#change(this.#streams);
  }

  #change(to: Subscriber): void {
    if (this.#present === to) return;
    this.#present = to;
    clearTimeout(this.#timer);
    if (to === this.#streams) this.#trySocketLater();
    this.#lost();
    for (const { open } of [...this.#subscriptions]) open();
  }

  #lost(): void {
    for (const { lost } of [...this.#subscriptions]) lost();
  }

  #trySocketLater(): void {
    this.#timer = setTimeout(() => {
      const { webSocket, socketUrl } = this.options;
      if (webSocket === undefined || this.#socket === undefined || this.#subscriptions.size === 0)
        return this.#trySocketLater();
      const socket = new webSocket(socketUrl, 'graphql-transport-ws');
      let isOpen = false;
      socket.addEventListener('open', () => {
        isOpen = true;
        socket.close(1000);
        if (this.#present === this.#streams) this.#change(this.#socket as LiveSocket);
      });
      socket.addEventListener('close', () => {
        if (!isOpen && this.#present === this.#streams) this.#trySocketLater();
      });
      socket.addEventListener('error', () => {});
    }, TRY_SOCKET_EVERY_MS);
    // Node would wait for it.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}
