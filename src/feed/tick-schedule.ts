import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedObserver } from './feed-observer.js';
import type { SeatChange } from './feed-source.js';
import type { SeatUpdate } from './seat-update.js';

/** Shortest time between two ticks; changes in between are merged. An operator can set another one. */
export const TICK_MS = 30;
/** The longest delay that an overloaded server adds between two ticks. */
const TICK_DELAY_MS_MAX = 1_000;
/**
 * While a batch is in progress, a tick waits for its changes too: one message with both costs half as much as two. It waits at
 * most as long as the tick itself will take (16 µs per message, bench:live --scenario deliver), up to a limit.
 */
const GATHER_MS_PER_WATCHER = 0.016;
const GATHER_MS_MAX = 40;
/** Delay before the next tick, as a multiple of the time that the last one took: where few seats change, and where many do. */
const TICK_DELAY_FACTOR_MIN = 0.5;
const TICK_DELAY_FACTOR_MAX = 5;
/** The factor grows by 1 with every so many changed seats per second, so that the server has time for the bookings. */
export const SEATS_PER_SECOND_PER_DELAY_FACTOR = 100;
/** Watchers notified in one event-loop slice. Another slice costs as much as seven messages. */
export const SLICE_WATCHERS_MAX = 200;
/** The same while batches are in progress: each answer of the database needs the event loop. */
export const SLICE_WATCHERS_DURING_BATCH_MAX = 50;
/** Longest event-loop slice, for watchers that take long. */
export const SLICE_MS_MAX = 10;
/** Calls that one log line names at most. */
const LOGGED_CALLS_MAX = 1_000;

/**
 * Notified at every tick. One listener stands for one watcher or for many.
 *
 * @param now the tick's time
 * @returns whether it has more watchers to notify: it is called again in the next event-loop slice
 */
export type TickListener = (now: Date) => boolean;

/** The map whose watchers are notified. */
export interface TickingMap {
  readonly eventId: string;
  readonly version: number;
  readonly watchers: number;
  now(): Date;
}

/** A tick in progress. */
interface Tick {
  readonly now: Date;
  /** The update for each watcher's version. All watchers get the map of the same version, even if it changes meanwhile. */
  readonly updates: Map<number, SeatUpdate>;
}

/** Decides when the watchers of one map are notified, and notifies them in event-loop slices. */
export class TickSchedule {
  /** Undefined between ticks. */
  current: Tick | undefined;
  readonly #listeners = new Set<TickListener>();
  #timer: NodeJS.Timeout | undefined;
  /** The pending tick only waits for the changes of a batch in progress. */
  #isGathering = false;
  #nextTickMs = Number.NEGATIVE_INFINITY;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  #changedDuringTick = false;
  /** The calls whose changes the next tick sends. */
  #pendingCorrelationIds: string[] = [];
  /** The number of seats that these changes have. */
  #pendingSeats = 0;
  #closed = false;

  constructor(
    private readonly map: TickingMap,
    private readonly tickMs: number,
    private readonly isBatchInProgress: () => boolean,
    private readonly log: Log,
    private readonly observer: Pick<FeedObserver, 'tickEnded'>,
  ) {}

  /** @returns a call that removes the listener */
  add(listener: TickListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isPending(): boolean {
    return this.#timer !== undefined || this.#changedDuringTick;
  }

  get sliceWatchersMax(): number {
    return this.isBatchInProgress() ? SLICE_WATCHERS_DURING_BATCH_MAX : SLICE_WATCHERS_MAX;
  }

  /** The next tick will send this change. */
  recordPending({ seats, correlationIds = [] }: SeatChange): void {
    this.#pendingSeats += seats.length;
    const free = LOGGED_CALLS_MAX - this.#pendingCorrelationIds.length;
    if (free > 0) this.#pendingCorrelationIds.push(...correlationIds.slice(0, free));
  }

  /** The map has changed: schedules a tick if none is pending. */
  schedule(): void {
    if (this.#closed) return;
    if (this.current !== undefined) {
      this.#changedDuringTick = true;
      return;
    }
    const delayMs = Math.max(0, this.#nextTickMs - monotonicMs());
    const gatherMs = this.isBatchInProgress()
      ? Math.min(GATHER_MS_MAX, this.map.watchers * GATHER_MS_PER_WATCHER)
      : 0;
    if (this.#timer !== undefined) {
      if (!this.#isGathering || gatherMs > 0) return;
      // The batch has ended and its changes are here: the tick need not wait for them any more.
      clearTimeout(this.#timer);
    }
    this.#isGathering = gatherMs > delayMs;
    this.#timer = setTimeout(
      () => {
        this.#run().catch((error: unknown) =>
          this.log.error({ err: error, eventId: this.map.eventId }, 'A tick failed'),
        );
      },
      Math.max(delayMs, gatherMs),
    );
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Notifies all listeners in slices, so that mutations and other maps proceed in between. */
  async #run(): Promise<void> {
    const startMs = monotonicMs();
    this.#timer = undefined;
    const listeners = [...this.#listeners];
    const { eventId, version, watchers } = this.map;
    const now = this.map.now();
    this.current = { now, updates: new Map() };
    const correlationIds = this.#pendingCorrelationIds;
    this.#pendingCorrelationIds = [];
    const delayFactor = this.#takeDelayFactor(startMs);
    try {
      for (let notified = 0; notified < listeners.length; ) {
        const untilMs = monotonicMs() + SLICE_MS_MAX;
        const end = Math.min(notified + this.sliceWatchersMax, listeners.length);
        do {
          if (this.#notify(listeners[notified] as TickListener, now)) break;
          notified += 1;
        } while (notified < end && monotonicMs() < untilMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const tookMs = monotonicMs() - startMs;
      const delayMs = Math.min(delayFactor * tookMs, TICK_DELAY_MS_MAX);
      this.#nextTickMs = startMs + Math.max(this.tickMs, tookMs + delayMs);
      if (watchers > 0) {
        this.observer.tickEnded(tookMs);
        if (correlationIds.length > 0)
          this.log.info({ eventId, version, correlationIds, watchers }, 'Notified the watchers of a map');
      }
    } finally {
      // Also if a metric or the log throws. Otherwise no tick would ever run again.
      this.current = undefined;
      if (this.#changedDuringTick) {
        this.#changedDuringTick = false;
        this.schedule();
      }
    }
  }

  /** Uses the rate of changes. Their count since the last tick would grow with the delay itself. */
  #takeDelayFactor(nowMs: number): number {
    const seatsPerSecond = (this.#pendingSeats * 1_000) / Math.max(this.tickMs, nowMs - this.#lastTickMs);
    this.#pendingSeats = 0;
    this.#lastTickMs = nowMs;
    return Math.min(
      TICK_DELAY_FACTOR_MAX,
      TICK_DELAY_FACTOR_MIN + Math.floor(seatsPerSecond / SEATS_PER_SECOND_PER_DELAY_FACTOR),
    );
  }

  /** One listener that fails keeps no other from being notified. */
  #notify(listener: TickListener, now: Date): boolean {
    try {
      return listener(now);
    } catch (error) {
      this.log.error({ err: error, eventId: this.map.eventId }, 'A watcher could not be notified');
      return false;
    }
  }
}
