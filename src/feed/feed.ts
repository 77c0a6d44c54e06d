import type { Change } from '../booking/change.js';
import { eventNotFound } from '../booking/refusals.js';
import type { Alarm, Clock } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { type FeedObserver, LiveMap, type OnExpiry, TICK_MS } from './live-map.js';
import { withMapDeadline } from './map-deadline.js';
import { type ReservationSignal, ReservationWatcher } from './reservation-watcher.js';
import type { SeatUpdate } from './seat-update.js';
import { SeatWatcher } from './seat-watcher.js';

/** How long a map is kept after the last one left who watched or looked, for those who come next. */
const IDLE_MAP_MS = 30_000;

/** Maps that nobody watches, kept for those who may come; beyond that, the one that was left first is given up. */
export const IDLE_MAPS_MAX = 1_000;

interface OpenMap {
  readonly map: LiveMap;
  users: number;
  eviction: Alarm | undefined;
}

/**
 * The one way out: what the change stream delivers goes to the maps that somebody watches and to the users whose
 * reservations it concerns. Nothing else ever publishes.
 */
export class Feed {
  readonly #maps = new Map<string, OpenMap>();
  /** Those that nobody uses, the one that was left first being the first. */
  readonly #idle = new Set<OpenMap>();
  readonly #reservations = new Map<string, Set<ReservationWatcher>>();
  #onExpiry: OnExpiry = () => undefined;

  constructor(
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly observer: FeedObserver,
    private readonly tickMs = TICK_MS,
    /** Whether commands are being decided, which are not to wait for thousands of watchers. */
    private readonly isBatchUnderWay: () => boolean = () => false,
  ) {}

  /** Subscribers of seats and of reservations, and those who look at this moment. */
  get watchers(): number {
    let watchers = 0;
    for (const { users } of this.#maps.values()) watchers += users;
    return watchers;
  }

  /** Who is to write the lapses of watched maps down, told the instant they happen. */
  set onExpiry(onExpiry: OnExpiry) {
    this.#onExpiry = onExpiry;
  }

  get mapsInMemory(): number {
    return this.#maps.size;
  }

  /** Whether a lapse on a watched map still waits to be written down. */
  hasUnrecordedExpiry(eventId: string): boolean {
    return this.#maps.get(eventId)?.map.hasUnrecordedExpiry ?? false;
  }

  /** How many lapses of a watched map have been written down, by whatever process. */
  lapsesWritten(eventId: string): number {
    return this.#maps.get(eventId)?.map.lapsesWritten ?? 0;
  }

  /** Whether the event's map is in memory, or on its way there. */
  isOpenOrOpening(eventId: string): boolean {
    return this.#maps.has(eventId);
  }

  /** Whether the event's map is in memory. */
  hasMap(eventId: string): boolean {
    return this.#maps.get(eventId)?.map.isReady ?? false;
  }

  /**
   * Looks at the seats of an event as they are now: with every change that anybody was told of before. The map is then
   * kept for a while, so that a hot event is read from the database once and not for everybody who asks.
   *
   * @returns null when there is no such event
   * @throws TOO_BUSY when the map cannot be had in time
   */
  async readMap<Result>(eventId: string, read: (map: LiveMap) => Result): Promise<Result | null> {
    let opening: Promise<OpenMap> | undefined;
    let isOver = false;
    const readOnceCurrent = async () => {
      let version = await this.source.readVersion(eventId);
      // Whoever gave up meanwhile opens nothing any more.
      if (version === null || isOver) return null;
      opening = this.#open(eventId);
      const { map } = await opening;
      while (version !== null && map.version < version && !isOver) {
        await map.waitForVersion(version);
        // Not even by catching up: it was a version that an election took back, or is not everywhere yet.
        if (map.version < version) version = await this.source.readVersion(eventId);
      }
      return version === null ? null : read(map);
    };
    return withMapDeadline(readOnceCurrent()).finally(() => {
      isOver = true;
      if (opening !== undefined) this.#releaseOnceOpen(opening);
    });
  }

  /** Takes one committed change from the stream, in commit order. */
  receive(change: Change): void {
    if (isSeatChange(change)) this.#maps.get(change.eventId)?.map.receive(change);
    for (const { userId } of change.reservations) {
      for (const watcher of this.#reservations.get(reservationKey(change.eventId, userId)) ?? []) {
        watcher.changed();
      }
    }
  }

  /** The stream was interrupted: every map catches up with the database, every reservation is told anew. */
  resync(): void {
    for (const { map } of this.#maps.values()) void map.sync();
    for (const watchers of this.#reservations.values()) for (const watcher of watchers) watcher.changed();
  }

  /**
   * The seats of an event from now on, or from after `since`. Whoever watches already is told of nothing while the
   * database is away, and of what was missed as soon as it is back.
   *
   * @throws EVENT_NOT_FOUND
   * @throws TOO_BUSY when the map cannot be had in time
   */
  async watchSeats(eventId: string, since: number | null): Promise<AsyncIterableIterator<SeatUpdate>> {
    const open = await this.#openInTime(eventId);
    return new SeatWatcher(open.map, since, () => this.#release(open));
  }

  /**
   * One turn now and one whenever the user's locks or bookings of the event changed.
   *
   * @throws EVENT_NOT_FOUND
   * @throws TOO_BUSY when the map cannot be had in time
   */
  async watchReservations(
    eventId: string,
    userId: string,
  ): Promise<AsyncIterableIterator<ReservationSignal>> {
    // The map is what knows when a lock lapses.
    const open = await this.#openInTime(eventId);
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
    for (const { map, eviction } of this.#maps.values()) {
      eviction?.cancel();
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
        this.isBatchUnderWay,
      );
      open = { map, users: 0, eviction: undefined };
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

  async #openInTime(eventId: string): Promise<OpenMap> {
    const opening = this.#open(eventId);
    try {
      return await withMapDeadline(opening);
    } catch (error) {
      this.#releaseOnceOpen(opening);
      throw error;
    }
  }

  /** For whoever gave up: a map that is being read is left as soon as it is there. */
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
    const [first] = this.#idle;
    if (this.#idle.size > IDLE_MAPS_MAX && first !== undefined) this.#evict(first);
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
