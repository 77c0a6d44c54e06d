import { type ApiError, apiErrorOf, retryAfterMsOf } from './api-error.js';
import { resumePauseMs } from './back-off.js';
import { SeatUpdatesDocument, type SeatUpdatesSubscription } from './generated/operations.js';
import { requestOf } from './http.js';
import type { ResumeDetector } from './resume-detector.js';
import { isRetryable } from './retry.js';
import type { ServerClock } from './server-clock.js';
import { Store } from './store.js';
import type { Subscriber } from './subscriber.js';
import { type MapStart, type SeatUpdate, VersionedMap } from './versioned-map.js';

export interface LiveSeatMapSource {
  /** Reads the map with its letters; null if there is no such event. Undefined: the first message is the map. */
  readonly read: ((eventId: string) => Promise<MapStart | null>) | undefined;
  readonly connection: Subscriber;
  readonly clock: Pick<ServerClock, 'receive'>;
  readonly resumeDetector: Pick<ResumeDetector, 'onResume'>;
}

export interface SeatMapSnapshot {
  /** Whether the statuses are those of this moment. Otherwise seats may have changed, and nobody knows. */
  readonly isLive: boolean;
  /** Why the map could not be read; null after it was. All but a final refusal are retried. */
  readonly error: ApiError | 'no answer' | null;
  /** Null until the map is read, and while a wrong map is replaced. */
  readonly version: number | null;
  /**
   * By seat number - 1, with the numbers of `AVAILABLE`, `LOCKED` and so on. Empty until the map is read. The array is changed
   * in place, so that a message about ten seats costs ten bytes: copy it to keep it.
   */
  readonly statuses: Uint8Array;
  /** How many seats are shown as what. Null before the first message. */
  readonly availability: SeatUpdate['availability'] | null;
  /** The server's time of the last message, in ms since the epoch; 0 before the first one. */
  readonly receivedAtMs: number;
  /** When the last answer or message came, by performance.now(); 0 before the first one. */
  readonly arrivedAtMs: number;
}

const READ_AGAIN_MS = 3_000;

/**
 * The live map of one event. It is read once and then updated by the subscription, which resumes from the map's version after
 * every interruption. The map is live from the first message of a connection until that connection is lost. Between
 * connections it keeps its last state.
 *
 * Every message has a digest of the whole map. If it differs from this map's, the map is replaced by a new one.
 *
 * After the device has slept, the map subscribes again: messages of the old subscription may be as old as the sleep was long.
 *
 * Listeners are called with the seats whose status changed. Without seats, something else changed.
 */
export class LiveSeatMap extends Store<SeatMapSnapshot, readonly number[]> {
  readonly #map = new VersionedMap();
  #snapshot: SeatMapSnapshot;
  /** Of the last message. */
  #received: SeatMapSnapshot['availability'] = null;
  #unsubscribe: () => void = () => {};
  #stopListening: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** How often the subscription has ended, or has brought a wrong map, since its last right message. */
  #failures = 0;

  constructor(
    private readonly source: LiveSeatMapSource,
    readonly eventId: string,
  ) {
    super();
    this.#snapshot = {
      ...{ isLive: false, error: null, availability: null, receivedAtMs: 0, arrivedAtMs: 0 },
      ...{ version: null, statuses: this.#map.statuses },
    };
  }

  readonly getSnapshot = (): SeatMapSnapshot => this.#snapshot;

  /**
   * Shows these seats as locked, if they are available, before a call has locked them.
   *
   * @returns undoes it, except for seats of which a message has told meanwhile, and the given ones, which somebody else has
   */
  assumeLocked(seatNumbers: readonly number[]): (except?: readonly number[]) => void {
    const { changed, undo } = this.#map.assumeLocked(seatNumbers);
    this.#change({}, changed);
    return (except) => this.#change({}, undo(except));
  }

  protected open(): void {
    this.#stopListening = this.source.resumeDetector.onResume(() => {
      if (this.#map.version !== null || this.source.read === undefined) this.#resume();
    });
    if (this.#map.version === null && this.source.read !== undefined) void this.#read(this.source.read);
    else this.#subscribe();
  }

  protected close(): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#unsubscribe = () => {};
    this.#stopListening();
    this.#change({ isLive: false });
  }

  async #read(read: NonNullable<LiveSeatMapSource['read']>): Promise<void> {
    try {
      const start = await read(this.eventId);
      // Meanwhile it may also have been closed and opened again.
      if (!this.isOpen || this.#map.version !== null) return;
      if (start === null) return this.#change({ error: EVENT_NOT_FOUND });
      const changed = this.#map.start(start);
      this.#change({ error: null, arrivedAtMs: performance.now() }, changed);
      this.#subscribe();
    } catch (error) {
      if (!this.isOpen) return;
      this.#change({ error: apiErrorOf(error) ?? 'no answer' });
      if (!isRetryable(error)) return;
      const pauseMs = Math.max(READ_AGAIN_MS, retryAfterMsOf(error));
      this.#timer = setTimeout(() => void this.#read(read), pauseMs);
    }
  }

  #subscribe(): void {
    const map = this.#map;
    let hasEnded = false;
    const retry = (error?: unknown) => {
      if (hasEnded) return;
      hasEnded = true;
      const refusal = error === undefined ? null : apiErrorOf(error);
      this.#change({ isLive: false, ...(refusal !== null && { error: refusal }) });
      if (refusal?.code === 'EVENT_NOT_FOUND') return;
      this.#timer = setTimeout(() => this.#subscribe(), resumePauseMs(this.#failures, error));
      this.#failures += 1;
    };
    const variables = {
      eventId: this.eventId,
      // A getter: after an interruption the operation is sent again, with the version of that time.
      get since() {
        return map.version;
      },
    };
    const stop = this.source.connection.subscribe<SeatUpdatesSubscription>(
      { ...requestOf(SeatUpdatesDocument, {} as never), variables },
      {
        next: ({ data }) => {
          if (!hasEnded && data) this.#receive(data.seatAvailabilityChanged);
        },
        error: retry,
        complete: () => retry(),
        lost: () => this.#change({ isLive: false }),
      },
    );
    this.#unsubscribe = () => {
      hasEnded = true;
      stop();
    };
    // It may have ended at once.
    if (hasEnded) stop();
  }

  /** Subscribes again from the map's version. The map is not live until the answer. */
  #resume(pauseMs = 0): void {
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#change({ isLive: false });
    if (pauseMs === 0) this.#subscribe();
    else this.#timer = setTimeout(() => this.#subscribe(), pauseMs);
  }

  #receive(update: SeatUpdate): void {
    const arrivedAtMs = performance.now();
    this.source.clock.receive(update.serverTime);
    const applied = this.#map.apply(update);
    if (applied.kind === 'gap') {
      this.#resume();
    } else if (applied.kind === 'wrong') {
      // The first time at once.
      const pauseMs = this.#failures === 0 ? 0 : resumePauseMs(this.#failures, undefined);
      this.#failures += 1;
      this.#resume(pauseMs);
      this.#change({ arrivedAtMs }, applied.changed);
    } else if (applied.kind === 'known') {
      // Its numbers are older than the map.
      this.#change({ isLive: true, error: null, arrivedAtMs });
    } else {
      this.#failures = 0;
      this.#received = update.availability;
      const receivedAtMs = Date.parse(update.serverTime);
      this.#change({ isLive: true, error: null, arrivedAtMs, receivedAtMs }, applied.changed);
    }
  }

  /** Another object only if a number has changed. */
  #availability(): SeatMapSnapshot['availability'] {
    const { availability: shown } = this.#snapshot;
    if (this.#received === null) return null;
    const { availableSeats, lockedSeats } = this.#received;
    const { assumedLocks } = this.#map;
    const now = {
      ...this.#received,
      availableSeats: availableSeats - assumedLocks,
      lockedSeats: lockedSeats + assumedLocks,
    };
    return JSON.stringify(now) === JSON.stringify(shown) ? shown : now;
  }

  #change(change: Partial<SeatMapSnapshot>, changed: readonly number[] = []): void {
    const { version, statuses } = this.#map;
    const next = { ...this.#snapshot, ...change, version, statuses, availability: this.#availability() };
    const isSame =
      changed.length === 0 &&
      (Object.keys(next) as (keyof SeatMapSnapshot)[]).every((key) => next[key] === this.#snapshot[key]);
    if (isSame) return;
    this.#snapshot = next;
    this.notify(changed);
  }
}

const EVENT_NOT_FOUND: ApiError = {
  ...{ code: 'EVENT_NOT_FOUND', message: 'There is no such event.', details: {} },
};
