import { type Alarm, Alarms, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';

/** Exchanges at the start. The first one is slow, because it also opens the connection. */
const FIRST_EXCHANGES = 3;
/** How far two clocks may drift apart: more than quartz does, and more than time services correct. */
const DRIFT_MS_PER_MS = 1 / 1_000;
/** Alarms are rescheduled once the estimate has moved by this much. */
const ALARM_ERROR_MS_MAX = 10;
/** From this difference on, the skew of this process's own clock is reported. */
export const CLOCK_SKEW_REPORTED_MS = 1_000;
/** Below this difference it is reported as cleared. With one limit, a clock near it would fill the log. */
const CLOCK_SKEW_CLEARED_MS = 900;

/**
 * This process's estimate of the database's time. All processes of one database use it for reads and decisions, so that
 * they agree even if their own clocks differ.
 *
 * Every exchange with the database bounds its time: the database read its clock after the probe was sent and before the
 * answer arrived. The bounds of all exchanges are intersected, and widened slowly, as the clocks may drift. In between,
 * the monotonic clock counts, so that setting this process's own clock changes nothing. The estimate is wrong by at most
 * half of the fastest recent round trip.
 */
export class DatabaseClock implements Clock {
  /** The offset (database time minus monotonic time) lies between the two. */
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #answeredMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #alarmsOffsetMs = 0;
  #isSkewed = false;
  readonly #alarms = new Alarms(() => this.#nowMs());

  /** Use `start`: before the first exchange the clock has no estimate. */
  constructor(
    private readonly database: Pick<Database, 'ping'>,
    private readonly processClock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {}

  /** @throws if the database does not answer */
  static async start(...parts: ConstructorParameters<typeof DatabaseClock>): Promise<DatabaseClock> {
    const clock = new DatabaseClock(...parts);
    for (let exchanges = 0; exchanges < FIRST_EXCHANGES; exchanges++) await clock.probe();
    return clock;
  }

  now(): Date {
    return new Date(this.#nowMs());
  }

  at(instant: Date, callback: () => void): Alarm {
    return this.#alarms.at(instant, callback);
  }

  /** How far this process's own clock is ahead of the database's; negative if it is behind. */
  get processAheadMs(): number {
    return this.processClock.now().getTime() - this.#nowMs();
  }

  /** @throws if the database does not answer */
  async probe(): Promise<void> {
    const sentMs = monotonicMs();
    const databaseNow = await this.database.ping();
    this.#narrow(databaseNow.getTime(), sentMs, monotonicMs());
    this.#reportSkew();
  }

  get #offsetMs(): number {
    return (this.#low + this.#high) / 2;
  }

  /** Never goes back, unless the database's clock was set back. */
  #nowMs(): number {
    this.#lastMs = Math.max(this.#lastMs, monotonicMs() + this.#offsetMs);
    return this.#lastMs;
  }

  #narrow(databaseMs: number, sentMs: number, receivedMs: number): void {
    const driftMs = (receivedMs - this.#answeredMs) * DRIFT_MS_PER_MS;
    // The database's time is in whole milliseconds, rounded down.
    const [low, high] = [databaseMs - receivedMs, databaseMs + 1 - sentMs];
    const nextLow = Math.max(this.#low - driftMs, low);
    const nextHigh = Math.min(this.#high + driftMs, high);
    const wasSet = nextLow > nextHigh;
    const before = this.#offsetMs;
    this.#answeredMs = receivedMs;
    [this.#low, this.#high] = wasSet ? [low, high] : [nextLow, nextHigh];
    if (wasSet) {
      this.#lastMs = Number.NEGATIVE_INFINITY;
      const byMs = Math.round(this.#offsetMs - before);
      this.log.warn(
        { byMs },
        "The database's clock was set, another member became primary, or this machine slept",
      );
    }
    if (Math.abs(this.#offsetMs - this.#alarmsOffsetMs) < ALARM_ERROR_MS_MAX) return;
    this.#alarmsOffsetMs = this.#offsetMs;
    this.#alarms.rescheduleAll();
  }

  /** Logs once that the clock is skewed, and once that it agrees again. */
  #reportSkew(): void {
    const aheadMs = Math.round(this.processAheadMs);
    const isSkewed = Math.abs(aheadMs) > (this.#isSkewed ? CLOCK_SKEW_CLEARED_MS : CLOCK_SKEW_REPORTED_MS);
    if (isSkewed === this.#isSkewed) return;
    this.#isSkewed = isSkewed;
    if (isSkewed)
      this.log.warn(
        { aheadMs },
        "This process's clock differs from the database's; the database's time is used",
      );
    else this.log.info({ aheadMs }, "This process's clock agrees with the database's again");
  }
}
