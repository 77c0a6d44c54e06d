import type { ApolloClient } from '@apollo/client';
import { print } from 'graphql';
import type { Client } from 'graphql-ws';
import {
  SeatMapDocument,
  SeatUpdatesDocument,
  type SeatUpdatesSubscription,
} from '../graphql/generated/graphql.js';
import { retryAfterMsOf } from '../network/api-error.js';
import { resumePauseMs } from '../network/back-off.js';
import type { ResumeDetector } from '../network/resume-detector.js';
import type { ServerClock } from '../network/server-clock.js';
import type { LiveSocket } from '../network/socket.js';
import { MapState, type SeatUpdate } from './map-state.js';
import { measure } from './measure.js';
import type { Seating } from './seating.js';

export interface Counts {
  readonly totalSeats: number;
  readonly availableSeats: number;
  readonly lockedSeats: number;
  readonly bookedSeats: number;
}

export interface LiveMapSource {
  readonly client: Pick<ApolloClient, 'query'>;
  readonly socket: Pick<LiveSocket, 'client' | 'onLost'>;
  readonly clock: Pick<ServerClock, 'receive'>;
  readonly wake: Pick<ResumeDetector, 'onWake'>;
}

/** What moved: the seats whose status is another one, or just whether the map is live. */
type Listener = (changed: readonly number[]) => void;

const QUERY_AGAIN_AFTER_MS = 3_000;

const UPDATES = print(SeatUpdatesDocument);

/**
 * The live map of one event: read once, then kept up by the subscription, which resumes after every break from the
 * version that is here. It is live from the first message after a connection until that connection is lost; in between
 * it is what it last was, and says so. After a wake-up it is subscribed to again: only an answer that was asked for since
 * shows that the map is right, and what the old subscription still brings may be as old as the sleep was long.
 */
export class LiveMap {
  #state: MapState | undefined;
  #counts: Counts | undefined;
  #isLive = false;
  #failed = false;
  #receivedAtMs = 0;
  #readAtMs = 0;
  #revision = 0;
  #closed = false;
  /** How often the subscription was ended since it last told something. */
  #failedSubscriptions = 0;
  /** Where the seats are: known only once the event has been read, and the map is asked for at the same time. */
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
      source.wake.onWake(() => this.#resume()),
    ];
  }

  /** Undefined until the map has been read. */
  get state(): MapState | undefined {
    return this.#state;
  }

  get counts(): Counts | undefined {
    return this.#counts;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Whether the last try to read the map failed; it is tried again. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  /** When the server was last heard, by its own clock, in ms since the epoch. */
  get receivedAtMs(): number {
    return this.#receivedAtMs;
  }

  /** When its data had come, by the page's monotonic clock, in ms. */
  get readAtMs(): number {
    return this.#readAtMs;
  }

  /** Goes up with everything that a listener is told. */
  get revision(): number {
    return this.#revision;
  }

  open(): void {
    void this.#read();
  }

  /** Until then there is no map to show. */
  seat(seating: Seating): void {
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
      const [{ data }, { sections, totalSeats }] = await Promise.all([
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
      this.#state = new MapState(sections, totalSeats, data.event.seatMap);
      this.#failed = false;
      this.#notify([]);
      this.#subscribe();
    } catch (error) {
      if (this.#closed) return;
      this.#failed = true;
      this.#notify([]);
      this.#timer = setTimeout(
        () => void this.#read(),
        Math.max(QUERY_AGAIN_AFTER_MS, retryAfterMsOf(error)),
      );
    }
  }

  #subscribe(): void {
    const state = this.#state as MapState;
    let over = false;
    const again = (error?: unknown) => {
      if (over || this.#closed) return;
      over = true;
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
          // Read anew for each connection: the client sends the operation again after a break, as it is by then.
          get since() {
            return state.version;
          },
        },
      },
      {
        next: ({ data }) => {
          if (!over && data) this.#receive(data.seatAvailabilityChanged);
        },
        error: again,
        complete: () => again(),
      },
    );
    this.#unsubscribe = () => {
      over = true;
      stop();
    };
  }

  /** Subscribes again, from the version that is here; until the answer the map is not live. */
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
    this.#revision += 1;
    for (const listener of this.#listeners) listener(changed);
  }
}
