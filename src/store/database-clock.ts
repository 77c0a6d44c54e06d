import { type Alarm, Alarms, type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import type { Database } from './database.js';

/** Exchanges at the start: the first one also makes the connection, and is slow. */
const FIRST_EXCHANGES = 3;
/** How far two clocks may run apart in a second: more than quartz does, and than time services correct. */
const DRIFT_MS_PER_MS = 1 / 1_000;
/** Alarms wait anew once the estimate has moved by as much. */
const ALARM_ERROR_MS_MAX = 10;
/** From when on this process's own clock counts as off. */
export const CLOCK_SKEW_REPORTED_MS = 1_000;
/** Until when it then does: without a gap, a clock that is off by about a second would fill the log. */
const CLOCK_SKEW_CLEARED_MS = 900;

/**
 * The database's time, as this process knows it. All processes of one database read and decide by it, so that they
 * agree whatever their own clocks say.
 *
 * Every exchange with the database bounds its time: it read its clock after the question was sent and before the answer
 * arrived. The bounds of all exchanges are intersected, and grow apart slowly as the clocks may. In between, time goes on
 * by the monotonic clock, so that setting this process's own clock changes nothing. The estimate is wrong by at most half
 * of the fastest recent round trip.
 */
export class DatabaseClock implements Clock {
  /** The database's time less the monotonic time lies between the two. */
  #low = Number.NEGATIVE_INFINITY;
  #high = Number.POSITIVE_INFINITY;
  #answeredMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #alarmsOffsetMs = 0;
  #isSkewed = false;
  readonly #alarms = new Alarms(() => this.#nowMs());

  /** Use `start`: before the first exchange it knows nothing. */
  constructor(
    private readonly database: Pick<Database, 'ping'>,
    private readonly processClock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {}

  /** @throws where the database does not answer */
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

  /** By how much this process's own clock is ahead of the database's; negative where it is behind. */
  get processAheadMs(): number {
    return this.processClock.now().getTime() - this.#nowMs();
  }

  /** @throws where the database does not answer */
  async probe(): Promise<void> {
    const sentMs = monotonicMs();
    const databaseNow = await this.database.ping();
    this.#narrow(databaseNow.getTime(), sentMs, monotonicMs());
    this.#reportSkew();
  }

  get #offsetMs(): number {
    return (this.#low + this.#high) / 2;
  }

  /** Never goes back, unless the database's clock did. */
  #nowMs(): number {
    this.#lastMs = Math.max(this.#lastMs, monotonicMs() + this.#offsetMs);
    return this.#lastMs;
  }

  #narrow(databaseMs: number, sentMs: number, receivedMs: number): void {
    const driftMs = (receivedMs - this.#answeredMs) * DRIFT_MS_PER_MS;
    // The database says whole milliseconds, rounded down.
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
        'The database’s clock was set, another member became primary, or this machine slept',
      );
    }
    if (Math.abs(this.#offsetMs - this.#alarmsOffsetMs) < ALARM_ERROR_MS_MAX) return;
    this.#alarmsOffsetMs = this.#offsetMs;
    this.#alarms.rescheduleAll();
  }

  /** Says once that this process's clock is off, and once that it is right again. */
  #reportSkew(): void {
    const aheadMs = Math.round(this.processAheadMs);
    const isOff = Math.abs(aheadMs) > (this.#isSkewed ? CLOCK_SKEW_CLEARED_MS : CLOCK_SKEW_REPORTED_MS);
    if (isOff === this.#isSkewed) return;
    this.#isSkewed = isOff;
    if (isOff)
      this.log.warn({ aheadMs }, 'This process’s clock is not the database’s; it goes by the database’s');
    else this.log.info({ aheadMs }, 'This process’s clock is the database’s again');
  }
}
