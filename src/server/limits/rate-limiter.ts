import { LRUCache } from 'lru-cache';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../../core/log.js';

/**
 * So many points in a window of time, which begins with the first of them. Across its end up to twice as many can come
 * close together: that is the price of one number a subject.
 */
export interface Limit {
  readonly name: string;
  readonly points: number;
  readonly windowMs: number;
}

/** Counts that all server processes have in common. */
export interface SharedCounts {
  add(
    additions: readonly { readonly key: string; readonly points: number; readonly windowMs: number }[],
  ): Promise<readonly { readonly points: number; readonly until: Date }[]>;
  read(key: string): Promise<{ readonly points: number; readonly until: Date } | null>;
  /** One point from now on for as long as the window, whatever there was. */
  renew(key: string, windowMs: number): Promise<void>;
}

/** Counters that a process keeps; the one that was used longest ago makes room. */
const COUNTERS_MAX = 200_000;
/** How often a process tells the others what it counted, and hears what they did. */
const SYNC_EVERY_MS = 1_000;
/** Counters that are settled in one write. */
const SYNCED_AT_ONCE_MAX = 1_000;
/** A counter that has come to less than this share of its limit here is nobody else's business. */
const UNSYNCED_SHARE = 1 / 10;

/** One window of one subject. */
interface Counter {
  readonly key: string;
  readonly limit: Limit;
  /** As far as this process knows: its own, and what it has heard of the others'. */
  points: number;
  /** Of them, what the others have not been told. */
  unsynced: number;
  untilMs: number;
}

/** What was taken of one window, for who may give it back. */
export interface Consumed {
  readonly counter: Counter;
  readonly points: number;
}

/**
 * Counts in memory, so that no call waits for the database, and settles in the background with the counts that all
 * processes have in common. One process never lets more than a limit pass. N processes together let at most pass
 *
 *     limit + (N - 1) × (limit / 10 + what comes to each within a second)
 *
 * and N × limit while the database is away. Where that is too much, `consumeShared` asks first.
 */
export class RateLimiter {
  readonly #counters = new LRUCache<string, Counter>({ max: COUNTERS_MAX });
  readonly #toSync = new Set<Counter>();
  readonly #remembering = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #syncing: Promise<void> = Promise.resolve();
  #isSyncing = false;
  /** The counts in common cannot be had; told when they go and when they are back. */
  #countsAlone = false;

  constructor(
    private readonly shared: SharedCounts,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#timer = setInterval(() => this.#syncInBackground(), SYNC_EVERY_MS);
    this.#timer.unref();
  }

  /** What is still to be settled is settled. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#syncInBackground();
    await this.#syncing;
    await Promise.all(this.#remembering);
  }

  /** Takes all of the points or none. @returns them, or how long until there are some again */
  consume(limit: Limit, subject: string, points = 1): Consumed | number {
    const counter = this.#counter(limit, subject);
    if (counter.points + points > limit.points) return this.#msLeft(counter);
    this.#add(counter, points);
    return { counter, points };
  }

  /** As `consume`, but asks the counts that all processes have in common first: never more than the limit passes. */
  async consumeShared(limit: Limit, subject: string, points = 1): Promise<Consumed | number> {
    const taken = this.consume(limit, subject, points);
    if (typeof taken === 'number') return taken;
    const { counter } = taken;
    this.#toSync.add(counter);
    // One that is under way may have begun before the points were taken.
    await this.#sync(counter);
    if (counter.unsynced > 0) await this.#sync(counter);
    if (counter.points <= limit.points) return taken;
    this.#add(counter, -points);
    return this.#msLeft(counter);
  }

  /** What was taken of a window that is over went with it. */
  giveBack({ counter, points: taken }: Consumed, points = taken): void {
    this.#add(counter, -Math.min(points, counter.points));
    // The others may have been told of it.
    this.#toSync.add(counter);
  }

  /**
   * Notes something for as long as the limit's window from now on, for every process. Whoever it is noted for waits for
   * nothing, and loses nothing when it cannot be.
   */
  remember(limit: Limit, subject: string): void {
    const noted = this.shared.renew(keyOf(limit, subject), limit.windowMs).catch((error: unknown) => {
      this.log.warn({ err: error }, 'What is remembered for the limits could not be written');
    });
    this.#remembering.add(noted);
    void noted.then(() => this.#remembering.delete(noted));
  }

  /** What cannot be found out is not known. */
  async isRemembered(limit: Limit, subject: string): Promise<boolean> {
    try {
      return (await this.shared.read(keyOf(limit, subject))) !== null;
    } catch (error) {
      this.log.warn({ err: error }, 'What is remembered for the limits could not be read');
      return false;
    }
  }

  #counter(limit: Limit, subject: string): Counter {
    const key = keyOf(limit, subject);
    const nowMs = this.clock.now().getTime();
    const known = this.#counters.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known;
    const untilMs = nowMs + limit.windowMs;
    const begun = { key, limit, points: 0, unsynced: 0, untilMs };
    this.#counters.set(key, begun);
    return begun;
  }

  #msLeft({ untilMs }: Counter): number {
    return Math.max(1, untilMs - this.clock.now().getTime());
  }

  #add(counter: Counter, points: number): void {
    const unshared = counter.limit.points * UNSYNCED_SHARE;
    const wasUnshared = counter.points < unshared;
    counter.points += points;
    counter.unsynced += points;
    if (counter.points < unshared && wasUnshared) return;
    this.#toSync.add(counter);
    // Whoever comes to many calls may be coming to many on every process: these hear of it at once.
    if (wasUnshared) setImmediate(() => this.#syncInBackground());
  }

  #syncInBackground(): void {
    if (!this.#isSyncing && this.#toSync.size > 0) void this.#sync();
  }

  /**
   * Settlements come one after the other: an answer that is overtaken would take points back.
   *
   * @param first is in it, however many wait
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
        // The first one comes again where it waited among the others.
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
      if (this.#countsAlone)
        this.log.info({}, 'Calls are counted together with the other server processes again');
      this.#countsAlone = false;
      counters.forEach((counter, index) => {
        const total = totals[index] as { points: number; until: Date };
        counter.points = total.points + counter.unsynced;
        counter.untilMs = total.until.getTime();
      });
    } catch (error) {
      // Counted here all the same. If it was written nevertheless, it counts twice: on the safe side.
      if (!this.#countsAlone)
        this.log.warn({ err: error }, 'Calls cannot be counted together with the other server processes');
      this.#countsAlone = true;
      counters.forEach((counter, index) => {
        counter.unsynced += additions[index]?.points ?? 0;
        this.#toSync.add(counter);
      });
    }
  }
}

const keyOf = ({ name }: Limit, subject: string): string => `${name} ${subject}`;
