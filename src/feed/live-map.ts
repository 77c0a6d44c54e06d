import type { SeatState } from '../booking/change.js';
import { type Alarm, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { SeatMap } from './seat-map.js';
import { mergeSeats, type SeatUpdate } from './seat-update.js';

/** Changes that come within this time of the last delivery are merged into one. */
export const TICK_MS = 50;
/** Changes of one event kept in memory for watchers that fall behind or come back. */
export const RECENT_CHANGES_MAX = 1_000;
/** Versions that a resuming client is told one by one from the database; further behind, a snapshot is cheaper. */
export const RESUMED_VERSIONS_MAX = 5_000;

const SYNC_RETRY_MS = 500;

/** How a live map asks for lapses to be written down, so that everybody sees them. */
export type OnLapse = (eventId: string) => void;

/**
 * The map of one event that somebody watches.
 *
 * It is registered with the feed before it is read, keeps what the stream delivers meanwhile, and after that only
 * moves from one version to the next: older changes are dropped, and a hole in the numbers is filled from `changes`
 * or, where that is not possible, ends in a map read anew and a SNAPSHOT for everyone (`epoch`).
 */
export class LiveMap {
  #map: SeatMap | undefined;
  /** Raised when versions can no longer be told one by one: watchers of an older epoch get a SNAPSHOT. */
  epoch = 0;
  /** What the stream delivered while the map was being read. */
  #early: SeatChange[] | undefined = [];
  /** Without a hole, the last one being the map's version. */
  #recent: SeatChange[] = [];
  readonly #wake = new Set<() => void>();
  #tick: NodeJS.Timeout | undefined;
  #lastTickMs = Number.NEGATIVE_INFINITY;
  #alarm: Alarm | undefined;
  #updates = new Map<number | 'snapshot', SeatUpdate>();
  #syncing: Promise<boolean>;
  #closed = false;

  constructor(
    readonly eventId: string,
    private readonly source: FeedSource,
    private readonly clock: Clock,
    private readonly onLapse: OnLapse,
    private readonly log: Log,
  ) {
    this.#syncing = this.#read();
  }

  /** @returns whether there is such an event, once its map is there */
  ready = (): Promise<boolean> => this.#syncing;

  get isReady(): boolean {
    return this.#map !== undefined;
  }

  get version(): number {
    return this.#loaded.version;
  }

  get hasUnwrittenLapse(): boolean {
    this.#map?.lapse(this.clock.now());
    return this.#map?.hasUnwrittenLapse ?? false;
  }

  isAvailable(seatNumber: number): boolean {
    this.#loaded.lapse(this.clock.now());
    return this.#loaded.isAvailable(seatNumber);
  }

  get totalSeats(): number {
    return this.#loaded.totalSeats;
  }

  /** Takes what the stream delivers. Anything but the next version is no reason to guess. */
  receive(change: SeatChange): void {
    if (this.#early !== undefined) {
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
   * For a hole, a reopened stream, or a client that knows a newer version than this process.
   */
  sync(): Promise<boolean> {
    this.#early ??= [];
    this.#syncing = this.#syncing
      .catch(() => false)
      .then(async () => {
        while (!this.#closed) {
          try {
            return await this.#catchUp();
          } catch (error) {
            this.log.warn(
              { err: error, eventId: this.eventId },
              'A live map could not catch up; trying again',
            );
            await new Promise((resolve) => setTimeout(resolve, SYNC_RETRY_MS));
          }
        }
        return false;
      });
    return this.#syncing;
  }

  /** Calls back at the next tick that has something new. The caller takes itself off the list with the returned call. */
  onTick(wake: () => void): () => void {
    this.#wake.add(wake);
    return () => this.#wake.delete(wake);
  }

  /** Whether changes wait for the next tick; whoever asks for them waits with them, so that all share one update. */
  get isTickPending(): boolean {
    return this.#tick !== undefined;
  }

  snapshot(): SeatUpdate {
    return this.#update('snapshot', null, () => this.#loaded.takenSeats());
  }

  /** What a watcher at `version` misses, or null when memory does not go back that far. */
  changesSince(version: number): SeatUpdate | null {
    if (version > this.version) return null;
    const behind = this.version - version;
    if (behind > this.#recent.length) return null;
    const missed = behind === 0 ? [] : this.#recent.slice(-behind);
    return this.#update(version, version, () => mergeSeats(missed));
  }

  /** The same from the database, or null when it is not known there any more. */
  async changesFromStore(version: number): Promise<SeatUpdate | null> {
    const behind = this.version - version;
    if (version < 0 || behind < 0 || behind > RESUMED_VERSIONS_MAX) return null;
    const upTo = this.version;
    const stored = await this.source.readChanges(this.eventId, version, RESUMED_VERSIONS_MAX);
    const missed = stored.filter((change) => change.version <= upTo);
    if (missed.length !== behind || upTo !== this.version) return this.changesSince(version);
    return this.#update(version, version, () => mergeSeats(missed));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#tick);
    this.#alarm?.cancel();
  }

  get #loaded(): SeatMap {
    if (this.#map === undefined) throw new Error(`The map of event ${this.eventId} is not there yet.`);
    return this.#map;
  }

  async #read(): Promise<boolean> {
    const snapshot = await this.source.readSeatMap(this.eventId);
    if (snapshot === null) return false;
    this.#map = new SeatMap(snapshot);
    this.#recent = [];
    this.epoch += 1;
    return this.#takeEarly();
  }

  async #catchUp(): Promise<boolean> {
    if (this.#map === undefined) return this.#read();
    for (;;) {
      const missed = await this.source.readChanges(this.eventId, this.version, RESUMED_VERSIONS_MAX);
      for (const change of missed) {
        if (change.version !== this.version + 1) return this.#read();
        this.#advance(change);
      }
      if (missed.length < RESUMED_VERSIONS_MAX) break;
    }
    return this.#takeEarly();
  }

  #takeEarly(): Promise<boolean> | true {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#armLapse();
    this.#scheduleTick();
    for (const change of early) {
      if (change.version > this.version + 1) {
        // Delivered, yet neither in the snapshot nor in `changes`: read again, it has to be there.
        this.#early = early;
        return this.#read();
      }
      this.receive(change);
    }
    return true;
  }

  #advance(change: SeatChange): void {
    this.#loaded.apply(change.version, change.seats);
    this.#recent.push(change);
    if (this.#recent.length >= 2 * RECENT_CHANGES_MAX) this.#recent = this.#recent.slice(-RECENT_CHANGES_MAX);
    this.#updates.clear();
    this.#armLapse();
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    if (this.#tick !== undefined || this.#closed) return;
    const waitMs = Math.max(0, this.#lastTickMs + TICK_MS - monotonicMs());
    this.#tick = setTimeout(() => {
      this.#tick = undefined;
      this.#lastTickMs = monotonicMs();
      for (const wake of [...this.#wake]) wake();
    }, waitMs);
  }

  #armLapse(): void {
    this.#alarm?.cancel();
    const next = this.#map?.nextLapse;
    if (next == null || this.#closed) return;
    this.#alarm = this.clock.at(next, () => {
      this.#loaded.lapse(this.clock.now());
      this.#updates.clear();
      if (this.#loaded.hasUnwrittenLapse) this.onLapse(this.eventId);
      this.#armLapse();
    });
  }

  /** Made once for all who are at the same version, and made anew after a tick's time, since it says what time it is. */
  #update(key: number | 'snapshot', previousVersion: number | null, seats: () => SeatState[]): SeatUpdate {
    const map = this.#loaded;
    const now = this.clock.now();
    map.lapse(now);
    const made = this.#updates.get(key);
    if (made && now.getTime() - made.serverTime.getTime() < TICK_MS) return made;
    const update: SeatUpdate = {
      eventId: this.eventId,
      kind: previousVersion === null ? 'snapshot' : 'changes',
      version: map.version,
      previousVersion,
      seats: seats(),
      statuses: map.statuses(),
      availability: map.availability(),
      serverTime: now,
    };
    if (this.#updates.size > RECENT_CHANGES_MAX) this.#updates.clear();
    this.#updates.set(key, update);
    return update;
  }
}
