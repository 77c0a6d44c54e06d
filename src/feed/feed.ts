import type { Change } from '../booking/change.js';
import { eventNotFound } from '../booking/refusals.js';
import { type Event, isVisibleTo } from '../catalog/event.js';
import type { Alarm, Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { EventWatcher } from './event-watcher.js';
import type { FeedObserver } from './feed-observer.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { LiveEvent } from './live-event.js';
import { LiveMap, type OnExpiry } from './live-map.js';
import { withMapDeadline } from './map-deadline.js';
import { type ReservationSignal, ReservationWatcher } from './reservation-watcher.js';
import type { SeatUpdate } from './seat-update.js';
import { SeatWatcher } from './seat-watcher.js';
import { TICK_MS } from './tick-schedule.js';

/** How long a map stays in memory after its last user, so that the next one needs no read. */
const IDLE_MAP_MS = 30_000;

/** Maps without users that stay in memory. With more, the one that has been idle longest is evicted. */
export const IDLE_MAPS_MAX = 1_000;

interface OpenMap {
  readonly map: LiveMap;
  readonly event: LiveEvent;
  /** Watchers and reads in progress. */
  users: number;
  eviction: Alarm | undefined;
}

/**
 * The only source of live updates: passes the changes of the change stream to the maps in memory, and to the watchers of the
 * reservations that they concern.
 */
export class Feed {
  readonly #maps = new Map<string, OpenMap>();
  /** Maps without users, the one that has been idle longest first. */
  readonly #idle = new Set<OpenMap>();
  readonly #reservations = new Map<string, Set<ReservationWatcher>>();
  #onExpiry: OnExpiry = () => undefined;

  constructor(
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly observer: FeedObserver,
    private readonly tickMs = TICK_MS,
    /** While a batch is in progress, watchers are notified in shorter slices, so that its commands need not wait. */
    private readonly isBatchInProgress: () => boolean = () => false,
  ) {}

  /** Subscriptions to seats and to reservations, and reads in progress. */
  get watchers(): number {
    let watchers = 0;
    for (const { users } of this.#maps.values()) watchers += users;
    return watchers;
  }

  /** Called when a lock of a map in memory expires, so that the expiry is recorded. */
  set onExpiry(onExpiry: OnExpiry) {
    this.#onExpiry = onExpiry;
  }

  get mapsInMemory(): number {
    return this.#maps.size;
  }

  /** Whether a map in memory has an expiry that is not recorded yet. */
  hasUnrecordedExpiry(eventId: string): boolean {
    return this.#maps.get(eventId)?.map.hasUnrecordedExpiry ?? false;
  }

  /** How many expiries of a map in memory were recorded, by any process. */
  recordedExpiries(eventId: string): number {
    return this.#maps.get(eventId)?.map.recordedExpiries ?? 0;
  }

  /** Whether the event's map is in memory or being read. */
  isOpenOrOpening(eventId: string): boolean {
    return this.#maps.has(eventId);
  }

  /** Whether the event's map is in memory. */
  hasMap(eventId: string): boolean {
    return this.#maps.get(eventId)?.map.isReady ?? false;
  }

  /**
   * Reads the seats of an event as they are now, with every change that any client was sent before. The map then stays in
   * memory for a while, so that a popular event is read from the database once and not for every caller.
   *
   * @returns null if the event does not exist
   * @throws TOO_BUSY if the map cannot be read in time
   */
  async readMap<Result>(eventId: string, read: (map: LiveMap) => Result): Promise<Result | null> {
    let opening: Promise<OpenMap> | undefined;
    let hasEnded = false;
    const readOnceCurrent = async () => {
      let version = await this.source.readVersion(eventId);
      // A caller that has timed out opens no map.
      if (version === null || hasEnded) return null;
      opening = this.#open(eventId);
      const { map } = await opening;
      while (version !== null && map.version < version && !hasEnded) {
        await map.waitForVersion(version);
        // Not even by catching up: an election rolled the version back, or it has not reached a majority yet.
        if (map.version < version) version = await this.source.readVersion(eventId);
      }
      return version === null ? null : read(map);
    };
    return withMapDeadline(readOnceCurrent()).finally(() => {
      hasEnded = true;
      if (opening !== undefined) this.#releaseOnceOpen(opening);
    });
  }

  /** Takes one committed change from the stream, in commit order. */
  receive(change: Change): void {
    const open = this.#maps.get(change.eventId);
    if (isSeatChange(change)) open?.map.receive(change);
    if (change.settings === true) open?.event.settingsChanged();
    for (const { userId } of change.reservations) {
      for (const watcher of this.#reservations.get(reservationKey(change.eventId, userId)) ?? []) {
        watcher.changed();
      }
    }
  }

  /** The stream was interrupted: every map catches up with the database, and all reservations are sent again. */
  resync(): void {
    for (const { map, event } of this.#maps.values()) {
      void map.sync();
      event.settingsChanged();
    }
    for (const watchers of this.#reservations.values()) for (const watcher of watchers) watcher.changed();
  }

  /**
   * The seats of an event from now on, or the changes after version `since`. While the database is unavailable, watchers get
   * nothing; afterwards they get what they missed.
   *
   * @param viewerId undefined for a caller without a token
   * @throws EVENT_NOT_FOUND
   * @throws TOO_BUSY if the map cannot be read in time
   */
  async watchSeats(
    eventId: string,
    since: number | null,
    viewerId?: string,
  ): Promise<AsyncIterableIterator<SeatUpdate>> {
    const open = await this.#openVisible(eventId, viewerId);
    return new SeatWatcher(open.map, since, () => this.#release(open));
  }

  /**
   * The event as it is, and again whenever its settings, its status or its counters change: at most twice a second on average.
   *
   * @param viewerId undefined for a caller without a token
   * @throws EVENT_NOT_FOUND, TOO_BUSY
   */
  async watchEvent(eventId: string, viewerId: string | undefined): Promise<AsyncIterableIterator<Event>> {
    const open = await this.#openVisible(eventId, viewerId);
    let watcher: EventWatcher | null = null;
    try {
      watcher = await open.event.watch(() => this.#release(open));
    } finally {
      if (watcher === null) this.#release(open);
    }
    if (watcher === null) throw eventNotFound();
    return watcher;
  }

  /**
   * A signal now, and one whenever the user's locks or bookings of the event change.
   *
   * @throws EVENT_NOT_FOUND
   * @throws TOO_BUSY if the map cannot be read in time
   */
  async watchReservations(
    eventId: string,
    userId: string,
  ): Promise<AsyncIterableIterator<ReservationSignal>> {
    // The map must be in memory: it notices when a lock expires.
    const open = await this.#openVisible(eventId, userId);
    const key = reservationKey(eventId, userId);
    const watchers = this.#reservations.get(key) ?? new Set();
    const watcher = new ReservationWatcher(this.clock, () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#reservations.delete(key);
      this.#release(open);
    });
    this.#reservations.set(key, watchers.add(watcher));
    return watcher;
  }

  close(): void {
    for (const { map, event, eviction } of this.#maps.values()) {
      eviction?.cancel();
      event.close();
      map.close();
    }
    this.#maps.clear();
    this.#idle.clear();
  }

  async #open(eventId: string): Promise<OpenMap> {
    let open = this.#maps.get(eventId);
    if (open === undefined) {
      const map = new LiveMap(
        eventId,
        this.source,
        this.clock,
        (id) => this.#onExpiry(id),
        this.log,
        this.observer,
        this.tickMs,
        this.isBatchInProgress,
      );
      const event = new LiveEvent(map, this.source, this.clock, this.log);
      open = { map, event, users: 0, eviction: undefined };
      this.#maps.set(eventId, open);
    }
    open.users += 1;
    open.eviction?.cancel();
    open.eviction = undefined;
    this.#idle.delete(open);
    try {
      if (!(await open.map.ready())) throw eventNotFound();
      return open;
    } catch (error) {
      if (this.#maps.get(eventId) === open) this.#maps.delete(eventId);
      open.map.close();
      throw error;
    }
  }

  /** @throws EVENT_NOT_FOUND, TOO_BUSY */
  async #openVisible(eventId: string, viewerId: string | undefined): Promise<OpenMap> {
    const opening = this.#openIfVisible(eventId, viewerId);
    try {
      return await withMapDeadline(opening);
    } catch (error) {
      this.#releaseOnceOpen(opening);
      throw error;
    }
  }

  async #openIfVisible(eventId: string, viewerId: string | undefined): Promise<OpenMap> {
    const open = await this.#open(eventId);
    const { map } = open;
    if (map.draftOf === null || map.draftOf === viewerId) return open;
    try {
      // It may have been published since the map was read, or have another organizer.
      const event = await this.source.readEvent(eventId);
      if (event === null || !isVisibleTo(event, viewerId)) throw eventNotFound();
      map.draftOf = event.isDraft ? event.organizerId : null;
      return open;
    } catch (error) {
      this.#release(open);
      throw error;
    }
  }

  /** For a caller that has timed out: the map is released as soon as it is read. */
  #releaseOnceOpen(opening: Promise<OpenMap>): void {
    opening.then(
      (open) => this.#release(open),
      () => undefined,
    );
  }

  #release(open: OpenMap): void {
    open.users -= 1;
    if (open.users > 0 || this.#maps.get(open.map.eventId) !== open) return;
    const evictAt = new Date(this.clock.now().getTime() + IDLE_MAP_MS);
    open.eviction = this.clock.at(evictAt, () => this.#evict(open));
    this.#idle.add(open);
    const [longestIdle] = this.#idle;
    if (this.#idle.size > IDLE_MAPS_MAX && longestIdle !== undefined) this.#evict(longestIdle);
  }

  #evict(open: OpenMap): void {
    open.eviction?.cancel();
    open.map.close();
    this.#maps.delete(open.map.eventId);
    this.#idle.delete(open);
  }
}

const reservationKey = (eventId: string, userId: string) => `${eventId}:${userId}`;

const isSeatChange = (change: Change): change is SeatChange => change.version !== null;
