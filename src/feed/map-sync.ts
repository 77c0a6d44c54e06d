import type { Log } from '../core/log.js';
import type { FeedSource, SeatChange } from './feed-source.js';
import { mapUnavailable } from './map-deadline.js';
import type { SeatMapSnapshot } from './seat-map.js';

/** Changes that one read of `changes` returns at most. */
export const CATCH_UP_READ_MAX = 5_000;
/** Changes buffered while the database is read. With more, the database is read again. */
export const BUFFERED_CHANGES_MAX = 10_000;
/** Attempts of the first read. Later reads are retried until they succeed, because the map already has watchers. */
export const FIRST_READ_ATTEMPTS_MAX = 3;
const RETRY_MS = 500;

/** The map that is kept in sync. */
export interface SyncedMap {
  /** Replaces the whole map. */
  load(snapshot: SeatMapSnapshot): void;
  /** Applies the next version. */
  advance(change: SeatChange): void;
  /** A read has ended; the buffered changes follow. */
  readEnded(): void;
}

/**
 * Makes a sequence of versions without gaps out of database reads and the change stream.
 *
 * Changes that the stream delivers during the first read, or while a gap is filled, are buffered. After that the map only moves
 * from one version to the next: older changes are dropped, and a gap is filled from `changes`, or the whole map is read
 * again if `changes` does not reach back far enough.
 */
export class MapSync {
  #version = 0;
  #isLoaded = false;
  /** Undefined while the stream's changes are applied as they come. */
  #buffered: SeatChange[] | undefined = [];
  #syncing: Promise<boolean>;
  /** The first read, or the last sync that new watchers have to wait for. */
  #firstOrLastSync: Promise<boolean>;
  /** A sync that was requested and has not started. Further requests share it. */
  #nextSync: Promise<boolean> | undefined;
  #closed = false;

  constructor(
    private readonly eventId: string,
    private readonly source: FeedSource,
    private readonly log: Log,
    private readonly map: SyncedMap,
  ) {
    this.#syncing = this.#firstRead();
    this.#firstOrLastSync = this.#syncing;
  }

  /**
   * @returns whether the event exists, once its map is current
   * @throws the error of the first read if every attempt failed
   */
  ready(): Promise<boolean> {
    return this.#firstOrLastSync;
  }

  /** Takes a change from the stream. */
  receive(change: SeatChange): void {
    if (this.#buffered !== undefined) {
      // The newest change is enough to notice that the others are missing.
      if (this.#buffered.length >= BUFFERED_CHANGES_MAX) this.#buffered.length = 0;
      this.#buffered.push(change);
      return;
    }
    if (change.version <= this.#version) return;
    if (change.version === this.#version + 1) {
      this.#advance(change);
      return;
    }
    this.log.warn(
      { eventId: this.eventId, version: this.#version, next: change.version },
      'The change stream has a gap',
    );
    this.#buffered = [change];
    void this.sync();
  }

  /**
   * Reads what the map misses from the database, and retries until that succeeds. New watchers wait for it. Present watchers
   * are meanwhile notified of what the stream delivers.
   */
  sync(): Promise<boolean> {
    this.#firstOrLastSync = this.#requestSync();
    return this.#firstOrLastSync;
  }

  /** Like `sync`, but new watchers do not wait: a client may have invented the version that it waits for. */
  async syncInBackground(): Promise<void> {
    const syncing = this.#requestSync();
    // The event no longer exists. Everybody must learn that.
    if (!(await syncing)) this.#firstOrLastSync = syncing;
  }

  close(): void {
    this.#closed = true;
  }

  #requestSync(): Promise<boolean> {
    this.#nextSync ??= this.#syncing
      .catch(() => false)
      .then(() => {
        this.#nextSync = undefined;
        return this.#sync();
      });
    this.#syncing = this.#nextSync;
    // Callers that wait receive the rejection. Without callers, a closed map is no error.
    this.#syncing.catch(() => undefined);
    return this.#syncing;
  }

  async #firstRead(): Promise<boolean> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await this.#read();
      } catch (error) {
        if (this.#closed) throw mapUnavailable();
        if (attempts >= FIRST_READ_ATTEMPTS_MAX) throw error;
        await this.#waitToRetry(error, 'A live map could not be read; retrying');
      }
    }
  }

  async #sync(): Promise<boolean> {
    while (!this.#closed) {
      try {
        return await this.#catchUp();
      } catch (error) {
        if (!this.#closed) await this.#waitToRetry(error, 'A live map could not catch up; retrying');
      }
    }
    // Not false: that would mean that the event does not exist.
    throw mapUnavailable();
  }

  async #waitToRetry(error: unknown, message: string): Promise<void> {
    this.log.warn({ err: error, eventId: this.eventId }, message);
    await retryPause();
  }

  async #read(): Promise<boolean> {
    // Changes that are delivered from now on may be newer than the snapshot.
    this.#buffered ??= [];
    for (let reads = 1; ; reads++) {
      const snapshot = await this.source.readSeatMap(this.eventId);
      if (snapshot === null) return false;
      this.#version = snapshot.version;
      this.#isLoaded = true;
      this.map.load(snapshot);
      if (this.#applyBuffered()) return true;
      if (reads > 1) await retryPause();
      if (this.#closed) throw mapUnavailable();
    }
  }

  async #catchUp(): Promise<boolean> {
    if (!this.#isLoaded) return this.#read();
    for (;;) {
      const missed = await this.source.readChanges(this.eventId, this.#version, CATCH_UP_READ_MAX);
      for (const change of missed) {
        // The stream has delivered it meanwhile.
        if (change.version <= this.#version) continue;
        // `changes` has a gap because it keeps changes for a limited time only.
        if (change.version !== this.#version + 1) return this.#read();
        this.#advance(change);
      }
      if (missed.length < CATCH_UP_READ_MAX) break;
    }
    return this.#applyBuffered() || this.#read();
  }

  /** @returns false if a change before the buffered ones is in neither the snapshot nor `changes`: the map must be read again */
  #applyBuffered(): boolean {
    const buffered = this.#buffered ?? [];
    this.#buffered = undefined;
    this.map.readEnded();
    for (const change of buffered) {
      if (change.version > this.#version + 1) {
        this.#buffered = buffered;
        return false;
      }
      this.receive(change);
    }
    return true;
  }

  #advance(change: SeatChange): void {
    this.#version = change.version;
    this.map.advance(change);
  }
}

const retryPause = () => new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
