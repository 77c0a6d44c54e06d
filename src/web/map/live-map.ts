import type { ApolloClient } from '@apollo/client';
import { print } from 'graphql';
import type { Client } from 'graphql-ws';
import type { ServerClock } from 'seat-map';
import { type Counts, measure, type Seating, type ShownMap } from 'seat-map/map';
import {
  SeatMapDocument,
  SeatUpdatesDocument,
  type SeatUpdatesSubscription,
} from '../graphql/generated/graphql.js';
import { retryAfterMsOf } from '../network/api-error.js';
import { resumePauseMs } from '../network/back-off.js';
import type { ResumeDetector } from '../network/resume-detector.js';
import type { LiveSocket } from '../network/socket.js';
import { MapState, type SeatUpdate } from './map-state.js';

export interface LiveMapSource {
  readonly client: Pick<ApolloClient, 'query'>;
  readonly socket: Pick<LiveSocket, 'client' | 'onLost'>;
  readonly clock: Pick<ServerClock, 'receive'>;
  readonly resumeDetector: Pick<ResumeDetector, 'onResume'>;
}

/** Called after every change, with the seats whose status changed. Without seats, only `isLive` changed. */
type Listener = (changed: readonly number[]) => void;

const QUERY_RETRY_MS = 3_000;

const UPDATES = print(SeatUpdatesDocument);

/**
 * The live map of one event. It is read once and then updated by the subscription, which resumes from the map's version after
 * every interruption. The map is live from the first message of a connection until that connection is lost. Between
 * connections it keeps its last state.
 *
 * After the device has slept, the map subscribes again: messages of the old subscription may be as old as the sleep was long.
 */
export class LiveMap implements ShownMap {
  #state: MapState | undefined;
  #counts: Counts | undefined;
  #isLive = false;
  #failed = false;
  #receivedAtMs = 0;
  #readAtMs = 0;
  #closed = false;
  /** How often the subscription has ended since its last message. */
  #failedSubscriptions = 0;
  /** Known once the event is read. The map is requested at the same time. */
  readonly #seating: Promise<Seating>;
  #provideSeating: (seating: Seating) => void = () => {};
  #unsubscribe: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #stopListening: readonly (() => void)[];

  constructor(
    private readonly source: LiveMapSource,
    readonly eventId: string,
  ) {
    this.#seating = new Promise((resolve) => {
      this.#provideSeating = resolve;
    });
    this.#stopListening = [
      source.socket.onLost(() => this.#setLive(false)),
      source.resumeDetector.onResume(() => this.#resume()),
    ];
  }

  /** Undefined until the map is read. */
  get state(): MapState | undefined {
    return this.#state;
  }

  get counts(): Counts | undefined {
    return this.#counts;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whether the last attempt to read the map failed. It is retried. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** The server time of the last message, in ms since the epoch. */
  get receivedAtMs(): number {
    return this.#receivedAtMs;
  }

  /** When the map was read, by the page's monotonic clock, in ms. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  open(): void {
    void this.#read();
  }

  /** There is no map to show before this call. */
  setSeating(seating: Seating): void {
    this.#provideSeating(seating);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    for (const stop of this.#stopListening) stop();
    this.#listeners.clear();
  }

  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #read(): Promise<void> {
    try {
      const [{ data }, seating] = await Promise.all([
        this.source.client.query({
          query: SeatMapDocument,
          variables: { eventId: this.eventId },
          fetchPolicy: 'no-cache',
        }),
        this.#seating,
      ]);
      if (this.#closed) return;
      if (!data?.event) return;
      this.#readAtMs = performance.now();
      this.#state = new MapState(seating, data.event.seatMap);
      this.#failed = false;
      this.#notify([]);
      this.#subscribe();
    } catch (error) {
      if (this.#closed) return;
      this.#failed = true;
      this.#notify([]);
      this.#timer = setTimeout(() => void this.#read(), Math.max(QUERY_RETRY_MS, retryAfterMsOf(error)));
    }
  }

  #subscribe(): void {
    const state = this.#state as MapState;
    let hasEnded = false;
    const retry = (error?: unknown) => {
      if (hasEnded || this.#closed) return;
      hasEnded = true;
      this.#setLive(false);
      this.#timer = setTimeout(() => this.#subscribe(), resumePauseMs(this.#failedSubscriptions, error));
      this.#failedSubscriptions += 1;
    };
    const client: Client = this.source.socket.client;
    const stop = client.subscribe<SeatUpdatesSubscription>(
      {
        query: UPDATES,
        variables: {
          eventId: this.eventId,
          // A getter: after an interruption the client sends the operation again, with the version of that time.
          get since() {
            return state.version;
          },
        },
      },
      {
        next: ({ data }) => {
          if (!hasEnded && data) this.#receive(data.seatAvailabilityChanged);
        },
        error: retry,
        complete: () => retry(),
      },
    );
    this.#unsubscribe = () => {
      hasEnded = true;
      stop();
    };
  }

  /** Subscribes again from the map's version. The map is not live until the answer. */
  #resume(): void {
    if (this.#state === undefined) return;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#setLive(false);
    this.#subscribe();
  }

  #receive(update: SeatUpdate): void {
    const startMs = performance.now();
    this.source.clock.receive(update.serverTime);
    const applied = (this.#state as MapState).apply(update);
    if (applied.kind === 'gap') {
      this.#resume();
      return;
    }
    this.#isLive = true;
    this.#failedSubscriptions = 0;
    this.#receivedAtMs = Date.parse(update.serverTime);
    this.#counts = update.availability;
    const changed = applied.kind === 'applied' ? applied.changed : [];
    this.#notify(changed);
    // After React, which renders in a microtask of the same task.
    queueMicrotask(() => measure('seat-map:change', startMs, { seats: changed.length }));
  }

  #setLive(isLive: boolean): void {
    if (this.#isLive === isLive) return;
    this.#isLive = isLive;
    this.#notify([]);
  }

  #notify(changed: readonly number[]): void {
    for (const listener of this.#listeners) listener(changed);
  }
}
