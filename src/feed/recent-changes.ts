import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';

/** Changes of one event kept in memory for watchers that fall behind or come back. */
export const RECENT_CHANGES_MAX = 1_000;
/** The same, counted in seats: a thousand changes may be of a seat each, or of thousands. */
export const RECENT_SEATS_MAX = 100_000;
/** Versions that a resuming client is told from the database; further behind, a snapshot is cheaper. */
export const LOADED_VERSIONS_MAX = 5_000;
/** The same, counted in seats: twice those of the largest map. */
export const LOADED_SEATS_MAX = 200_000;
/** What was read from the database is kept for as long as somebody had a use for it within this time. */
export const LOADED_KEPT_MS = 10_000;
/** How often whoever comes back waits for a read: for one that was under way, for the next, and once because the map was read anew. */
const LOAD_ATTEMPTS_MAX = 3;

type RecentChange = Pick<SeatChange, 'version' | 'seats'>;

/** A seat, and the version that changed it last. */
interface ChangedSeat {
  readonly seatNumber: number;
  readonly version: number;
}

/**
 * The changes that led to a map's version, without a hole, as far back as memory goes. For those who come back with older
 * versions it goes further back for a while: a range is read from the database once, for all of them, however many
 * different versions they have, and each is told its own part of it.
 */
export class RecentChanges {
  /** In order, the last one being the map's version. */
  #changes: RecentChange[] = [];
  #seats = 0;
  #version = 0;
  /** The seats that somebody asked for since the map has its version, those that changed last first, each once. */
  #indexedSeats: ChangedSeat[] = [];
  readonly #indexedSeatNumbers = new Set<number>();
  /** Changes that were looked through for it. */
  #indexedChanges = 0;
  /** @returns whether it could be read */
  #reading: Promise<boolean> | undefined;
  /** The oldest version that somebody waits to go on from. */
  #oldestWanted = Number.POSITIVE_INFINITY;
  /** Up to here what there is was read, as long as it is kept. */
  #loadedUpTo = 0;
  /** The database, too, goes no further back than this. */
  #oldestInStore = 0;
  #usedMs = 0;
  #keptEnd: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly eventId: string,
    private readonly source: Pick<FeedSource, 'readChanges'>,
    private readonly log: Log,
  ) {}

  /** The map was read anew: nothing is known of how it came to its version. */
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
    // Not for each change: once there are as many more as are kept of recent ones.
    this.#trim(RECENT_CHANGES_MAX, RECENT_SEATS_MAX);
  }

  /** The seats that changed after a version, each once, in seat order, or null when memory does not go back that far. */
  seatsAfter(version: number): number[] | null {
    const behind = this.#version - version;
    if (behind > this.#changes.length) return null;
    if (version < this.#loadedUpTo) this.#usedMs = monotonicMs();
    // Whoever is further behind misses what those before him miss, and more: no change is looked through twice.
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

  /** Returns once memory goes back to a version, or will not. */
  async loadBackTo(version: number): Promise<void> {
    for (let reads = 0; reads < LOAD_ATTEMPTS_MAX && this.#isWorthReading(version); reads++) {
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
    clearTimeout(this.#keptEnd);
  }

  /** The version that the oldest change in memory applies to. */
  get #from(): number {
    return this.#version - this.#changes.length;
  }

  #isWorthReading(version: number): boolean {
    const isInReach = version >= this.#oldestInStore && version >= this.#version - LOADED_VERSIONS_MAX;
    return isInReach && version < this.#from && !this.#closed;
  }

  /**
   * Puts older changes in front of what there is. Those who come back one after the other, each with an older version,
   * cost few reads as well: each read goes as far back again as what there is.
   */
  async #read(): Promise<boolean> {
    const upTo = this.#from;
    const oldest = Math.max(0, this.#version - LOADED_VERSIONS_MAX);
    const from = Math.max(oldest, Math.min(this.#oldestWanted, upTo - this.#changes.length));
    this.#oldestWanted = Number.POSITIVE_INFINITY;
    let older: SeatChange[];
    try {
      older = await this.source.readChanges(this.eventId, from, upTo - from);
    } catch (error) {
      this.log.warn({ err: error, eventId: this.eventId }, 'Missed changes could not be read');
      return false;
    }
    // The map was read anew meanwhile, or has forgotten some: what was read does not lead to what there is.
    if (this.#from !== upTo) return true;
    // With a hole, or without the last ones, it does not either.
    let first = older.length;
    while (first > 0 && older[first - 1]?.version === upTo - (older.length - first)) first -= 1;
    const known = older.slice(first);
    this.#changes = [...known.map(({ version, seats }) => ({ version, seats })), ...this.#changes];
    this.#seats += known.reduce((sum, { seats }) => sum + seats.length, 0);
    this.#extendRetention(upTo);
    this.#trim(0, 0);
    this.#oldestInStore = this.#from > from ? this.#from : 0;
    return true;
  }

  #extendRetention(readUpTo: number): void {
    this.#loadedUpTo = readUpTo;
    this.#usedMs = monotonicMs();
    if (this.#closed) return;
    this.#keptEnd ??= setTimeout(() => this.#endRetention(), LOADED_KEPT_MS);
  }

  #endRetention(): void {
    const leftMs = this.#usedMs + LOADED_KEPT_MS - monotonicMs();
    this.#keptEnd = leftMs > 0 ? setTimeout(() => this.#endRetention(), leftMs) : undefined;
    if (leftMs > 0) return;
    this.#loadedUpTo = 0;
    this.#oldestInStore = 0;
    this.#trim(0, 0);
  }

  /** Forgets the oldest, where there is so much more than is kept. */
  #trim(changesMore: number, seatsMore: number): void {
    const [changesMax, seatsMax] =
      this.#keptEnd === undefined
        ? [RECENT_CHANGES_MAX, RECENT_SEATS_MAX]
        : [LOADED_VERSIONS_MAX, LOADED_SEATS_MAX];
    if (this.#changes.length < changesMax + changesMore && this.#seats < seatsMax + seatsMore) return;
    let kept = this.#changes.length;
    let keptSeats = 0;
    while (kept > 0 && this.#changes.length - kept < changesMax) {
      const next = (this.#changes[kept - 1] as RecentChange).seats.length;
      if (keptSeats + next > seatsMax) break;
      keptSeats += next;
      kept -= 1;
    }
    this.#changes = this.#changes.slice(kept);
    this.#seats = keptSeats;
    this.#resetIndex();
  }

  #resetIndex(): void {
    this.#indexedChanges = 0;
    this.#indexedSeats = [];
    this.#indexedSeatNumbers.clear();
  }
}
