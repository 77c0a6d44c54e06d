import { afterEach, beforeEach, vi } from 'vitest';
import { Feed } from '../../feed/feed.js';
import { booked, EVENT_ID, FakeFeedSource, silent } from './fake-feed-source.js';
import { ManualClock } from './manual-clock.js';

/** What each test of the feed works with. Imported names follow along: each test sees those of its own. */
export let source: FakeFeedSource;
export let clock: ManualClock;
export let feed: Feed;
/** Whether a batch is under way. */
export const batch = { isUnderWay: false };

/** Called once in a file: each of its tests has a new feed, on a fake database and in time that only the test moves. */
export function newFeedForEachTest(totalSeats?: number): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    source = new FakeFeedSource(totalSeats);
    clock = new ManualClock();
    batch.isUnderWay = false;
    const observer = { tickEnded() {}, snapshotBuilt() {}, changesMerged() {} };
    feed = new Feed(source, clock, silent, observer, undefined, () => batch.isUnderWay);
  });
  afterEach(() => {
    feed.close();
    vi.useRealTimers();
  });
}

export const watch = (since: number | null = null) => feed.watchSeats(EVENT_ID, since);

/** Books these seats, a change each, and delivers every change at once. */
export function deliver(...seats: number[]): void {
  for (const seat of seats) feed.receive(source.commit(booked(seat)));
}
