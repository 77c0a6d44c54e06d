import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';

/** Changes of one event kept in memory for watchers that fall behind or reconnect. */
export const RECENT_CHANGES_MAX = 1_000;
/** Limit in seats: one change may have one seat, or thousands. */
export const RECENT_SEATS_MAX = 100_000;
/** A client that resumes gets at most this many versions from the database. If it is further behind, a snapshot is cheaper. */
export const LOADED_VERSIONS_MAX = 5_000;
/** Limit in seats: twice the seats of the largest map. */
export const LOADED_SEATS_MAX = 200_000;
/** Changes read from the database are kept while somebody uses them within this time. */
export const LOADED_KEPT_MS = 10_000;
/** Reads that one client waits for: the one in progress, the next one, and one more if the map was reloaded meanwhile. */
const LOAD_ATTEMPTS_MAX = 3;

type RecentChange = Pick<SeatChange, 'version' | 'seats'>;

/** A seat and the last version that changed it. */
interface ChangedSeat {
  readonly seatNumber: number;
  readonly version: number;
}

/**
 * The changes that led to a map's version, without gaps, as far back as memory goes. For clients that resume from an older
 * version, it goes further back for a while: a range of changes is read from the database once for all of them, and each
 * gets the part that it misses.
 */
export class RecentChanges {
  /** In order; the last one led to the map's version. */
  #changes: RecentChange[] = [];
  #seats = 0;
  #version = 0;
  /** Index for `seatsAfter`, built as far back as requested: each seat once, the last changed first. */
  #indexedSeats: ChangedSeat[] = [];
  readonly #indexedSeatNumbers = new Set<number>();
  /** How many changes the index covers. */
  #indexedChanges = 0;
  /** The read in progress: whether it succeeded. */
  #reading: Promise<boolean> | undefined;
  /** The oldest version that a client waits to resume from. */
  #oldestWanted = Number.POSITIVE_INFINITY;
  /** Changes up to this version came from the database. 0 if none are kept. */
  #loadedUpTo = 0;
  /** The database goes no further back than this version. */
  #oldestInStore = 0;
  #usedMs = 0;
  #retentionTimer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly eventId: string,
    private readonly source: Pick<FeedSource, 'readChanges'>,
    private readonly log: Log,
  ) {}

  /** The whole map was read: the changes that led to its version are unknown. */
  beginAt(version: number): void {
    this.#version = version;
    this.#changes = [];
    this.#seats = 0;
    this.#resetIndex();
  }

  add({ version, seats }: RecentChange): void {
    this.#version = version;
    this.#changes.push({ version, seats });
    this.#seats += seats.length;
    this.#resetIndex();
    // Trimming copies the list, so it happens only when the limits are exceeded by a full list of recent changes.
    this.#trim(RECENT_CHANGES_MAX, RECENT_SEATS_MAX);
  }

  /** The seats that changed after a version, each once, in seat order. Null if memory does not go back that far. */
  seatsAfter(version: number): number[] | null {
    const behind = this.#version - version;
    if (behind > this.#changes.length) return null;
    if (version < this.#loadedUpTo) this.#usedMs = monotonicMs();
    // The index only grows: a watcher that is further behind misses the same seats and more.
    for (; this.#indexedChanges < behind; this.#indexedChanges++) {
      const change = this.#changes[this.#changes.length - 1 - this.#indexedChanges] as RecentChange;
      for (const { seatNumber } of change.seats) {
        if (this.#indexedSeatNumbers.has(seatNumber)) continue;
        this.#indexedSeatNumbers.add(seatNumber);
        this.#indexedSeats.push({ seatNumber, version: change.version });
      }
    }
    const seatNumbers: number[] = [];
    for (const changed of this.#indexedSeats) {
      if (changed.version <= version) break;
      seatNumbers.push(changed.seatNumber);
    }
    return seatNumbers.sort((a, b) => a - b);
  }

  /** Returns once memory goes back to the version, or cannot. */
  async loadBackTo(version: number): Promise<void> {
    for (let reads = 0; reads < LOAD_ATTEMPTS_MAX && this.#canLoad(version); reads++) {
      this.#oldestWanted = Math.min(this.#oldestWanted, version);
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      if (!(await this.#reading)) return;
    }
  }

  /** Sets no timer any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retentionTimer);
  }

  /** The version that the oldest change in memory applies to. */
  get #oldest(): number {
    return this.#version - this.#changes.length;
  }

  #canLoad(version: number): boolean {
    const isInReach = version >= this.#oldestInStore && version >= this.#version - LOADED_VERSIONS_MAX;
    return isInReach && version < this.#oldest && !this.#closed;
  }

  /**
   * Prepends older changes. Every read at least doubles what is in memory, so that clients that come one after the other, each
   * with an older version, cost few reads.
   */
  async #read(): Promise<boolean> {
    const upTo = this.#oldest;
    const limit = Math.max(0, this.#version - LOADED_VERSIONS_MAX);
    const from = Math.max(limit, Math.min(this.#oldestWanted, upTo - this.#changes.length));
    this.#oldestWanted = Number.POSITIVE_INFINITY;
    let older: SeatChange[];
    try {
      older = await this.source.readChanges(this.eventId, from, upTo - from);
    } catch (error) {
      this.log.warn({ err: error, eventId: this.eventId }, 'Missed changes could not be read');
      return false;
    }
    // Meanwhile the whole map was read or changes were trimmed: these changes do not lead to those in memory.
    if (this.#oldest !== upTo) return true;
    // Only the changes without a gap up to those in memory are of use.
    let first = older.length;
    while (first > 0 && older[first - 1]?.version === upTo - (older.length - first)) first -= 1;
    const usable = older.slice(first);
    this.#changes = [...usable.map(({ version, seats }) => ({ version, seats })), ...this.#changes];
    this.#seats += usable.reduce((sum, { seats }) => sum + seats.length, 0);
    this.#extendRetention(upTo);
    this.#trim(0, 0);
    this.#oldestInStore = this.#oldest > from ? this.#oldest : 0;
    return true;
  }

  #extendRetention(loadedUpTo: number): void {
    this.#loadedUpTo = loadedUpTo;
    this.#usedMs = monotonicMs();
    if (this.#closed) return;
    this.#retentionTimer ??= setTimeout(() => this.#endRetention(), LOADED_KEPT_MS);
  }

  #endRetention(): void {
    const remainingMs = this.#usedMs + LOADED_KEPT_MS - monotonicMs();
    this.#retentionTimer = remainingMs > 0 ? setTimeout(() => this.#endRetention(), remainingMs) : undefined;
    if (remainingMs > 0) return;
    this.#loadedUpTo = 0;
    this.#oldestInStore = 0;
    this.#trim(0, 0);
  }

  /** Removes the oldest changes if the limits are exceeded by this much. */
  #trim(extraChanges: number, extraSeats: number): void {
    const [changesMax, seatsMax] =
      this.#retentionTimer === undefined
        ? [RECENT_CHANGES_MAX, RECENT_SEATS_MAX]
        : [LOADED_VERSIONS_MAX, LOADED_SEATS_MAX];
    if (this.#changes.length < changesMax + extraChanges && this.#seats < seatsMax + extraSeats) return;
    let firstKept = this.#changes.length;
    let keptSeats = 0;
    while (firstKept > 0 && this.#changes.length - firstKept < changesMax) {
      const next = (this.#changes[firstKept - 1] as RecentChange).seats.length;
      if (keptSeats + next > seatsMax) break;
      keptSeats += next;
      firstKept -= 1;
    }
    this.#changes = this.#changes.slice(firstKept);
    this.#seats = keptSeats;
    this.#resetIndex();
  }

  #resetIndex(): void {
    this.#indexedChanges = 0;
    this.#indexedSeats = [];
    this.#indexedSeatNumbers.clear();
  }
}
