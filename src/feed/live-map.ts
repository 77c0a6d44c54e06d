import type { SeatState } from '../booking/seat-state.js';
import type { Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { ExpiryAlarm } from './expiry-alarm.js';
import type { FeedObserver } from './feed-observer.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { MapSync } from './map-sync.js';
import { RecentChanges } from './recent-changes.js';
import { SeatMap, type SeatMapSnapshot } from './seat-map.js';
import { earlierOf, laterOf, type SeatUpdate } from './seat-update.js';
import { type TickListener, TickSchedule } from './tick-schedule.js';
import { UpdateCache, type UpdateKey } from './update-cache.js';
import { VersionWaiters } from './version-waiters.js';

/** Called when locks of an event have expired and the expiry must be recorded. */
export type OnExpiry = (eventId: string) => void;

/**
 * The seat map of one event in memory, at one version, and the updates that its watchers get.
 *
 * `MapSync` keeps it current, and `TickSchedule` decides when watchers are notified. A watcher that is too far behind for
 * the changes in memory and in the database gets a snapshot.
 */
export class LiveMap {
  /** The number of subscriptions; each counts itself. */
  watchers = 0;
  /** Who alone may see the event; null once it is published. It may have been published since it was read. */
  draftOf: string | null = null;
  #map: SeatMap | undefined;
  /** When a change or an expiry last changed the map. No update with this state has an earlier time. */
  #changedAt = new Date(0);
  #recordedExpiries = 0;
  readonly #sync: MapSync;
  readonly #ticks: TickSchedule;
  readonly #recent: RecentChanges;
  readonly #updates = new UpdateCache();
  readonly #versionWaiters = new VersionWaiters();
  readonly #expiryAlarm: ExpiryAlarm;

  constructor(
    readonly eventId: string,
    source: FeedSource,
    private readonly clock: Clock,
    private readonly onExpiry: OnExpiry,
    log: Log,
    private readonly observer: FeedObserver,
    tickMs: number,
    isBatchInProgress: () => boolean,
  ) {
    this.#recent = new RecentChanges(eventId, source, log);
    this.#ticks = new TickSchedule(this, tickMs, isBatchInProgress, log, observer);
    this.#expiryAlarm = new ExpiryAlarm(clock, () => {
      if (this.hasUnrecordedExpiry) this.onExpiry(eventId);
      this.#scheduleExpiry();
    });
    this.#sync = new MapSync(eventId, source, log, {
      load: (snapshot) => this.#load(snapshot),
      advance: (change) => this.#advance(change),
      readEnded: () => {
        this.#scheduleExpiry();
        this.#ticks.schedule();
      },
    });
  }

  /**
   * @returns whether the event exists, once its map is current
   * @throws the error of the first read if every attempt failed
   */
  ready(): Promise<boolean> {
    return this.#sync.ready();
  }

  get isReady(): boolean {
    return this.#map !== undefined;
  }

  get version(): number {
    return this.#loaded.version;
  }

  /** The number of watchers to notify in one event-loop slice. */
  get sliceWatchersMax(): number {
    return this.#ticks.sliceWatchersMax;
  }

  /** How many expiries were recorded since the map was opened, by any process. */
  get recordedExpiries(): number {
    return this.#recordedExpiries;
  }

  get hasUnrecordedExpiry(): boolean {
    this.#expireLocks();
    return this.#map?.hasUnrecordedExpiry ?? false;
  }

  /** The seats as they are now. The result keeps changing, so it must be read at once. */
  seats(): Pick<SeatMap, 'totalSeats' | 'isAvailable' | 'availability' | 'availabilityOf'> {
    this.#expireLocks();
    return this.#loaded;
  }

  /**
   * Returns once the map has this version, if the database has it: the stream delivers it, or the map catches up. A client
   * may have invented the version, so nobody else waits for that.
   */
  async waitForVersion(version: number): Promise<void> {
    if (this.version >= version) return;
    await this.#versionWaiters.wait(version);
    if (this.version < version) await this.#sync.syncInBackground();
  }

  /** Takes a change from the stream. */
  receive(change: SeatChange): void {
    this.#sync.receive(change);
  }

  /** Catches up with the database after the stream was interrupted. */
  sync(): Promise<boolean> {
    return this.#sync.sync();
  }

  /** Calls the listener at every tick, until the returned call. */
  onTick(listener: TickListener): () => void {
    return this.#ticks.add(listener);
  }

  now(): Date {
    return this.clock.now();
  }

  /** Whether changes wait for the next tick. A watcher that becomes ready waits with them, so that all share one update. */
  get isTickPending(): boolean {
    return this.#ticks.isPending;
  }

  snapshot(now = this.clock.now()): SeatUpdate {
    return this.#cachedUpdate('snapshot', now, () => this.#loaded.takenSeats());
  }

  /** What a watcher at `version` misses, or null if memory does not go back that far. */
  changesSince(version: number, now: Date): SeatUpdate | null {
    if (version > this.version) return null;
    const { current } = this.#ticks;
    const ofTick = current?.now === now ? current.updates : undefined;
    const update =
      ofTick?.get(version) ?? this.#fromCache(version, now) ?? this.#changesInMemory(version, now);
    if (update !== null) ofTick?.set(version, update);
    return update;
  }

  /** The same with the help of the database. Null if the database does not go back that far or cannot be read. */
  async changesFromStore(version: number): Promise<SeatUpdate | null> {
    if (version < 0) return null;
    await this.#recent.loadBackTo(version);
    return this.changesSince(version, this.clock.now());
  }

  /** Sets no timer any more, even if it is still used. */
  close(): void {
    this.#sync.close();
    this.#ticks.close();
    this.#updates.close();
    this.#recent.close();
    this.#expiryAlarm.close();
    this.#versionWaiters.close();
  }

  get #loaded(): SeatMap {
    if (this.#map === undefined) throw new Error(`The map of event ${this.eventId} is not loaded yet.`);
    return this.#map;
  }

  #load(snapshot: SeatMapSnapshot): void {
    this.#map = new SeatMap(snapshot);
    this.draftOf = snapshot.draftOf;
    this.#changedAt = this.clock.now();
    this.#recent.beginAt(snapshot.version);
    this.#updates.clear();
    this.#versionWaiters.release(snapshot.version);
  }

  #advance(change: SeatChange): void {
    this.#recordedExpiries += this.#loaded.apply(change.version, change.seats);
    this.#changedAt = this.clock.now();
    this.#recent.add(change);
    this.#updates.clear();
    this.#versionWaiters.release(change.version);
    this.#scheduleExpiry();
    this.#ticks.recordPending(change);
    this.#ticks.schedule();
  }

  #scheduleExpiry(): void {
    this.#expiryAlarm.schedule(this.#map?.nextExpiry ?? null);
  }

  /** No update from before an expiry is shared after it. */
  #expireLocks(now = this.clock.now()): void {
    if (!this.#map?.expire(now)) return;
    this.#changedAt = now;
    this.#updates.clear();
  }

  /** Seats in their current state: a lock that expired since its change is sent as free. */
  #changesInMemory(version: number, now: Date): SeatUpdate | null {
    const seatNumbers = this.#recent.seatsAfter(version);
    if (seatNumbers === null) return null;
    return this.#cachedUpdate(version, now, () =>
      seatNumbers.map((seatNumber) => this.#loaded.seat(seatNumber)),
    );
  }

  #fromCache(key: UpdateKey, now: Date): SeatUpdate | undefined {
    this.#expireLocks(now);
    return this.#updates.get(key);
  }

  /** @param seats called only if no update with this key is cached */
  #cachedUpdate(key: UpdateKey, now: Date, seats: () => SeatState[]): SeatUpdate {
    const cached = this.#fromCache(key, now);
    if (cached !== undefined) return cached;
    const map = this.#loaded;
    const previousVersion = key === 'snapshot' ? null : key;
    const update: SeatUpdate = {
      eventId: this.eventId,
      kind: previousVersion === null ? 'snapshot' : 'changes',
      version: map.version,
      previousVersion,
      seats: seats(),
      statuses: map.statuses(),
      availability: map.availability(),
      digest: map.digest(),
      // `now` may be a tick's start, and a lock may have expired since. Never in the future: the clock may have been
      // set back since the map changed.
      serverTime: earlierOf(laterOf(now, this.#changedAt), this.clock.now()),
    };
    if (previousVersion === null) this.observer.snapshotBuilt();
    else if (map.version > previousVersion + 1)
      this.observer.changesMerged(map.version - previousVersion - 1);
    this.#updates.set(key, update);
    return update;
  }
}
