import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';

/**
 * So many points in a window of time. The window starts with the first point. Around the end of a window up to twice as
 * many points can be consumed in a short time, because each subject has only one counter.
 */
export interface Limit {
  readonly name: string;
  readonly points: number;
  readonly windowMs: number;
}

/** Counters that all server processes share. */
export interface SharedCounts {
  add(
    additions: readonly { readonly key: string; readonly points: number; readonly windowMs: number }[],
  ): Promise<readonly { readonly points: number; readonly until: Date }[]>;
  read(key: string): Promise<{ readonly points: number; readonly until: Date } | null>;
  /** Sets the counter to one point, for a window that starts now. */
  renew(key: string, windowMs: number): Promise<void>;
}

/** Counters in memory. The least recently used one is evicted. */
const COUNTERS_MAX = 200_000;
/** How often a process synchronises its counters with the shared ones. */
const SYNC_EVERY_MS = 1_000;
/** Counters that are synchronised in one write. */
const SYNCED_AT_ONCE_MAX = 1_000;
/** A counter below this fraction of its limit is not synchronised. */
const UNSYNCED_SHARE = 1 / 10;

/** One window of one subject. */
interface Counter {
  readonly key: string;
  readonly limit: Limit;
  /** All points that this process knows of: its own, and those of the others at the last synchronisation. */
  points: number;
  /** Own points since then. */
  unsynced: number;
  untilMs: number;
}

/** Points taken from a counter, so that they can be given back. */
export interface Consumed {
  readonly counter: Counter;
  readonly points: number;
}

/**
 * Own code, because rate-limiter-flexible writes to the database at every call (docs/decisions/0018).
 *
 * Counts in memory, so that no call waits for the database, and synchronises in the background with the counters that
 * all processes share. One process never exceeds a limit. N processes together let at most pass
 *
 *     limit + (N - 1) × (limit / 10 + what each of them receives within a second)
 *
 * and N × limit while the database is unavailable. `consumeShared` is exact: it asks the database first.
 */
export class RateLimiter {
  // By size: with `max` the library would allocate room for all of them at once, which takes 40 ms.
  readonly #counters = new LRUCache<string, Counter>({ maxSize: COUNTERS_MAX, sizeCalculation: () => 1 });
  readonly #toSync = new Set<Counter>();
  readonly #remembering = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #syncing: Promise<void> = Promise.resolve();
  #isSyncing = false;
  /** Synchronisation fails at present. It is logged when that starts and when it ends. */
  #countsAlone = false;

  constructor(
    private readonly shared: SharedCounts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#timer = setInterval(() => this.#syncInBackground(), SYNC_EVERY_MS);
    this.#timer.unref();
  }

  /** Resolves after a last synchronisation. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#syncInBackground();
    await this.#syncing;
    await Promise.all(this.#remembering);
  }

  /** Takes all of the points or none. @returns them, or the milliseconds until there are points again */
  consume(limit: Limit, subject: string, points = 1): Consumed | number {
    const counter = this.#counter(limit, subject);
    if (counter.points + points > limit.points) return this.#msLeft(counter);
    this.#add(counter, points);
    return { counter, points };
  }

  /** Like `consume`, but synchronises first, so that all processes together never exceed the limit. */
  async consumeShared(limit: Limit, subject: string, points = 1): Promise<Consumed | number> {
    const consumed = this.consume(limit, subject, points);
    if (typeof consumed === 'number') return consumed;
    const { counter } = consumed;
    this.#toSync.add(counter);
    // A synchronisation in progress may have started before the points were taken.
    await this.#sync(counter);
    if (counter.unsynced > 0) await this.#sync(counter);
    if (counter.points <= limit.points) return consumed;
    this.#add(counter, -points);
    return this.#msLeft(counter);
  }

  /** Points of a window that has ended are lost. */
  giveBack({ counter, points: consumed }: Consumed, points = consumed): void {
    this.#add(counter, -Math.min(points, counter.points));
    // The shared counter may have these points already.
    this.#toSync.add(counter);
  }

  /**
   * Remembers a subject for the limit's window from now on, in all processes. It is written in the background and may
   * fail.
   */
  remember(limit: Limit, subject: string): void {
    const written = this.shared.renew(keyOf(limit, subject), limit.windowMs).catch((error: unknown) => {
      this.log.warn({ err: error }, 'Known log-in addresses could not be written');
    });
    this.#remembering.add(written);
    void written.then(() => this.#remembering.delete(written));
  }

  /** @returns false too if the database cannot be read */
  async isRemembered(limit: Limit, subject: string): Promise<boolean> {
    try {
      return (await this.shared.read(keyOf(limit, subject))) !== null;
    } catch (error) {
      this.log.warn({ err: error }, 'Known log-in addresses could not be read');
      return false;
    }
  }

  #counter(limit: Limit, subject: string): Counter {
    const key = keyOf(limit, subject);
    const nowMs = this.clock.now().getTime();
    const current = this.#counters.get(key);
    if (current !== undefined && current.untilMs > nowMs) return current;
    const untilMs = nowMs + limit.windowMs;
    const counter = { key, limit, points: 0, unsynced: 0, untilMs };
    this.#counters.set(key, counter);
    return counter;
  }

  #msLeft({ untilMs }: Counter): number {
    return Math.max(1, untilMs - this.clock.now().getTime());
  }

  #add(counter: Counter, points: number): void {
    const syncedFrom = counter.limit.points * UNSYNCED_SHARE;
    const wasBelow = counter.points < syncedFrom;
    counter.points += points;
    counter.unsynced += points;
    if (counter.points < syncedFrom && wasBelow) return;
    this.#toSync.add(counter);
    // At once, because the same caller may be sending as many calls to every other process.
    if (wasBelow) setImmediate(() => this.#syncInBackground());
  }

  #syncInBackground(): void {
    if (!this.#isSyncing && this.#toSync.size > 0) void this.#sync();
  }

  /**
   * Synchronisations run one after the other: an answer that arrives late would overwrite newer points.
   *
   * @param first a counter that is included, however many others wait
   */
  #sync(first?: Counter): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#syncNow(first));
    return this.#syncing;
  }

  async #syncNow(first?: Counter): Promise<void> {
    this.#isSyncing = true;
    try {
      const nowMs = this.clock.now().getTime();
      const counters: Counter[] = [];
      for (const counter of first === undefined ? this.#toSync : [first, ...this.#toSync]) {
        if (counters.length === SYNCED_AT_ONCE_MAX) break;
        this.#toSync.delete(counter);
        // `first` may also wait among the others.
        if (counter === counters[0]) continue;
        if (counter.untilMs > nowMs && counter.unsynced !== 0) counters.push(counter);
      }
      if (counters.length > 0) await this.#syncThese(counters);
    } finally {
      this.#isSyncing = false;
    }
  }

  async #syncThese(counters: readonly Counter[]): Promise<void> {
    const additions = counters.map(({ key, unsynced, limit }) => ({
      key,
      points: unsynced,
      windowMs: limit.windowMs,
    }));
    for (const counter of counters) counter.unsynced = 0;
    try {
      const totals = await this.shared.add(additions);
      if (this.#countsAlone) this.log.info({}, 'Rate limits are synchronised with the other servers again');
      this.#countsAlone = false;
      counters.forEach((counter, index) => {
        const total = totals[index] as { points: number; until: Date };
        counter.points = total.points + counter.unsynced;
        counter.untilMs = total.until.getTime();
      });
    } catch (error) {
      // The points stay in this counter. If they were written nevertheless, they count twice, which is the safe side.
      if (!this.#countsAlone)
        this.log.warn({ err: error }, 'Rate limits cannot be synchronised with the other servers');
      this.#countsAlone = true;
      counters.forEach((counter, index) => {
        counter.unsynced += additions[index]?.points ?? 0;
        this.#toSync.add(counter);
      });
    }
  }
}

const keyOf = ({ name }: Limit, subject: string): string => `${name} ${subject}`;
