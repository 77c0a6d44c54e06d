import type { SeatState } from '../booking/change.js';
import { type Alarm, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { notInTime } from './in-time.js';
import { RecentChanges } from './recent-changes.js';
import { SeatMap } from './seat-map.js';
import { earlier, later, type SeatUpdate } from './seat-update.js';

/** Changes that come within this time of the last delivery are merged into one, unless an operator says otherwise. */
export const TICK_MS = 30;
/** How long an overloaded server keeps off between one tick and the next. */
const TICK_MS_MAX = 1_000;
/**
 * While a batch is under way, a tick waits for its changes too: one message with both costs half as much as two. The wait is
 * a quarter of what the tick itself will take (16 µs a message, bench:live --scenario deliver), up to a limit.
 */
const GATHER_MS_PER_WATCHER = 0.004;
const GATHER_MS_MAX = 40;
/** Of what a tick took, how long the next one keeps off, where little happens and where much does. */
const REST_PART_MIN = 0.5;
const REST_PART_MAX = 5;
/** For each so many seats that changed a second, the next one keeps off for a part more: many buy, and are to go on. */
export const SEATS_A_REST_PART = 100;
/** Watchers that are told before others have their turn: each turn of the event loop costs as much as seven messages. */
export const WATCHERS_AT_ONCE_MAX = 200;
/** The same while batches are under way, which need a turn for each answer of the database. */
export const WATCHERS_BESIDE_BATCHES = 50;
/** The same, where some of them take long. */
export const TOLD_AT_ONCE_MS = 10;
/** Changes that a map catches up with in one read. */
export const CAUGHT_UP_AT_ONCE_MAX = 5_000;

/** Changes kept while the map is being read or a hole is filled; with more, it is the database that has to tell. */
export const EARLY_CHANGES_MAX = 10_000;
/** Updates kept to be shared; those who are behind at one time are behind by a few different versions. */
export const SHARED_UPDATES_MAX = 100;
/** The same, counted in seats: those who are behind by a whole hall each have a list as long as the hall. */
export const SHARED_SEATS_MAX = 400_000;
/** Updates are large: without a change they are kept for as long as somebody asked for one within this time. */
const UPDATES_KEPT_MS = 10_000;
/** How often the first read is tried: unlike a map that has been told of, one that never was may end in a fault. */
export const FIRST_READS_MAX = 3;

/** How long the stream may take to deliver a version that somebody knows of, before the database is asked for it. */
export const LAG_MS_MAX = 1_000;

const RETRY_MS = 500;
/** Locks that were made by the hundred lapse by the hundred: how long after one such look the next one is. */
const LAPSES_APART_MS = 20;
/** Calls whose changes are told in one tick that the log names. */
const CALLS_NAMED_MAX = 1_000;

/** Told about what the feed does; for metrics. */
export interface FeedObserver {
  /** Everybody who watched a map was told. */
  ticked(tookMs: number): void;
  /** A whole map was put together; those who ask for it at the same time share it. */
  snapshot(): void;
  /** So many changes are told in the message of a later one. */
  merged(changes: number): void;
}

/**
 * Somebody who is told at a tick, whose time it is given, or many.
 *
 * @returns whether there are more of them, for whom it is called again once others have had their turn
 */
export type TickTurn = (now: Date) => boolean;

/** How a live map asks for lapses to be written down, so that everybody sees them. */
export type OnLapse = (eventId: string) => void;

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
  #early: SeatChange[] | undefined = [];
  readonly #recent: RecentChanges;
  /** The calls whose changes wait for the next tick. */
  #untold: string[] = [];
  /** Seats whose changes do. */
  #untoldSeats = 0;
  readonly #onTick = new Set<TickTurn>();
  /** Those who wait for a version. */
  readonly #waiting = new Set<{ readonly version: number; readonly done: () => void }>();
  #tick: NodeJS.Timeout | undefined;
  /** The pending tick waits for nothing but the changes of a batch that is under way. */
  #isGathering = false;
  #nextTickMs = Number.NEGATIVE_INFINITY;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  /** A tick is under way; what comes meanwhile is for the next one. */
  #telling = false;
  /** What those at a version are told in this tick, and its time: the map as it was then, so that all stay in step. */
  #told: { readonly now: Date; readonly updates: Map<number, SeatUpdate> } | undefined;
  #changedMeanwhile = false;
  #alarm: Alarm | undefined;
  #lapsesWritten = 0;
  #lapsesSeenMs = Number.NEGATIVE_INFINITY;
  /** What was made of the map as it is, by the version that it applies to. */
  #updates = new Map<number | 'snapshot', SeatUpdate>();
  #updatesSeats = 0;
  #updatesEnd: NodeJS.Timeout | undefined;
  /** Somebody was given one since it was last looked whether they are still of use. */
  #updatesUsed = false;
  #syncing: Promise<boolean>;
  /** The first read, or the last catching up that whoever comes has to wait for. */
  #ready: Promise<boolean>;
  /** A sync that has been asked for and not begun: whoever asks meanwhile shares it. */
  #nextSync: Promise<boolean> | undefined;
  #closed = false;
  /** Those who watch it, as they say themselves. */
  watchers = 0;

  constructor(
    readonly eventId: string,
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly onLapse: OnLapse,
    private readonly log: Log,
    private readonly observer: FeedObserver,
    private readonly tickMs: number,
    private readonly isBatchUnderWay: () => boolean,
  ) {
    this.#recent = new RecentChanges(eventId, source, log);
    this.#syncing = this.#firstRead();
    this.#ready = this.#syncing;
  }

  /**
   * @returns whether there is such an event, once its map is there
   * @throws the fault of the first read, when it comes back with every try
   */
  ready = (): Promise<boolean> => this.#ready;

  get isReady(): boolean {
    return this.#map !== undefined;
  }

  get version(): number {
    return this.#loaded.version;
  }

  /** How many are told before others have their turn. */
  get watchersAtOnce(): number {
    return this.isBatchUnderWay() ? WATCHERS_BESIDE_BATCHES : WATCHERS_AT_ONCE_MAX;
  }

  /** How many lapses have been written down since the map was opened, by whatever process. */
  get lapsesWritten(): number {
    return this.#lapsesWritten;
  }

  get hasUnwrittenLapse(): boolean {
    this.#lapse();
    return this.#map?.hasUnwrittenLapse ?? false;
  }

  /** The seats as they are at this moment; to be looked at and let go, as they go on changing. */
  seats(): Pick<SeatMap, 'totalSeats' | 'isAvailable' | 'availability'> {
    this.#lapse();
    return this.#loaded;
  }

  /**
   * Returns once the map is at a version that the database has: the stream is about to deliver it, or else the map
   * catches up by itself. Anybody may invent a version: nobody else waits for that.
   */
  async reach(version: number): Promise<void> {
    if (this.version >= version) return;
    await this.#delivered(version);
    if (this.version >= version) return;
    const syncing = this.#syncNext();
    // There is no such event any more: that is for everybody.
    if (!(await syncing)) this.#ready = syncing;
  }

  /** Takes what the stream delivers. Anything but the next version is no reason to guess. */
  receive(change: SeatChange): void {
    if (this.#early !== undefined) {
      // The newest one is enough to tell that the others are missing.
      if (this.#early.length >= EARLY_CHANGES_MAX) this.#early.length = 0;
      this.#early.push(change);
      return;
    }
    if (change.version <= this.version) return;
    if (change.version === this.version + 1) this.#advance(change);
    else {
      this.log.warn(
        { eventId: this.eventId, version: this.version, next: change.version },
        'The feed has a hole',
      );
      this.#early = [change];
      void this.sync();
    }
  }

  /**
   * Catches up with the database: by the changes that were missed, or by reading the map anew. Tries until it can.
   * For a hole, or a reopened stream. Whoever comes waits for it; who watches already is told of what is next meanwhile.
   */
  sync(): Promise<boolean> {
    this.#ready = this.#syncNext();
    return this.#ready;
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
  onTick(turn: TickTurn): () => void {
    this.#onTick.add(turn);
    return () => this.#onTick.delete(turn);
  }

  now(): Date {
    return this.clock.now();
  }

  /** Whether changes wait for the next tick; whoever asks for them waits with them, so that all share one update. */
  get isTickPending(): boolean {
    return this.#tick !== undefined || this.#changedMeanwhile;
  }

  snapshot(now = this.clock.now()): SeatUpdate {
    return this.#update('snapshot', null, now, () => this.#loaded.takenSeats());
  }

  /** What a watcher at `version` misses, or null when memory does not go back that far. */
  changesSince(version: number, now: Date): SeatUpdate | null {
    if (version > this.version) return null;
    const told = this.#told?.now === now ? this.#told.updates : undefined;
    const made = told?.get(version) ?? this.#shared(version, now) ?? this.#changesInMemory(version, now);
    if (made !== null) told?.set(version, made);
    return made;
  }

  /** The same with the database's help, or null when it is not known there any more or cannot be read. */
  async changesFromStore(version: number): Promise<SeatUpdate | null> {
    if (version < 0) return null;
    await this.#recent.goBackTo(version);
    return this.changesSince(version, this.clock.now());
  }

  /** Whoever still waits for it or looks at it sets no timer any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#tick);
    clearTimeout(this.#updatesEnd);
    this.#recent.close();
    this.#alarm?.cancel();
    for (const { done } of this.#waiting) done();
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
        if (this.#closed) throw notInTime();
        if (tries >= FIRST_READS_MAX) throw error;
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
    throw notInTime();
  }

  async #waitToRetry(error: unknown, message: string): Promise<void> {
    this.log.warn({ err: error, eventId: this.eventId }, message);
    await retryPause();
  }

  async #read(): Promise<boolean> {
    // What is delivered from now on may be newer than what is read.
    this.#early ??= [];
    for (let reads = 1; ; reads++) {
      const snapshot = await this.source.readSeatMap(this.eventId);
      if (snapshot === null) return false;
      this.#map = new SeatMap(snapshot);
      this.#changedAt = this.clock.now();
      this.#reached(snapshot.version);
      this.#recent.beginAt(snapshot.version);
      this.#forgetUpdates();
      if (this.#takeEarly()) return true;
      if (reads > 1) await retryPause();
      if (this.#closed) throw notInTime();
    }
  }

  async #catchUp(): Promise<boolean> {
    if (this.#map === undefined) return this.#read();
    for (;;) {
      const missed = await this.source.readChanges(this.eventId, this.version, CAUGHT_UP_AT_ONCE_MAX);
      for (const change of missed) {
        // The stream has delivered it meanwhile.
        if (change.version <= this.version) continue;
        // A hole: what is missing was kept for too short a time, and the whole map is in the database still.
        if (change.version !== this.version + 1) return this.#read();
        this.#advance(change);
      }
      if (missed.length < CAUGHT_UP_AT_ONCE_MAX) break;
    }
    return this.#takeEarly() || this.#read();
  }

  /** @returns false when something that was delivered is in neither the snapshot nor `changes`: read again, it has to be */
  #takeEarly(): boolean {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#armLapse();
    this.#scheduleTick();
    for (const change of early) {
      if (change.version > this.version + 1) {
        this.#early = early;
        return false;
      }
      this.receive(change);
    }
    return true;
  }

  /** Waits for the stream, but not for ever. */
  #delivered(version: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(late);
        this.#waiting.delete(waiting);
        resolve();
      };
      const waiting = { version, done };
      const late = setTimeout(done, LAG_MS_MAX);
      this.#waiting.add(waiting);
    });
  }

  #reached(reached: number): void {
    for (const { version, done } of this.#waiting) if (version <= reached) done();
  }

  #advance(change: SeatChange): void {
    this.#lapsesWritten += this.#loaded.apply(change.version, change.seats);
    this.#changedAt = this.clock.now();
    this.#reached(change.version);
    this.#recent.add(change);
    this.#note(change);
    this.#forgetUpdates();
    this.#armLapse();
    this.#scheduleTick();
  }

  #note({ seats, correlationIds = [] }: SeatChange): void {
    this.#untoldSeats += seats.length;
    const room = CALLS_NAMED_MAX - this.#untold.length;
    if (room > 0) this.#untold.push(...correlationIds.slice(0, room));
  }

  #scheduleTick(): void {
    if (this.#closed) return;
    if (this.#telling) {
      this.#changedMeanwhile = true;
      return;
    }
    const restMs = Math.max(0, this.#nextTickMs - monotonicMs());
    const gatherMs = this.isBatchUnderWay()
      ? Math.min(GATHER_MS_MAX, this.watchers * GATHER_MS_PER_WATCHER)
      : 0;
    if (this.#tick !== undefined) {
      // The batch has ended, and its changes are here.
      if (!this.#isGathering || gatherMs > 0) return;
      clearTimeout(this.#tick);
    }
    this.#isGathering = gatherMs > restMs;
    const waitMs = Math.max(restMs, gatherMs);
    this.#tick = setTimeout(() => {
      this.#tell().catch((error: unknown) =>
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
  async #tell(): Promise<void> {
    const startMs = monotonicMs();
    this.#tick = undefined;
    this.#telling = true;
    const turns = [...this.#onTick];
    const { watchers } = this;
    const now = this.clock.now();
    this.#told = { now, updates: new Map() };
    const facts = { eventId: this.eventId, version: this.version, correlationIds: this.#untold };
    this.#untold = [];
    const restPart = this.#restPart(startMs);
    try {
      for (let told = 0; told < turns.length; ) {
        const untilMs = monotonicMs() + TOLD_AT_ONCE_MS;
        const last = Math.min(told + this.watchersAtOnce, turns.length);
        do {
          if (this.#take(turns[told] as TickTurn, now)) break;
          told += 1;
        } while (told < last && monotonicMs() < untilMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const tookMs = monotonicMs() - startMs;
      const restMs = Math.min(restPart * tookMs, TICK_MS_MAX);
      this.#nextTickMs = startMs + Math.max(this.tickMs, tookMs + restMs);
      if (watchers > 0) {
        this.observer.ticked(tookMs);
        if (facts.correlationIds.length > 0)
          this.log.info({ ...facts, watchers }, 'Told the watchers of a map');
      }
    } finally {
      // Also where a metric or the log fails: or nobody would be told of anything any more.
      this.#telling = false;
      this.#told = undefined;
      if (this.#changedMeanwhile) {
        this.#changedMeanwhile = false;
        this.#scheduleTick();
      }
    }
  }

  /** Goes by how fast seats change, and not by how many have since the last tick: which are the more the longer it kept off. */
  #restPart(nowMs: number): number {
    const seatsPerSecond = (this.#untoldSeats * 1_000) / Math.max(this.tickMs, nowMs - this.#lastTickMs);
    this.#untoldSeats = 0;
    this.#lastTickMs = nowMs;
    return Math.min(REST_PART_MAX, REST_PART_MIN + Math.floor(seatsPerSecond / SEATS_A_REST_PART));
  }

  /** Whatever becomes of one turn, the others have theirs, and the map goes on. */
  #take(turn: TickTurn, now: Date): boolean {
    try {
      return turn(now);
    } catch (error) {
      this.log.error({ err: error, eventId: this.eventId }, 'A watcher could not be told');
      return false;
    }
  }

  #armLapse(): void {
    this.#alarm?.cancel();
    const next = this.#map?.nextLapse;
    if (next == null || this.#closed) return;
    // The clock may have been set back since.
    const seenMs = Math.min(this.#lapsesSeenMs, this.clock.now().getTime());
    const at = new Date(Math.max(next.getTime(), seenMs + LAPSES_APART_MS));
    this.#alarm = this.clock.at(at, () => {
      this.#lapsesSeenMs = this.clock.now().getTime();
      if (this.hasUnwrittenLapse) this.onLapse(this.eventId);
      this.#armLapse();
    });
  }

  /** No update from before a lapse is shared after it. */
  #lapse(now = this.clock.now()): void {
    if (!this.#map?.lapse(now)) return;
    this.#changedAt = now;
    this.#forgetUpdates();
  }

  /** Told as the map has them now, so that a lock that lapsed since it was made is not said to hold. */
  #changesInMemory(version: number, now: Date): SeatUpdate | null {
    const seatNumbers = this.#recent.seatsAfter(version);
    if (seatNumbers === null) return null;
    const seats = () => seatNumbers.map((seatNumber) => this.#loaded.seat(seatNumber));
    return this.#update(version, version, now, seats);
  }

  /** An update that somebody else was given, and that nothing has changed since. */
  #shared(key: number | 'snapshot', now: Date): SeatUpdate | undefined {
    this.#lapse(now);
    const made = this.#updates.get(key);
    if (made !== undefined) this.#updatesUsed = true;
    return made;
  }

  /** Made once for all who are at the same version. */
  #update(
    key: number | 'snapshot',
    previousVersion: number | null,
    now: Date,
    seats: () => SeatState[],
  ): SeatUpdate {
    const shared = this.#shared(key, now);
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
      serverTime: earlier(later(now, this.#changedAt), this.clock.now()),
    };
    if (previousVersion === null) this.observer.snapshot();
    else if (map.version > previousVersion + 1) this.observer.merged(map.version - previousVersion - 1);
    const seatsKept = this.#updatesSeats + update.seats.length;
    if (this.#updates.size >= SHARED_UPDATES_MAX || seatsKept > SHARED_SEATS_MAX) this.#forgetUpdates();
    this.#updates.set(key, update);
    this.#updatesSeats += update.seats.length;
    if (!this.#closed) this.#updatesEnd ??= this.#forgetUpdatesLater();
    return update;
  }

  #forgetUpdates(): void {
    this.#updates.clear();
    this.#updatesSeats = 0;
  }

  #forgetUpdatesLater(): NodeJS.Timeout {
    this.#updatesUsed = false;
    return setTimeout(() => {
      if (!this.#updatesUsed) this.#forgetUpdates();
      this.#updatesEnd = this.#updates.size > 0 ? this.#forgetUpdatesLater() : undefined;
    }, UPDATES_KEPT_MS);
  }
}

const retryPause = () => new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
