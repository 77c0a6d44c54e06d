import { isSessionEnded } from './api-error.js';
import { callAll } from './call-all.js';
import { endpointOf } from './endpoint.js';
import { SeatMapDocument } from './generated/operations.js';
import { Http, type TypedDocument } from './http.js';
import { LiveConnection } from './live-connection.js';
import { LiveSeatMap } from './live-seat-map.js';
import { ResumeDetector } from './resume-detector.js';
import type { RetryOptions } from './retry.js';
import { SeatHold } from './seat-hold.js';
import { ServerClock } from './server-clock.js';
import { guestSession, type Session } from './session.js';
import { fallingBack, storageOf, type TextStorage } from './storage.js';
import type { Sink, Subscription } from './subscriber.js';

export interface SeatMapClientOptions {
  /** The address of the API's HTTP endpoint. Default: `/graphql` of the page's own server. */
  readonly endpoint?: string | URL;
  /** Default: a guest. */
  readonly session?: Session;
  /** Keeps what a reload must not lose: request ids of holds and check-outs. Default: sessionStorage. */
  readonly storage?: TextStorage;
  /**
   * How a map starts: with a query that reads one letter a seat, or with the subscription's SNAPSHOT, which is longer for maps
   * of more than some hundred taken seats and needs no HTTP.
   */
  readonly startWith?: 'query' | 'snapshot';
  readonly fetch?: typeof fetch;
  /** Null: subscriptions go over Server-Sent Events alone. Default: the global WebSocket, which Node.js has from version 22 on. */
  readonly webSocket?: typeof WebSocket | null;
  /** Called when the server has asked for a pause of so many ms, and a call waits. */
  readonly onWait?: (waitMs: number) => void;
  /** Called when the server has refused the session: it has expired, or was ended elsewhere. */
  readonly onSessionEnded?: () => void;
}

interface Disposable {
  dispose(): void;
}

export const createSeatMapClient = (options: SeatMapClientOptions = {}): SeatMapClient =>
  new SeatMapClient(options);

/** One server, in the name of one session. Stores of the same event are shared. */
export class SeatMapClient {
  readonly clock = new ServerClock();
  readonly resumeDetector = new ResumeDetector();
  readonly storage: TextStorage;
  readonly #session: Session;
  readonly #http: Http;
  readonly #connection: LiveConnection;
  /** What somebody still refers to, so that memory does not grow with the events that were looked at. */
  readonly #shared = new Map<string, WeakRef<object>>();
  readonly #viewerListeners = new Set<() => void>();
  readonly #stopWatching: () => void;
  #viewerId: string | null | undefined;

  constructor(private readonly options: SeatMapClientOptions) {
    const endpoint = endpointOf(options.endpoint ?? '/graphql');
    this.#session = options.session ?? guestSession();
    this.storage = options.storage ? fallingBack(options.storage) : storageOf('sessionStorage');
    this.#viewerId = this.#session.viewerId?.();
    const authorization = () => this.#session.authorization?.();
    // Called as a function of nothing: browsers refuse it as a method of another object.
    const send = options.fetch ?? ((input, init) => fetch(input, init));
    this.#http = new Http(endpoint, {
      ...{ fetch: send, authorization, credentials: this.#session.credentials ?? 'omit' },
    });
    this.#connection = new LiveConnection({
      socketUrl: endpoint.socket,
      webSocket: options.webSocket === undefined ? globalThis.WebSocket : (options.webSocket ?? undefined),
      authorization,
      postToStream: (subscription, signal) =>
        this.#http.post(endpoint.stream, subscription, { accept: 'text/event-stream', signal }),
      onMessage: () => this.resumeDetector.check(),
      onSessionEnded: () => this.#sessionEnded(),
    });
    // The first listener: messages that other listeners request then set the clock again.
    this.resumeDetector.onResume(() => {
      this.clock.doubt();
      this.#connection.check();
    });
    this.#stopWatching = this.resumeDetector.watch();
  }

  /** The live map of an event. It is open as long as somebody subscribes to it. */
  seatMap(eventId: string): LiveSeatMap {
    const { clock, resumeDetector, options } = this;
    const read = async (id: string) =>
      (await this.call(SeatMapDocument, { eventId: id })).event?.seatMap ?? null;
    return this.shared(`map ${eventId}`, () => {
      const source = { clock, resumeDetector, connection: this.#connection };
      return new LiveSeatMap(
        { ...source, read: options.startWith === 'snapshot' ? undefined : read },
        eventId,
      );
    });
  }

  /** What the viewer holds of an event, and the calls that hold, extend and release. */
  hold(eventId: string): SeatHold {
    const source = {
      ...{ call: this.call, resumeDetector: this.resumeDetector, clock: this.clock, storage: this.storage },
      ...{ ensureViewer: () => this.#ensureViewer(), viewerId: () => this.#viewerId },
      ...{ subscribe: this.subscribe, onViewer: this.onViewer, retryOptions: this.retryOptions },
      map: () => this.seatMap(eventId),
    };
    return this.shared(`hold ${eventId}`, () => new SeatHold(source, eventId));
  }

  /** The same object for the same key, as long as somebody refers to it. */
  shared<Value extends object>(key: string, create: () => Value): Value {
    const known = this.#shared.get(key)?.deref();
    if (known !== undefined) return known as Value;
    for (const [each, value] of this.#shared) if (value.deref() === undefined) this.#shared.delete(each);
    const created = create();
    this.#shared.set(key, new WeakRef(created));
    return created;
  }

  /** The id of the present user; null for nobody, undefined until it is known. */
  get viewerId(): string | null | undefined {
    return this.#viewerId;
  }

  readonly onViewer = (listener: () => void): (() => void) => {
    this.#viewerListeners.add(listener);
    return () => this.#viewerListeners.delete(listener);
  };

  /** Sends a query or a mutation. @throws SeatMapError if the server refused it or a part of it */
  readonly call = async <Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
  ): Promise<Data> => {
    try {
      return await this.#http.call(document, variables);
    } catch (error) {
      if (isSessionEnded(error)) this.#sessionEnded();
      throw error;
    }
  };

  /** Subscribes to anything else of the API. Its shape is that of graphql-ws. */
  readonly subscribe = <Data>(subscription: Subscription, sink: Sink<Data>): (() => void) =>
    this.#connection.subscribe(subscription, sink);

  /** Gets a file of the server, such as the seating plan of `seatingPlanUrl`. */
  json<Content>(path: string): Promise<Content> {
    return this.#http.json(path);
  }

  /** Says who the session belongs to, where the session itself does not know: null for nobody. */
  setViewer(viewerId: string | null | undefined): void {
    if (this.#viewerId === viewerId) return;
    this.#viewerId = viewerId;
    callAll(this.#viewerListeners);
  }

  /** After a log-in, a log-out or a new token: subscriptions continue over a connection in the new name. */
  sessionChanged(): void {
    this.#connection.reopen();
  }

  /** A call is not repeated after another user has signed in, as it would run in that user's name. */
  readonly retryOptions = (): RetryOptions => {
    const callerId = this.#viewerId;
    return { onWait: this.options.onWait, isWanted: () => this.#viewerId === callerId };
  };

  /** Ends all subscriptions. */
  close(): void {
    for (const value of this.#shared.values())
      (value.deref() as Partial<Disposable> | undefined)?.dispose?.();
    this.#stopWatching();
    this.#connection.close();
  }

  async #ensureViewer(): Promise<void> {
    const before = this.#viewerId;
    const viewerId = await this.#session.ensureViewer?.(this.call, this.clock);
    if (viewerId === undefined || viewerId === before) return;
    // A connection keeps the user that it was opened for.
    this.sessionChanged();
    this.setViewer(viewerId);
  }

  #sessionEnded(): void {
    this.#session.ended?.();
    if (this.#session.viewerId !== undefined) this.setViewer(this.#session.viewerId());
    this.options.onSessionEnded?.();
  }
}
