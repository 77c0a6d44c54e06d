import { vi } from 'vitest';
import type { Change, ReservationChange } from '../../booking/change.js';
import type { SeatState } from '../../booking/seat-state.js';
import type { Event } from '../../catalog/event.js';
import type { Log } from '../../core/log.js';
import type { FeedSource, SeatChange } from '../../feed/feed-source.js';
import type { SeatMapSnapshot } from '../../feed/seat-map.js';
import type { SeatUpdate } from '../../feed/seat-update.js';
import { TICK_MS } from '../../feed/tick-schedule.js';

export const EVENT_ID = 'event0000001';

/** Discards every line. */
export const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  child: () => silent,
};

/**
 * A database for feed tests: a committed change can be read at once, and is delivered when the test does so. A read can
 * be held back or made to fail, so that the test decides the order.
 */
export class FakeFeedSource implements FeedSource {
  readonly totalSeats: number;
  /** All committed changes, version 1 first. */
  readonly committed: SeatChange[] = [];
  /** Changes up to this version are no longer stored. */
  forgottenUpTo = 0;
  exists = true;
  event: Event | null = null;
  draftOf: string | null = null;
  mapReads = 0;
  changeReads = 0;
  versionReads = 0;
  #holds: Promise<void>[] = [];
  #errors: Error[] = [];

  constructor(totalSeats = 10) {
    this.totalSeats = totalSeats;
  }

  get version(): number {
    return this.committed.length;
  }

  /** Commits one batch with the seats' new states. */
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

  /** Makes the next read, unless it is held already, read now and answer after the returned function was called. */
  holdNextRead(): () => void {
    let letGo: () => void = () => {};
    this.#holds.push(
      new Promise((resolve) => {
        letGo = resolve;
      }),
    );
    return () => letGo();
  }

  failReads(...errors: Error[]): void {
    this.#errors.push(...errors);
  }

  async readSeatMap(): Promise<SeatMapSnapshot | null> {
    this.mapReads += 1;
    const taken = new Map<number, SeatState>();
    for (const { seats } of this.committed) for (const seat of seats) taken.set(seat.seatNumber, seat);
    const snapshot = {
      totalSeats: this.totalSeats,
      version: this.version,
      draftOf: this.draftOf,
      taken: [...taken.values()].filter((seat) => seat.status !== 'available'),
    };
    return this.#answer(this.exists ? snapshot : null);
  }

  async readEvent(): Promise<Event | null> {
    return this.#answer(this.event);
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
    const error = this.#errors.shift();
    if (error !== undefined) throw error;
    return answer;
  }
}

export const available = (seatNumber: number): SeatState => ({
  seatNumber,
  status: 'available',
  lockedUntil: null,
});
export const offSale = (seatNumber: number, lockedUntil: Date | null = null): SeatState => ({
  seatNumber,
  status: 'offSale',
  lockedUntil,
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

/** The next update of a watcher, after at most one tick. Needs fake timers. */
export async function updateOf(watcher: AsyncIterator<SeatUpdate>): Promise<SeatUpdate> {
  const next = watcher.next();
  await vi.advanceTimersByTimeAsync(TICK_MS);
  const { done, value } = await next;
  if (done) throw new Error('The watcher has ended.');
  return value;
}

/** Whether a promise is still pending after the given time. Needs fake timers. */
export async function isWaiting(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let waiting = true;
  const settled = () => {
    waiting = false;
  };
  promise.then(settled, settled);
  await vi.advanceTimersByTimeAsync(ms);
  return waiting;
}
