import type { SeatState } from '../booking/change.js';
import { type Alarm, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { mapUnavailable } from './map-deadline.js';
import { RecentChanges } from './recent-changes.js';
import { SeatMap } from './seat-map.js';
import { earlier, laterOf, type SeatUpdate } from './seat-update.js';

/** Changes that come within this time of the last delivery are merged into one, unless an operator says otherwise. */
export const TICK_MS = 30;
/** How long an overloaded server keeps off between one tick and the next. */
const TICK_DELAY_MS_MAX = 1_000;
/**
 * While a batch is in progress, a tick waits for its changes too: one message with both costs half as much as two. It waits
 * at most as long as the tick itself will take (16 µs a message, bench:live --scenario deliver), up to a limit.
 */
const GATHER_MS_PER_WATCHER = 0.016;
const GATHER_MS_MAX = 40;
/** Of what a tick took, how long the next one keeps off, where little happens and where much does. */
const TICK_DELAY_FACTOR_MIN = 0.5;
const TICK_DELAY_FACTOR_MAX = 5;
/** For each so many seats that changed a second, the next one keeps off for a part more: many buy, and are to go on. */
export const SEATS_PER_SECOND_PER_DELAY_FACTOR = 100;
/** Watchers that are told before others have their turn: each turn of the event loop costs as much as seven messages. */
export const SLICE_WATCHERS_MAX = 200;
/** The same while batches are under way, which need a turn for each answer of the database. */
export const SLICE_WATCHERS_DURING_BATCH_MAX = 50;
/** The same, where some of them take long. */
export const SLICE_MS_MAX = 10;
/** Changes that a map catches up with in one read. */
export const CATCH_UP_READ_MAX = 5_000;

/** Changes kept while the map is being read or a hole is filled; with more, it is the database that has to tell. */
export const BUFFERED_CHANGES_MAX = 10_000;
/** Updates kept to be shared; those who are behind at one time are behind by a few different versions. */
export const CACHED_UPDATES_MAX = 100;
/** The same, counted in seats: those who are behind by a whole hall each have a list as long as the hall. */
export const CACHED_UPDATE_SEATS_MAX = 400_000;
/** Updates are large: without a change they are kept for as long as somebody asked for one within this time. */
const UPDATE_CACHE_MS = 10_000;
/** How often the first read is tried: unlike a map that has been told of, one that never was may end in a fault. */
export const FIRST_READ_ATTEMPTS_MAX = 3;

/** How long the stream may take to deliver a version that somebody knows of, before the database is asked for it. */
export const STREAM_LAG_MS_MAX = 1_000;

const RETRY_MS = 500;
/** Locks that were made by the hundred lapse by the hundred: how long after one such look the next one is. */
const EXPIRY_CHECK_INTERVAL_MS = 20;
/** Calls whose changes are told in one tick that the log names. */
const LOGGED_CALLS_MAX = 1_000;

/** Told about what the feed does; for metrics. */
export interface FeedObserver {
  /** Everybody who watched a map was told. */
  tickEnded(tookMs: number): void;
  /** A whole map was put together; those who ask for it at the same time share it. */
  snapshotBuilt(): void;
  /** So many changes are told in the message of a later one. */
  changesMerged(changes: number): void;
}

/**
 * Somebody who is told at a tick, whose time it is given, or many.
 *
 * @returns whether there are more of them, for whom it is called again once others have had their turn
 */
export type TickListener = (now: Date) => boolean;

/** How a live map asks for lapses to be written down, so that everybody sees them. */
export type OnExpiry = (eventId: string) => void;

/**
 * The map of one event that somebody watches.
 *
 * It is registered with the feed before it is read, keeps what the stream delivers meanwhile, and after that only
 * moves from one version to the next: older changes are dropped, and a hole in the numbers is filled from `changes`
 * or, where that is not possible, ends in a map read anew. A watcher whose version is then neither in memory nor in
 * `changes` any more is given a SNAPSHOT.
 */
export class LiveMap {
  #map: SeatMap | undefined;
  /** When a change or a lapse last changed the map: nobody is told of it as of an earlier time. */
  #changedAt = new Date(0);
  /** What the stream delivered while the map was being read, or a hole filled. */
  #buffered: SeatChange[] | undefined = [];
  readonly #recent: RecentChanges;
  /** The calls whose changes wait for the next tick. */
  #pendingCorrelationIds: string[] = [];
  /** Seats whose changes do. */
  #pendingSeats = 0;
  readonly #onTick = new Set<TickListener>();
  /** Those who wait for a version. */
  readonly #versionWaiters = new Set<{ readonly version: number; readonly done: () => void }>();
  #tick: NodeJS.Timeout | undefined;
  /** The pending tick waits for nothing but the changes of a batch that is under way. */
  #isGathering = false;
  #nextTickMs = Number.NEGATIVE_INFINITY;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  /** A tick is under way; what comes meanwhile is for the next one. */
  #isTicking = false;
  /** What those at a version are told in this tick, and its time: the map as it was then, so that all stay in step. */
  #currentTick: { readonly now: Date; readonly updates: Map<number, SeatUpdate> } | undefined;
  #changedDuringTick = false;
  #alarm: Alarm | undefined;
  #lapsesWritten = 0;
  #lastExpiryCheckMs = Number.NEGATIVE_INFINITY;
  /** What was made of the map as it is, by the version that it applies to. */
  #updateCache = new Map<number | 'snapshot', SeatUpdate>();
  #updateCacheSeats = 0;
  #updateCacheEnd: NodeJS.Timeout | undefined;
  /** Somebody was given one since it was last looked whether they are still of use. */
  #updateCacheUsed = false;
  #syncing: Promise<boolean>;
  /** The first read, or the last catching up that whoever comes has to wait for. */
  #firstOrLastSync: Promise<boolean>;
  /** A sync that has been asked for and not begun: whoever asks meanwhile shares it. */
  #nextSync: Promise<boolean> | undefined;
  #closed = false;
  /** Those who watch it, as they say themselves. */
  watchers = 0;

  constructor(
    readonly eventId: string,
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly onExpiry: OnExpiry,
    private readonly log: Log,
    private readonly observer: FeedObserver,
    private readonly tickMs: number,
    private readonly isBatchUnderWay: () => boolean,
  ) {
    this.#recent = new RecentChanges(eventId, source, log);
    this.#syncing = this.#firstRead();
    this.#firstOrLastSync = this.#syncing;
  }

  /**
   * @returns whether there is such an event, once its map is there
   * @throws the fault of the first read, when it comes back with every try
   */
  ready = (): Promise<boolean> => this.#firstOrLastSync;

  get isReady(): boolean {
    return this.#map !== undefined;
  }

  get version(): number {
    return this.#loaded.version;
  }

  /** How many are told before others have their turn. */
  get sliceWatchersMax(): number {
    return this.isBatchUnderWay() ? SLICE_WATCHERS_DURING_BATCH_MAX : SLICE_WATCHERS_MAX;
  }

  /** How many lapses have been written down since the map was opened, by whatever process. */
  get lapsesWritten(): number {
    return this.#lapsesWritten;
  }

  get hasUnrecordedExpiry(): boolean {
    this.#expireLocks();
    return this.#map?.hasUnrecordedExpiry ?? false;
  }

  /** The seats as they are at this moment; to be looked at and let go, as they go on changing. */
  seats(): Pick<SeatMap, 'totalSeats' | 'isAvailable' | 'availability'> {
    this.#expireLocks();
    return this.#loaded;
  }

  /**
   * Returns once the map is at a version that the database has: the stream is about to deliver it, or else the map
   * catches up by itself. Anybody may invent a version: nobody else waits for that.
   */
  async waitForVersion(version: number): Promise<void> {
    if (this.version >= version) return;
    await this.#waitForStream(version);
    if (this.version >= version) return;
    const syncing = this.#syncNext();
    // There is no such event any more: that is for everybody.
    if (!(await syncing)) this.#firstOrLastSync = syncing;
  }

  /** Takes what the stream delivers. Anything but the next version is no reason to guess. */
  receive(change: SeatChange): void {
    if (this.#buffered !== undefined) {
      // The newest one is enough to tell that the others are missing.
      if (this.#buffered.length >= BUFFERED_CHANGES_MAX) this.#buffered.length = 0;
      this.#buffered.push(change);
      return;
    }
    if (change.version <= this.version) return;
    if (change.version === this.version + 1) this.#advance(change);
    else {
      this.log.warn(
        { eventId: this.eventId, version: this.version, next: change.version },
        'The feed has a hole',
      );
      this.#buffered = [change];
      void this.sync();
    }
  }

  /**
   * Catches up with the database: by the changes that were missed, or by reading the map anew. Tries until it can.
   * For a hole, or a reopened stream. Whoever comes waits for it; who watches already is told of what is next meanwhile.
   */
  sync(): Promise<boolean> {
    this.#firstOrLastSync = this.#syncNext();
    return this.#firstOrLastSync;
  }

  #syncNext(): Promise<boolean> {
    this.#nextSync ??= this.#syncing
      .catch(() => false)
      .then(() => {
        this.#nextSync = undefined;
        return this.#sync();
      });
    this.#syncing = this.#nextSync;
    // Who waits for it is told; where nobody does, a map that was closed is nobody's fault.
    this.#syncing.catch(() => undefined);
    return this.#syncing;
  }

  /** Calls back at every tick, until the returned call. */
  onTick(listener: TickListener): () => void {
    this.#onTick.add(listener);
    return () => this.#onTick.delete(listener);
  }

  now(): Date {
    return this.clock.now();
  }

  /** Whether changes wait for the next tick; whoever asks for them waits with them, so that all share one update. */
  get isTickPending(): boolean {
    return this.#tick !== undefined || this.#changedDuringTick;
  }

  snapshot(now = this.clock.now()): SeatUpdate {
    return this.#cachedUpdate('snapshot', null, now, () => this.#loaded.takenSeats());
  }

  /** What a watcher at `version` misses, or null when memory does not go back that far. */
  changesSince(version: number, now: Date): SeatUpdate | null {
    if (version > this.version) return null;
    const told = this.#currentTick?.now === now ? this.#currentTick.updates : undefined;
    const made =
      told?.get(version) ?? this.#updateFromCache(version, now) ?? this.#changesInMemory(version, now);
    if (made !== null) told?.set(version, made);
    return made;
  }

  /** The same with the database's help, or null when it is not known there any more or cannot be read. */
  async changesFromStore(version: number): Promise<SeatUpdate | null> {
    if (version < 0) return null;
    await this.#recent.loadBackTo(version);
    return this.changesSince(version, this.clock.now());
  }

  /** Whoever still waits for it or looks at it sets no timer any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#tick);
    clearTimeout(this.#updateCacheEnd);
    this.#recent.close();
    this.#alarm?.cancel();
    for (const { done } of this.#versionWaiters) done();
  }

  get #loaded(): SeatMap {
    if (this.#map === undefined) throw new Error(`The map of event ${this.eventId} is not there yet.`);
    return this.#map;
  }

  async #firstRead(): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#read();
      } catch (error) {
        if (this.#closed) throw mapUnavailable();
        if (tries >= FIRST_READ_ATTEMPTS_MAX) throw error;
        await this.#waitToRetry(error, 'A live map could not be read; trying again');
      }
    }
  }

  async #sync(): Promise<boolean> {
    while (!this.#closed) {
      try {
        return await this.#catchUp();
      } catch (error) {
        if (!this.#closed) await this.#waitToRetry(error, 'A live map could not catch up; trying again');
      }
    }
    // Not false: that would say that there is no such event.
    throw mapUnavailable();
  }

  async #waitToRetry(error: unknown, message: string): Promise<void> {
    this.log.warn({ err: error, eventId: this.eventId }, message);
    await retryPause();
  }

  async #read(): Promise<boolean> {
    // What is delivered from now on may be newer than what is read.
    this.#buffered ??= [];
    for (let reads = 1; ; reads++) {
      const snapshot = await this.source.readSeatMap(this.eventId);
      if (snapshot === null) return false;
      this.#map = new SeatMap(snapshot);
      this.#changedAt = this.clock.now();
      this.#releaseWaiters(snapshot.version);
      this.#recent.beginAt(snapshot.version);
      this.#clearUpdateCache();
      if (this.#applyBuffered()) return true;
      if (reads > 1) await retryPause();
      if (this.#closed) throw mapUnavailable();
    }
  }

  async #catchUp(): Promise<boolean> {
    if (this.#map === undefined) return this.#read();
    for (;;) {
      const missed = await this.source.readChanges(this.eventId, this.version, CATCH_UP_READ_MAX);
      for (const change of missed) {
        // The stream has delivered it meanwhile.
        if (change.version <= this.version) continue;
        // A hole: what is missing was kept for too short a time, and the whole map is in the database still.
        if (change.version !== this.version + 1) return this.#read();
        this.#advance(change);
      }
      if (missed.length < CATCH_UP_READ_MAX) break;
    }
    return this.#applyBuffered() || this.#read();
  }

  /** @returns false when something that was delivered is in neither the snapshot nor `changes`: read again, it has to be */
  #applyBuffered(): boolean {
    const early = this.#buffered ?? [];
    this.#buffered = undefined;
    this.#scheduleExpiry();
    this.#scheduleTick();
    for (const change of early) {
      if (change.version > this.version + 1) {
        this.#buffered = early;
        return false;
      }
      this.receive(change);
    }
    return true;
  }

  /** Waits for the stream, but not for ever. */
  #waitForStream(version: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(late);
        this.#versionWaiters.delete(waiting);
        resolve();
      };
      const waiting = { version, done };
      const late = setTimeout(done, STREAM_LAG_MS_MAX);
      this.#versionWaiters.add(waiting);
    });
  }

  #releaseWaiters(reached: number): void {
    for (const { version, done } of this.#versionWaiters) if (version <= reached) done();
  }

  #advance(change: SeatChange): void {
    this.#lapsesWritten += this.#loaded.apply(change.version, change.seats);
    this.#changedAt = this.clock.now();
    this.#releaseWaiters(change.version);
    this.#recent.add(change);
    this.#recordPending(change);
    this.#clearUpdateCache();
    this.#scheduleExpiry();
    this.#scheduleTick();
  }

  #recordPending({ seats, correlationIds = [] }: SeatChange): void {
    this.#pendingSeats += seats.length;
    const room = LOGGED_CALLS_MAX - this.#pendingCorrelationIds.length;
    if (room > 0) this.#pendingCorrelationIds.push(...correlationIds.slice(0, room));
  }

  #scheduleTick(): void {
    if (this.#closed) return;
    if (this.#isTicking) {
      this.#changedDuringTick = true;
      return;
    }
    const delayMs = Math.max(0, this.#nextTickMs - monotonicMs());
    const gatherMs = this.isBatchUnderWay()
      ? Math.min(GATHER_MS_MAX, this.watchers * GATHER_MS_PER_WATCHER)
      : 0;
    if (this.#tick !== undefined) {
      // The batch has ended, and its changes are here.
      if (!this.#isGathering || gatherMs > 0) return;
      clearTimeout(this.#tick);
    }
    this.#isGathering = gatherMs > delayMs;
    const waitMs = Math.max(delayMs, gatherMs);
    this.#tick = setTimeout(() => {
      this.#runTick().catch((error: unknown) =>
        this.log.error({ err: error, eventId: this.eventId }, 'A tick ended with a fault'),
      );
    }, waitMs);
  }

  /**
   * Gives everybody a turn, some at a time, so that mutations and other maps have theirs in between. What happens in
   * between is for the next tick: all are told the same, and go on from the same version. The next tick keeps off for
   * half as long as this one took, and longer where much changes: the more there is to be told, and the more are to be,
   * the less often, and the more at a time.
   */
  async #runTick(): Promise<void> {
    const startMs = monotonicMs();
    this.#tick = undefined;
    this.#isTicking = true;
    const listeners = [...this.#onTick];
    const { watchers } = this;
    const now = this.clock.now();
    this.#currentTick = { now, updates: new Map() };
    const facts = {
      eventId: this.eventId,
      version: this.version,
      correlationIds: this.#pendingCorrelationIds,
    };
    this.#pendingCorrelationIds = [];
    const delayFactor = this.#tickDelayFactor(startMs);
    try {
      for (let told = 0; told < listeners.length; ) {
        const untilMs = monotonicMs() + SLICE_MS_MAX;
        const last = Math.min(told + this.sliceWatchersMax, listeners.length);
        do {
          if (this.#notify(listeners[told] as TickListener, now)) break;
          told += 1;
        } while (told < last && monotonicMs() < untilMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const tookMs = monotonicMs() - startMs;
      const delayMs = Math.min(delayFactor * tookMs, TICK_DELAY_MS_MAX);
      this.#nextTickMs = startMs + Math.max(this.tickMs, tookMs + delayMs);
      if (watchers > 0) {
        this.observer.tickEnded(tookMs);
        if (facts.correlationIds.length > 0)
          this.log.info({ ...facts, watchers }, 'Told the watchers of a map');
      }
    } finally {
      // Also where a metric or the log fails: or nobody would be told of anything any more.
      this.#isTicking = false;
      this.#currentTick = undefined;
      if (this.#changedDuringTick) {
        this.#changedDuringTick = false;
        this.#scheduleTick();
      }
    }
  }

  /** Goes by how fast seats change, and not by how many have since the last tick: which are the more the longer it kept off. */
  #tickDelayFactor(nowMs: number): number {
    const seatsPerSecond = (this.#pendingSeats * 1_000) / Math.max(this.tickMs, nowMs - this.#lastTickMs);
    this.#pendingSeats = 0;
    this.#lastTickMs = nowMs;
    return Math.min(
      TICK_DELAY_FACTOR_MAX,
      TICK_DELAY_FACTOR_MIN + Math.floor(seatsPerSecond / SEATS_PER_SECOND_PER_DELAY_FACTOR),
    );
  }

  /** Whatever becomes of one turn, the others have theirs, and the map goes on. */
  #notify(listener: TickListener, now: Date): boolean {
    try {
      return listener(now);
    } catch (error) {
      this.log.error({ err: error, eventId: this.eventId }, 'A watcher could not be told');
      return false;
    }
  }

  #scheduleExpiry(): void {
    this.#alarm?.cancel();
    const next = this.#map?.nextExpiry;
    if (next == null || this.#closed) return;
    // The clock may have been set back since.
    const seenMs = Math.min(this.#lastExpiryCheckMs, this.clock.now().getTime());
    const at = new Date(Math.max(next.getTime(), seenMs + EXPIRY_CHECK_INTERVAL_MS));
    this.#alarm = this.clock.at(at, () => {
      this.#lastExpiryCheckMs = this.clock.now().getTime();
      if (this.hasUnrecordedExpiry) this.onExpiry(this.eventId);
      this.#scheduleExpiry();
    });
  }

  /** No update from before a lapse is shared after it. */
  #expireLocks(now = this.clock.now()): void {
    if (!this.#map?.expire(now)) return;
    this.#changedAt = now;
    this.#clearUpdateCache();
  }

  /** Told as the map has them now, so that a lock that lapsed since it was made is not said to hold. */
  #changesInMemory(version: number, now: Date): SeatUpdate | null {
    const seatNumbers = this.#recent.seatsAfter(version);
    if (seatNumbers === null) return null;
    const seats = () => seatNumbers.map((seatNumber) => this.#loaded.seat(seatNumber));
    return this.#cachedUpdate(version, version, now, seats);
  }

  /** An update that somebody else was given, and that nothing has changed since. */
  #updateFromCache(key: number | 'snapshot', now: Date): SeatUpdate | undefined {
    this.#expireLocks(now);
    const made = this.#updateCache.get(key);
    if (made !== undefined) this.#updateCacheUsed = true;
    return made;
  }

  /** Made once for all who are at the same version. */
  #cachedUpdate(
    key: number | 'snapshot',
    previousVersion: number | null,
    now: Date,
    seats: () => SeatState[],
  ): SeatUpdate {
    const shared = this.#updateFromCache(key, now);
    if (shared !== undefined) return shared;
    const map = this.#loaded;
    const update: SeatUpdate = {
      eventId: this.eventId,
      kind: previousVersion === null ? 'snapshot' : 'changes',
      version: map.version,
      previousVersion,
      seats: seats(),
      statuses: map.statuses(),
      availability: map.availability(),
      // A tick goes on with the time at which it began, and in between a lock may have lapsed. No later than now: the
      // clock may have been set back since the map changed.
      serverTime: earlier(laterOf(now, this.#changedAt), this.clock.now()),
    };
    if (previousVersion === null) this.observer.snapshotBuilt();
    else if (map.version > previousVersion + 1)
      this.observer.changesMerged(map.version - previousVersion - 1);
    const seatsKept = this.#updateCacheSeats + update.seats.length;
    if (this.#updateCache.size >= CACHED_UPDATES_MAX || seatsKept > CACHED_UPDATE_SEATS_MAX)
      this.#clearUpdateCache();
    this.#updateCache.set(key, update);
    this.#updateCacheSeats += update.seats.length;
    if (!this.#closed) this.#updateCacheEnd ??= this.#clearUpdateCacheLater();
    return update;
  }

  #clearUpdateCache(): void {
    this.#updateCache.clear();
    this.#updateCacheSeats = 0;
  }

  #clearUpdateCacheLater(): NodeJS.Timeout {
    this.#updateCacheUsed = false;
    return setTimeout(() => {
      if (!this.#updateCacheUsed) this.#clearUpdateCache();
      this.#updateCacheEnd = this.#updateCache.size > 0 ? this.#clearUpdateCacheLater() : undefined;
    }, UPDATE_CACHE_MS);
  }
}

const retryPause = () => new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
