import { vi } from 'vitest';
import type { Change, ReservationChange, SeatState } from '../../booking/change.js';
import type { Log } from '../../core/log.js';
import type { FeedSource, SeatChange } from '../../feed/feed-source.js';
import type { SeatMapSnapshot } from '../../feed/seat-map.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { TICK_MS } from '../../feed/tick-schedule.js';

export const EVENT_ID = 'event0000001';

/** Everything is said to nobody. */
export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silent,
};

/**
 * A database for feed tests: what is committed here can be read at once, and is delivered when the test says so.
 * A read can be held back or made to fail, so that a test is what decides who comes first.
 */
export class FakeFeedSource implements FeedSource {
  readonly totalSeats: number;
  /** All that was committed, version 1 first. */
  readonly committed: SeatChange[] = [];
  /** Versions up to this one are not in `changes` any more. */
  forgottenUpTo = 0;
  exists = true;
  mapReads = 0;
  changeReads = 0;
  versionReads = 0;
  #holds: Promise<void>[] = [];
  #faults: Error[] = [];

  constructor(totalSeats = 10) {
    this.totalSeats = totalSeats;
  }

  get version(): number {
    return this.committed.length;
  }

  /** Commits one batch, the seats' new states in it. */
  commit(...seats: SeatState[]): SeatChange {
    return this.commitFor([], ...seats);
  }

  commitFor(reservations: ReservationChange[], ...seats: SeatState[]): SeatChange {
    const change = {
      eventId: EVENT_ID,
      version: this.version + 1,
      seats,
      reservations,
      at: new Date(0),
    } satisfies Change;
    this.committed.push(change);
    return change;
  }

  /** Has the next read that is not held back yet take its picture now and answer once the returned call is made. */
  holdNextRead(): () => void {
    let letGo: () => void = () => {};
    this.#holds.push(
      new Promise((resolve) => {
        letGo = resolve;
      }),
    );
    return () => letGo();
  }

  failReads(...faults: Error[]): void {
    this.#faults.push(...faults);
  }

  async readSeatMap(): Promise<SeatMapSnapshot | null> {
    this.mapReads += 1;
    const taken = new Map<number, SeatState>();
    for (const { seats } of this.committed) for (const seat of seats) taken.set(seat.seatNumber, seat);
    const snapshot = {
      totalSeats: this.totalSeats,
      version: this.version,
      taken: [...taken.values()].filter((seat) => seat.status !== 'available'),
    };
    return this.#answer(this.exists ? snapshot : null);
  }

  async readVersion(): Promise<number | null> {
    this.versionReads += 1;
    return this.#answer(this.exists ? this.version : null);
  }

  async readChanges(_eventId: string, after: number, limit: number): Promise<SeatChange[]> {
    this.changeReads += 1;
    return this.#answer(this.committed.slice(Math.max(after, this.forgottenUpTo)).slice(0, limit));
  }

  async #answer<Answer>(answer: Answer): Promise<Answer> {
    await this.#holds.shift();
    const fault = this.#faults.shift();
    if (fault !== undefined) throw fault;
    return answer;
  }
}

export const available = (seatNumber: number): SeatState => ({
  seatNumber,
  status: 'available',
  lockedUntil: null,
});
export const booked = (seatNumber: number): SeatState => ({
  seatNumber,
  status: 'booked',
  lockedUntil: null,
});
export const locked = (seatNumber: number, lockedUntil: Date): SeatState => ({
  seatNumber,
  status: 'locked',
  lockedUntil,
});

/** What a watcher tells next, the time of a tick allowed for. Only with fake timers. */
export async function told(watcher: AsyncIterator<SeatUpdate>): Promise<SeatUpdate> {
  const next = watcher.next();
  await vi.advanceTimersByTimeAsync(TICK_MS);
  const { done, value } = await next;
  if (done) throw new Error('The watcher has ended.');
  return value;
}

/** Whether a promise is still waiting after so much time. Only with fake timers. */
export async function isWaiting(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let waiting = true;
  const settled = () => {
    waiting = false;
  };
  promise.then(settled, settled);
  await vi.advanceTimersByTimeAsync(ms);
  return waiting;
}
