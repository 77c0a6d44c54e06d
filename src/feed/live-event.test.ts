import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../catalog/event.js';
import { eventOf, later, NOW } from '../test/support/booking-fixtures.js';
import { booked, EVENT_ID, FakeFeedSource, isWaiting, silent } from '../test/support/fake-feed-source.js';
import { ManualClock } from '../test/support/manual-clock.js';
import { Feed } from './feed.js';
import { EVENT_UPDATE_MS } from './live-event.js';

let source: FakeFeedSource;
let clock: ManualClock;
let feed: Feed;
beforeEach(() => {
  vi.useFakeTimers();
  clock = new ManualClock(NOW);
  source = new FakeFeedSource();
  source.event = eventOf({ id: EVENT_ID, totalSeats: 10 });
  feed = new Feed(source, clock, silent, { tickEnded() {}, snapshotBuilt() {}, changesMerged() {} });
});
afterEach(() => {
  feed.close();
  vi.useRealTimers();
});

const change = (settings: Partial<Event>) => {
  source.event = { ...(source.event as Event), ...settings };
  feed.receive({ eventId: EVENT_ID, version: null, seats: [], reservations: [], settings: true, at: NOW });
};
const watch = () => feed.watchEvent(EVENT_ID, undefined);
/** The next state, after at most one interval. */
async function next(watcher: AsyncIterator<Event>): Promise<Event> {
  const state = watcher.next();
  await vi.advanceTimersByTimeAsync(EVENT_UPDATE_MS);
  return (await state).value;
}

test('a watcher gets the event as it is, then what the organizer changes and what is sold', async () => {
  const watcher = await watch();
  expect(await next(watcher)).toMatchObject({ isPaused: false, bookedSeats: 0 });
  change({ isPaused: true, revision: 2 });
  expect(await next(watcher)).toMatchObject({ isPaused: true, bookedSeats: 0 });
  feed.receive(source.commit(booked(1), booked(2)));
  expect(await next(watcher)).toMatchObject({ isPaused: true, bookedSeats: 2, unbookedSeats: 8 });
  expect(await isWaiting(watcher.next(), 10 * EVENT_UPDATE_MS)).toBe(true);
});

test('all watchers get the same objects, at most twice a second', async () => {
  const [one, other] = await Promise.all([watch(), watch()]);
  const first = await next(one);
  expect(await next(other)).toBe(first);
  const states: Event[] = [];
  const collect = async () => {
    for await (const state of { [Symbol.asyncIterator]: () => one }) states.push(state);
  };
  void collect();
  for (let seat = 1; seat <= 10; seat++) {
    feed.receive(source.commit(booked(seat)));
    await vi.advanceTimersByTimeAsync(200);
  }
  await vi.advanceTimersByTimeAsync(EVENT_UPDATE_MS);
  expect(states.length).toBeGreaterThan(2);
  expect(states.length).toBeLessThanOrEqual(2 + 2_000 / EVENT_UPDATE_MS);
  expect(states.at(-1)?.bookedSeats).toBe(10);
  expect(await next(other)).toBe(states.at(-1));
});

test('a change by the organizer does not wait until the counters are due', async () => {
  const watcher = await watch();
  await next(watcher);
  feed.receive(source.commit(booked(1)));
  expect(await isWaiting(watcher.next(), 100)).toBe(false);
  feed.receive(source.commit(booked(2)));
  const state = watcher.next();
  expect(await isWaiting(state, 100)).toBe(true);
  change({ isPaused: true, revision: 2 });
  await vi.advanceTimersByTimeAsync(1);
  expect((await state).value).toMatchObject({ isPaused: true, bookedSeats: 2 });
  // The turn is taken: the next change waits for another one, so that there are two in a second on average.
  change({ isPaused: false, revision: 3 });
  const later = watcher.next();
  expect(await isWaiting(later, EVENT_UPDATE_MS / 2)).toBe(true);
  expect(await isWaiting(later, EVENT_UPDATE_MS / 2)).toBe(false);
});

test('the start and the end of the sale are announced at their instants', async () => {
  source.event = eventOf({
    id: EVENT_ID,
    totalSeats: 10,
    salesStartAt: later(60_000),
    salesEndAt: later(90_000),
  });
  const watcher = await watch();
  await next(watcher);
  for (const instant of [60_000, 90_000]) {
    const state = watcher.next();
    clock.moveTo(later(instant - 1));
    expect(await isWaiting(state, 2 * EVENT_UPDATE_MS)).toBe(true);
    clock.moveTo(later(instant));
    expect(await isWaiting(state, EVENT_UPDATE_MS)).toBe(false);
  }
});

test('a change that cannot be read is read again until it is known', async () => {
  const watcher = await watch();
  await next(watcher);
  source.failReads(new Error('no primary'));
  change({ name: 'Renamed' });
  const state = watcher.next();
  expect(await isWaiting(state, EVENT_UPDATE_MS)).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await state).value.name).toBe('Renamed');
});

test('a read that ends after a later one changes nothing', async () => {
  const watcher = await watch();
  await next(watcher);
  change({ name: 'Read at once' });
  const state = watcher.next();
  await vi.advanceTimersByTimeAsync(1);
  await state;
  const before = source.event as Event;
  let end = (_event: Event) => {};
  vi.spyOn(source, 'readEvent').mockReturnValueOnce(
    new Promise((resolve) => {
      end = resolve;
    }),
  );
  change({ name: 'Read by the second watcher' });
  const second = watch();
  await vi.advanceTimersByTimeAsync(0);
  change({ isPaused: true });
  expect(await next(watcher)).toMatchObject({ isPaused: true });
  end(before);
  expect(await next(await second)).toMatchObject({ isPaused: true });
});

test('after the stream was interrupted the event is read again', async () => {
  const watcher = await watch();
  await next(watcher);
  source.event = { ...(source.event as Event), isPaused: true };
  feed.resync();
  expect((await next(watcher)).isPaused).toBe(true);
});

test('without watchers nothing is read and no timer runs; a later watcher gets what happened since', async () => {
  const watcher = await watch();
  await next(watcher);
  await watcher.return?.();
  const read = vi.spyOn(source, 'readEvent');
  change({ isPaused: true });
  await vi.advanceTimersByTimeAsync(2 * EVENT_UPDATE_MS);
  expect(read).not.toHaveBeenCalled();
  expect(await next(await watch())).toMatchObject({ isPaused: true });
});

test('a draft and an event that does not exist cannot be watched', async () => {
  source.draftOf = 'olga';
  source.event = eventOf({ id: EVENT_ID, isDraft: true });
  await expect(watch()).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
  await expect(feed.watchEvent(EVENT_ID, 'olga')).resolves.toBeDefined();
  source.exists = false;
  await expect(feed.watchEvent('event0000009', 'olga')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
});
