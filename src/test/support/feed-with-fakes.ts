import { afterEach, beforeEach, vi } from 'vitest';
import { Feed } from '../../feed/feed.js';
import { booked, EVENT_ID, FakeFeedSource, silent } from './fake-feed-source.js';
import { ManualClock } from './manual-clock.js';

/** The objects of each feed test. They are live bindings: each test sees its own. */
export let source: FakeFeedSource;
export let clock: ManualClock;
export let feed: Feed;
/** Whether a batch is in flight. */
export const batch = { isInFlight: false };

/** Called once in a file: each test gets a new feed on a fake database, with time that only the test moves. */
export function newFeedForEachTest(totalSeats?: number): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    source = new FakeFeedSource(totalSeats);
    clock = new ManualClock();
    batch.isInFlight = false;
    const observer = { tickEnded() {}, snapshotBuilt() {}, changesMerged() {} };
    feed = new Feed(source, clock, silent, observer, undefined, () => batch.isInFlight);
  });
  afterEach(() => {
    feed.close();
    vi.useRealTimers();
  });
}

export const watch = (since: number | null = null) => feed.watchSeats(EVENT_ID, since);

/** Books these seats with one change each, and delivers every change at once. */
export function deliver(...seats: number[]): void {
  for (const seat of seats) feed.receive(source.commit(booked(seat)));
}
