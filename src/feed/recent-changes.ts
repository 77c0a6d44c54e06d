import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';

/** Changes of one event kept in memory for watchers that fall behind or come back. */
export const RECENT_CHANGES_MAX = 1_000;
/** The same, counted in seats: a thousand changes may be of a seat each, or of thousands. */
export const RECENT_SEATS_MAX = 100_000;
/** Versions that a resuming client is told from the database; further behind, a snapshot is cheaper. */
export const RESUMED_VERSIONS_MAX = 5_000;
/** The same, counted in seats: twice those of the largest map. */
export const RESUMED_SEATS_MAX = 200_000;
/** What was read from the database is kept for as long as somebody had a use for it within this time. */
export const RESUMED_KEPT_MS = 10_000;
/** How often whoever comes back waits for a read: for one that was under way, for the next, and once because the map was read anew. */
const READS_MAX = 3;

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
  #changed: ChangedSeat[] = [];
  readonly #changedSeats = new Set<number>();
  /** Changes that were looked through for it. */
  #lookedAt = 0;
  /** @returns whether it could be read */
  #reading: Promise<boolean> | undefined;
  /** The oldest version that somebody waits to go on from. */
  #wanted = Number.POSITIVE_INFINITY;
  /** Up to here what there is was read, as long as it is kept. */
  #readUpTo = 0;
  /** The database, too, goes no further back than this. */
  #knownFrom = 0;
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
    this.#lookAnew();
  }

  add({ version, seats }: RecentChange): void {
    this.#version = version;
    this.#changes.push({ version, seats });
    this.#seats += seats.length;
    this.#lookAnew();
    // Not for each change: once there are as many more as are kept of recent ones.
    this.#forget(RECENT_CHANGES_MAX, RECENT_SEATS_MAX);
  }

  /** The seats that changed after a version, each once, in seat order, or null when memory does not go back that far. */
  seatsAfter(version: number): number[] | null {
    const behind = this.#version - version;
    if (behind > this.#changes.length) return null;
    if (version < this.#readUpTo) this.#usedMs = monotonicMs();
    // Whoever is further behind misses what those before him miss, and more: no change is looked through twice.
    for (; this.#lookedAt < behind; this.#lookedAt++) {
      const change = this.#changes[this.#changes.length - 1 - this.#lookedAt] as RecentChange;
      for (const { seatNumber } of change.seats) {
        if (this.#changedSeats.has(seatNumber)) continue;
        this.#changedSeats.add(seatNumber);
        this.#changed.push({ seatNumber, version: change.version });
      }
    }
    const seatNumbers: number[] = [];
    for (const changed of this.#changed) {
      if (changed.version <= version) break;
      seatNumbers.push(changed.seatNumber);
    }
    return seatNumbers.sort((a, b) => a - b);
  }

  /** Returns once memory goes back to a version, or will not. */
  async goBackTo(version: number): Promise<void> {
    for (let reads = 0; reads < READS_MAX && this.#isWorthReading(version); reads++) {
      this.#wanted = Math.min(this.#wanted, version);
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
    const isInReach = version >= this.#knownFrom && version >= this.#version - RESUMED_VERSIONS_MAX;
    return isInReach && version < this.#from && !this.#closed;
  }

  /**
   * Puts older changes in front of what there is. Those who come back one after the other, each with an older version,
   * cost few reads as well: each read goes as far back again as what there is.
   */
  async #read(): Promise<boolean> {
    const upTo = this.#from;
    const oldest = Math.max(0, this.#version - RESUMED_VERSIONS_MAX);
    const from = Math.max(oldest, Math.min(this.#wanted, upTo - this.#changes.length));
    this.#wanted = Number.POSITIVE_INFINITY;
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
    this.#keepForAWhile(upTo);
    this.#forget(0, 0);
    this.#knownFrom = this.#from > from ? this.#from : 0;
    return true;
  }

  #keepForAWhile(readUpTo: number): void {
    this.#readUpTo = readUpTo;
    this.#usedMs = monotonicMs();
    if (this.#closed) return;
    this.#keptEnd ??= setTimeout(() => this.#endKeeping(), RESUMED_KEPT_MS);
  }

  #endKeeping(): void {
    const leftMs = this.#usedMs + RESUMED_KEPT_MS - monotonicMs();
    this.#keptEnd = leftMs > 0 ? setTimeout(() => this.#endKeeping(), leftMs) : undefined;
    if (leftMs > 0) return;
    this.#readUpTo = 0;
    this.#knownFrom = 0;
    this.#forget(0, 0);
  }

  /** Forgets the oldest, where there is so much more than is kept. */
  #forget(changesMore: number, seatsMore: number): void {
    const [changesMax, seatsMax] =
      this.#keptEnd === undefined
        ? [RECENT_CHANGES_MAX, RECENT_SEATS_MAX]
        : [RESUMED_VERSIONS_MAX, RESUMED_SEATS_MAX];
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
    this.#lookAnew();
  }

  #lookAnew(): void {
    this.#lookedAt = 0;
    this.#changed = [];
    this.#changedSeats.clear();
  }
}
