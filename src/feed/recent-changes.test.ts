import { expect, test, vi } from 'vitest';
import {
  booked,
  EVENT_ID,
  FakeFeedSource,
  isWaiting,
  silent,
  updateOf,
} from '../test/support/fake-feed-source.js';
import { deliver, feed, newFeedForEachTest, source, watch } from '../test/support/feed-with-fakes.js';
import {
  LOADED_KEPT_MS,
  LOADED_SEATS_MAX,
  LOADED_VERSIONS_MAX,
  RECENT_CHANGES_MAX,
  RecentChanges,
} from './recent-changes.js';
import type { SeatUpdate } from './seat-update.js';
import { TICK_MS } from './tick-schedule.js';

/** This many changes, each of one seat. The seat's number is the change's version. */
const CHANGES = 300;

newFeedForEachTest(CHANGES + 10);

const commitMany = (count = CHANGES) => {
  for (let seat = 1; seat <= count; seat++) source.commit(booked(seat));
};

/** The next update of each watcher, all requested at the same time. */
async function nextUpdates(watchers: readonly AsyncIterator<SeatUpdate>[]): Promise<SeatUpdate[]> {
  const nexts = watchers.map((watcher) => watcher.next());
  await vi.advanceTimersByTimeAsync(TICK_MS);
  return (await Promise.all(nexts)).map(({ value }) => value);
}

/** The seats of the versions after `since`, up to `upTo`. */
const missed = (since: number, upTo = CHANGES) =>
  Array.from({ length: upTo - since }, (_, index) => booked(since + 1 + index));

test('clients that resume from three hundred different versions share two reads, and each gets its own part', async () => {
  commitMany();
  const watchers = await Promise.all(
    Array.from({ length: CHANGES }, (_, since) => watch(CHANGES - 1 - since)),
  );
  const updates = await nextUpdates(watchers);
  updates.reverse().forEach((update, since) => {
    expect(update).toMatchObject({ kind: 'changes', previousVersion: since, version: CHANGES });
    expect(update.seats).toEqual(missed(since));
  });
  expect(source.changeReads).toBe(2);
});

test('clients that resume one after the other, each from an older version, cost few reads', async () => {
  commitMany();
  for (let since = CHANGES - 1; since >= 0; since--) {
    const { seats } = await updateOf(await watch(since));
    expect([seats.length, seats[0]]).toEqual([CHANGES - since, booked(since + 1)]);
  }
  expect(source.changeReads).toBeLessThanOrEqual(Math.ceil(Math.log2(CHANGES)) + 1);
});

test('changes committed while older ones are being read are sent with them, to every watcher', async () => {
  commitMany();
  const watchers = await Promise.all([watch(250), watch(3), watch(100)]);
  const release = source.holdNextRead();
  const nexts = watchers.map((watcher) => watcher.next());
  await vi.advanceTimersByTimeAsync(0);
  deliver(CHANGES + 1, CHANGES + 2);
  release();
  await vi.runAllTimersAsync();
  const updates = await Promise.all(nexts);
  for (const [index, since] of [250, 3, 100].entries()) {
    expect(updates[index]?.value).toMatchObject({ kind: 'changes', previousVersion: since });
    expect(updates[index]?.value.seats).toEqual(missed(since, CHANGES + 2));
  }
});

test('if the map is reloaded meanwhile, older changes are read once more, and each is sent exactly once', async () => {
  commitMany();
  const watcher = await watch(3);
  const releaseChanges = source.holdNextRead();
  const next = watcher.next();
  await vi.advanceTimersByTimeAsync(0);
  // Two changes are not delivered, and the first is no longer stored when the gap is filled: the map is reloaded.
  source.commit(booked(CHANGES + 1));
  vi.spyOn(source, 'readChanges').mockResolvedValueOnce([source.commit(booked(CHANGES + 2))]);
  deliver(CHANGES + 3);
  await vi.advanceTimersByTimeAsync(0);
  releaseChanges();
  await vi.runAllTimersAsync();
  const { value } = await next;
  expect(value).toMatchObject({ kind: 'changes', previousVersion: 3, version: CHANGES + 3 });
  expect(value.seats).toEqual(missed(3, CHANGES + 3));
  expect(source.mapReads).toBe(2);
});

test('if the database has deleted the older changes, some get a SNAPSHOT and the others their changes, without more reads', async () => {
  commitMany();
  source.forgottenUpTo = 200;
  const watchers = await Promise.all(Array.from({ length: CHANGES }, (_, since) => watch(since)));
  const updates = await nextUpdates(watchers);
  updates.forEach((update, since) => {
    expect(update.kind).toBe(since < 200 ? 'snapshot' : 'changes');
    if (since >= 200) expect(update.seats).toEqual(missed(since));
  });
  const { changeReads } = source;
  expect(changeReads).toBeLessThanOrEqual(2);
  expect(await updateOf(await watch(5))).toMatchObject({ kind: 'snapshot' });
  expect(source.changeReads).toBe(changeReads);
});

test('a failed read causes a SNAPSHOT for the watchers that waited, and the next watcher retries it', async () => {
  commitMany();
  const watchers = await Promise.all([watch(3), watch(3)]);
  source.failReads(new Error('lost'));
  for (const { kind } of await nextUpdates(watchers)) {
    expect(kind).toBe('snapshot');
  }
  expect(source.changeReads).toBe(1);
  expect(await updateOf(await watch(3))).toMatchObject({ kind: 'changes', previousVersion: 3 });
});

/** Recent changes of an event whose map was just read, with as many stored changes as a client can resume from. */
function newRecentChanges(committed = LOADED_VERSIONS_MAX) {
  const database = new FakeFeedSource();
  for (let version = 1; version <= committed; version++) database.commit(booked(1));
  const changes = new RecentChanges(EVENT_ID, database, silent);
  changes.beginAt(committed);
  return { database, changes };
}

test('loaded changes are kept while they are used, and for a while after', async () => {
  const { database, changes } = newRecentChanges();
  await changes.loadBackTo(0);
  for (let times = 0; times < 3; times++) {
    await vi.advanceTimersByTimeAsync(LOADED_KEPT_MS - 1);
    expect(changes.seatsAfter(0)).toEqual([1]);
  }
  // Requests for recent versions do not extend the retention of loaded changes.
  await vi.advanceTimersByTimeAsync(LOADED_KEPT_MS - 1);
  changes.add(database.commit(booked(2)));
  expect(changes.seatsAfter(LOADED_VERSIONS_MAX)).toEqual([2]);
  await vi.advanceTimersByTimeAsync(1);
  expect(changes.seatsAfter(1)).toBeNull();
  await changes.loadBackTo(1);
  expect([changes.seatsAfter(1), database.changeReads]).toEqual([[1, 2], 2]);
  changes.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('nothing is read for a version that is more than LOADED_VERSIONS_MAX behind', async () => {
  const { database, changes } = newRecentChanges(LOADED_VERSIONS_MAX + 1);
  await changes.loadBackTo(0);
  expect(database.changeReads).toBe(0);
});

test('no more is read than is needed, whatever was needed before', async () => {
  const { database, changes } = newRecentChanges();
  await changes.loadBackTo(0);
  changes.seatsAfter(0);
  const version = database.commit(booked(2)).version;
  changes.beginAt(version);
  const read = vi.spyOn(database, 'readChanges');
  await changes.loadBackTo(version - 1);
  expect(read).toHaveBeenCalledExactlyOnceWith(EVENT_ID, version - 1, 1);
  expect(changes.seatsAfter(version - 1)).toEqual([2]);
});

test('changes that the database did not have are requested again after a while', async () => {
  const { database, changes } = newRecentChanges();
  database.forgottenUpTo = 10;
  await changes.loadBackTo(0);
  database.forgottenUpTo = 0;
  await changes.loadBackTo(0);
  expect([changes.seatsAfter(0), database.changeReads]).toEqual([null, 1]);
  await vi.advanceTimersByTimeAsync(LOADED_KEPT_MS);
  await changes.loadBackTo(0);
  expect(changes.seatsAfter(0)).toEqual([1]);
});

test('the kept changes have a limit in changes and in seats, even if changes never stop', async () => {
  const many = new FakeFeedSource();
  const seatsOfOne = Array.from({ length: 100 }, () => booked(1));
  for (let version = 1; version <= LOADED_VERSIONS_MAX; version++) many.commit(...seatsOfOne);
  const changes = new RecentChanges(EVENT_ID, many, silent);
  changes.beginAt(many.version);
  const newest = LOADED_SEATS_MAX / seatsOfOne.length;
  const oldest = many.version - newest;
  await changes.loadBackTo(0);
  expect([changes.seatsAfter(oldest), changes.seatsAfter(oldest - 1)]).toEqual([[1], null]);
  await changes.loadBackTo(oldest - 1);
  expect(many.changeReads).toBe(1);
  for (let more = 0; more < 2 * LOADED_VERSIONS_MAX; more++) changes.add(many.commit(booked(1)));
  expect(changes.seatsAfter(many.version - LOADED_VERSIONS_MAX)).toEqual([1]);
  expect(changes.seatsAfter(many.version - LOADED_VERSIONS_MAX - RECENT_CHANGES_MAX)).toBeNull();
  await vi.advanceTimersByTimeAsync(LOADED_KEPT_MS);
  expect(changes.seatsAfter(many.version - RECENT_CHANGES_MAX)).toEqual([1]);
  expect(changes.seatsAfter(many.version - RECENT_CHANGES_MAX - 1)).toBeNull();
  changes.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('a map that is closed while older changes are being read sets no timer', async () => {
  commitMany();
  const watcher = await watch(3);
  const release = source.holdNextRead();
  const next = watcher.next();
  expect(await isWaiting(next, 0)).toBe(true);
  feed.close();
  release();
  await next;
  expect(vi.getTimerCount()).toBe(0);
});
