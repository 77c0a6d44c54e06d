import { setImmediate as nextLoopIteration } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import {
  available,
  booked,
  EVENT_ID,
  FakeFeedSource,
  isWaiting,
  locked,
  silent,
  updateOf,
} from '../test/support/fake-feed-source.js';
import {
  batch,
  clock,
  deliver,
  feed,
  newFeedForEachTest,
  source,
  watch,
} from '../test/support/feed-with-fakes.js';
import { Feed } from './feed.js';
import type { SeatChange } from './feed-source.js';
import { BUFFERED_CHANGES_MAX, FIRST_READ_ATTEMPTS_MAX } from './map-sync.js';
import type { SeatUpdate } from './seat-update.js';
import { SLICE_WATCHERS_DURING_BATCH_MAX } from './tick-schedule.js';
import { CACHED_UPDATE_SEATS_MAX } from './update-cache.js';

newFeedForEachTest();

describe('while the map is being read', () => {
  test('delivered changes are buffered, and sent exactly once', async () => {
    deliver(1);
    const release = source.holdNextRead();
    const opening = watch();
    deliver(2, 3);
    release();
    const watcher = await opening;
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('changes that the read already includes are dropped', async () => {
    const change = source.commit(booked(1));
    const newer = source.commit(available(1));
    const watcher = await watch();
    await updateOf(watcher);
    feed.receive(change);
    feed.receive(newer);
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(await feed.readMap(EVENT_ID, (map) => [map.version, map.seats().isAvailable(1)])).toEqual([
      2,
      true,
    ]);
  });

  test('a gap between the read version and the delivered changes causes another read', async () => {
    const release = source.holdNextRead();
    const opening = watch();
    source.commit(booked(1));
    deliver(2);
    release();
    expect(await updateOf(await opening)).toMatchObject({
      kind: 'snapshot',
      version: 2,
      statuses: 'BBAAAAAAAA',
    });
    expect(source.mapReads).toBe(2);
  });

  test('reads that stay behind the delivered changes are retried after a pause', async () => {
    const old = { totalSeats: 10, version: 0, draftOf: null, taken: [] };
    source.commit(booked(1));
    const newest = source.commit(booked(2));
    const read = vi.spyOn(source, 'readSeatMap');
    for (let reads = 0; reads < 5; reads++) read.mockResolvedValueOnce(old);
    const opening = watch();
    feed.receive(newest);
    expect(await isWaiting(opening, 499)).toBe(true);
    expect(read).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(read).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(3 * 500);
    expect(await updateOf(await opening)).toMatchObject({ kind: 'snapshot', version: 2 });
  });

  test('all new watchers share one read', async () => {
    const watchers = await Promise.all([watch(), watch(), watch()]);
    expect(source.mapReads).toBe(1);
    const [first, ...others] = await Promise.all(watchers.map((watcher) => updateOf(watcher)));
    for (const other of others) expect(other).toBe(first);
  });

  test('a failed read is retried', async () => {
    source.failReads(...Array.from({ length: FIRST_READ_ATTEMPTS_MAX - 1 }, () => new Error('lost')));
    const opening = watch();
    await vi.runAllTimersAsync();
    expect(await updateOf(await opening)).toMatchObject({ kind: 'snapshot', version: 0 });
  });

  test('a lasting error is thrown to the present callers, and later callers start a new read', async () => {
    source.failReads(...Array.from({ length: FIRST_READ_ATTEMPTS_MAX }, () => new Error('lost')));
    const refused = expect(Promise.all([watch(), watch()])).rejects.toThrow('lost');
    await vi.runAllTimersAsync();
    await refused;
    expect(feed.mapsInMemory).toBe(0);
    expect(await updateOf(await watch())).toMatchObject({ kind: 'snapshot' });
  });
});

describe('a gap in the versions', () => {
  test('is filled from the stored changes, so that the watcher sees no gap', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    deliver(3);
    expect(await updateOf(watcher)).toMatchObject({
      kind: 'changes',
      previousVersion: 0,
      version: 3,
      seats: [booked(1), booked(2), booked(3)],
    });
    expect(source.mapReads).toBe(1);
  });

  test('that cannot be filled any more causes a SNAPSHOT', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    source.forgottenUpTo = 1;
    deliver(3);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
  });

  test('is never sent half filled: changes delivered meanwhile wait', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    const release = source.holdNextRead();
    source.commit(booked(1));
    deliver(2);
    const next = watcher.next();
    deliver(3, 4);
    expect(await isWaiting(next, 1_000)).toBe(true);
    release();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 0, version: 4 });
    expect(source.mapReads).toBe(1);
  });

  test('is filled as soon as the database is available again', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.failReads(new Error('lost'), new Error('still lost'));
    source.commit(booked(1));
    deliver(2);
    const next = watcher.next();
    expect(await isWaiting(next, 100)).toBe(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 0, version: 2 });
  });

  test('costs bounded memory however many changes are delivered meanwhile, and the map is correct afterwards', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    const release = source.holdNextRead();
    deliver(2);
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i <= BUFFERED_CHANGES_MAX; i++) deliver(3);
    release();
    expect(await updateOf(watcher)).toMatchObject({ version: source.version, statuses: 'BBBAAAAAAA' });
    // The dropped changes required another read.
    expect(source.mapReads).toBe(2);
  });
});

describe('catching up', () => {
  test('after the stream restarts sends exactly the missed changes', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    feed.resync();
    expect(await updateOf(watcher)).toMatchObject({ previousVersion: 0, version: 1, seats: [booked(1)] });
  });

  test('sends a change that the stream delivers late once, and as CHANGES', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    const late = source.commit(booked(1));
    const release = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    feed.receive(late);
    release();
    expect(await updateOf(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 1 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('requested many times at once runs only once more, and loses no change delivered meanwhile', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    const readsBefore = source.changeReads;
    const releaseFirst = source.holdNextRead();
    const releaseSecond = source.holdNextRead();
    for (let i = 0; i < 10; i++) feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i < 10; i++) feed.resync();
    deliver(1);
    releaseFirst();
    await vi.advanceTimersByTimeAsync(0);
    // The second run has read its snapshot; these changes come before it uses the snapshot.
    deliver(2, 3);
    releaseSecond();
    await vi.runAllTimersAsync();
    let version = 0;
    while (version < 3) {
      const update = await updateOf(watcher);
      expect(update).toMatchObject({ kind: 'changes', previousVersion: version });
      version = update.version;
    }
    expect(source.changeReads - readsBefore).toBe(2);
    expect(source.mapReads).toBe(1);
  });

  test('sends changes as the stream delivers them, and none of them again from the database', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    const release = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    // The read includes version 1. The stream delivers version 1 too, and more.
    feed.receive(source.committed[0] as SeatChange);
    deliver(2);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 2 });
    release();
    deliver(3);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'changes', previousVersion: 2, version: 3 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('fills a gap that appears meanwhile, before it sends later changes', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    const release = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    deliver(1);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 1 });
    source.commit(booked(2));
    deliver(3, 4);
    const next = watcher.next();
    expect(await isWaiting(next, 1_000)).toBe(true);
    release();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({ version: 4, statuses: 'BBBBAAAAAA' });
    deliver(5);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'changes', previousVersion: 4, version: 5 });
  });

  test('ends at the newest version, although changes come meanwhile and the stored changes are too few', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    for (const seat of [1, 2, 3]) source.commit(booked(seat));
    source.forgottenUpTo = 2;
    const releaseChanges = source.holdNextRead();
    const releaseMap = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    feed.receive(source.committed[0] as SeatChange);
    releaseChanges();
    await vi.advanceTimersByTimeAsync(0);
    // The snapshot is read but not used yet. The old map must not move past it.
    for (const late of source.committed.slice(1)) feed.receive(late);
    deliver(4);
    releaseMap();
    await vi.runAllTimersAsync();
    expect(await feed.readMap(EVENT_ID, (map) => map.version)).toBe(4);
    expect(await updateOf(watcher)).toMatchObject({ version: 4, statuses: 'BBBBAAAAAA' });
  });

  test('never moves back to an earlier version when the map is reloaded while changes come', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    source.forgottenUpTo = 1;
    const releaseChanges = source.holdNextRead();
    const releaseMap = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    releaseChanges();
    await vi.advanceTimersByTimeAsync(0);
    deliver(3);
    feed.resync();
    releaseMap();
    await vi.runAllTimersAsync();
    expect(await feed.readMap(EVENT_ID, (map) => map.version)).toBe(3);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
  });
});

test('no update has a future server time, even if the clock was set back since the map changed', async () => {
  await watch();
  clock.advance(60_000);
  deliver(1);
  clock.advance(-60_000);
  expect(await updateOf(await watch())).toMatchObject({ statuses: 'BAAAAAAAAA', serverTime: clock.now() });
});

describe('an expiry', () => {
  test('is reported at its instant, not before, and the next one too', async () => {
    const expiries: number[] = [];
    feed.onExpiry = () => expiries.push(clock.now().getTime());
    const start = clock.now().getTime();
    const watcher = await watch();
    feed.receive(source.commit(locked(1, new Date(start + 1_000)), locked(2, new Date(start + 2_000))));
    clock.advance(999);
    expect(expiries).toEqual([]);
    clock.advance(1);
    expect(expiries).toEqual([start + 1_000]);
    expect(feed.hasUnrecordedExpiry(EVENT_ID)).toBe(true);
    feed.receive(source.commit(available(1)));
    expect(feed.hasUnrecordedExpiry(EVENT_ID)).toBe(false);
    clock.advance(1_000);
    expect(expiries).toEqual([start + 1_000, start + 2_000]);
    await watcher.return?.();
  });

  test('of locks that expire shortly after each other is reported for several at a time', async () => {
    const expiries: number[] = [];
    const start = clock.now().getTime();
    feed.onExpiry = () => expiries.push(clock.now().getTime() - start);
    await watch();
    for (const seat of [1, 2, 3]) {
      feed.receive(source.commit(locked(seat, new Date(start + 1_000 + seat))));
    }
    for (let ms = 0; ms < 1_100; ms++) clock.advance(1);
    expect(expiries).toEqual([1_001, 1_021]);
  });

  test('is reported at its instant even if the clock was set back after an earlier one', async () => {
    const start = clock.now().getTime();
    const expiries: number[] = [];
    feed.onExpiry = () => expiries.push(clock.now().getTime() - start);
    await watch();
    deliver(1);
    feed.receive(source.commit(locked(2, new Date(start + 60_000))));
    clock.advance(60_000);
    feed.receive(source.commit(available(2)));
    // As after an election of a member whose clock is a minute behind.
    clock.moveTo(new Date(start));
    feed.receive(source.commit(locked(3, new Date(start + 1_000))));
    clock.advance(1_000);
    expect(expiries).toEqual([60_000, 1_000]);
  });

  test('from before the map was read is reported too', async () => {
    const reported = new Promise<string>((resolve) => {
      feed.onExpiry = resolve;
    });
    source.commit(locked(1, new Date(clock.now().getTime() - 1)));
    await watch();
    expect(await reported).toBe(EVENT_ID);
  });

  test('is not reported for a lock that was extended in time', async () => {
    let expiries = 0;
    feed.onExpiry = () => {
      expiries += 1;
    };
    const start = clock.now().getTime();
    await watch();
    feed.receive(source.commit(locked(1, new Date(start + 1_000))));
    feed.receive(source.commit(locked(1, new Date(start + 5_000))));
    clock.advance(4_999);
    expect(expiries).toBe(0);
    clock.advance(1);
    expect(expiries).toBe(1);
  });

  test('frees the seat in statuses, taken seats and counters before it is recorded', async () => {
    const start = clock.now().getTime();
    source.commit(locked(1, new Date(start + 1_000)));
    expect(await updateOf(await watch())).toMatchObject({
      statuses: 'LAAAAAAAAA',
      availability: { lockedSeats: 1 },
    });
    clock.advance(1_000);
    expect(await updateOf(await watch())).toMatchObject({
      version: 1,
      statuses: 'AAAAAAAAAA',
      seats: [],
      availability: { lockedSeats: 0 },
    });
    expect(await feed.readMap(EVENT_ID, (map) => map.seats().isAvailable(1))).toBe(true);
  });

  test('of a lock that was not sent yet is sent as an available seat', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    feed.receive(source.commit(locked(1, new Date(clock.now().getTime() + 10))));
    clock.advance(10);
    expect(await updateOf(watcher)).toMatchObject({ seats: [available(1)], statuses: 'AAAAAAAAAA' });
  });

  test('ends the sharing of updates from before it', async () => {
    source.commit(locked(1, new Date(clock.now().getTime() + 10)));
    const first = async () => (await (await watch()).next()).value;
    const before = await first();
    clock.advance(9);
    expect(await first()).toBe(before);
    clock.advance(1);
    expect(await updateOf(await watch())).toMatchObject({ seats: [], statuses: 'AAAAAAAAAA' });
  });
});

describe('a burst of changes with many watchers', () => {
  const AUDIENCE = 1_000;
  const GATHER_MS = 16;

  /** The next update of one of them. All have the map, and no tick is in progress. */
  async function nextUpdate(): Promise<{ next: Promise<IteratorResult<SeatUpdate>> }> {
    const [watcher] = await Promise.all([watch(), ...Array.from({ length: AUDIENCE - 1 }, () => watch())]);
    await updateOf(watcher);
    // Every slice of a tick waits for the event loop once.
    for (let slices = 0; slices < AUDIENCE / SLICE_WATCHERS_DURING_BATCH_MAX; slices++)
      await nextLoopIteration();
    await vi.advanceTimersByTimeAsync(1_000);
    return { next: watcher.next() };
  }

  test('reaches them in one message: the tick waits for the batch in progress', async () => {
    const { next } = await nextUpdate();
    batch.isInFlight = true;
    deliver(1);
    expect(await isWaiting(next, GATHER_MS - 1)).toBe(true);
    batch.isInFlight = false;
    deliver(2);
    await vi.advanceTimersByTimeAsync(0);
    expect((await next).value).toMatchObject({ previousVersion: 0, version: 2 });
  });

  test('waits for the batch no longer than sending takes', async () => {
    const { next } = await nextUpdate();
    batch.isInFlight = true;
    deliver(1);
    deliver(2);
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    expect((await next).value).toMatchObject({ previousVersion: 0, version: 2 });
  });
});

test('a listener that fails keeps no other from being notified, now or later', async () => {
  const watcher = await watch();
  await updateOf(watcher);
  await feed.readMap(EVENT_ID, (map) =>
    map.onTick(() => {
      throw new Error('broken');
    }),
  );
  const later = await watch();
  await updateOf(later);
  for (const seatNumber of [1, 2]) {
    const next = Promise.all([updateOf(watcher), updateOf(later)]);
    deliver(seatNumber);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await next).toMatchObject([{ version: seatNumber }, { version: seatNumber }]);
  }
});

test('a metric or log that fails keeps no watcher from being notified, now or later', async () => {
  const error = vi.fn();
  const tickEnded = vi.fn(() => {
    throw new Error('broken');
  });
  const breaking = new Feed(
    source,
    clock,
    { ...silent, error },
    { tickEnded, snapshotBuilt() {}, changesMerged() {} },
  );
  const watcher = await breaking.watchSeats(EVENT_ID, null);
  await updateOf(watcher);
  const first = watcher.next();
  // During the tick of the first change: for the next tick.
  void first.then(() => breaking.receive(source.commit(booked(2))));
  breaking.receive(source.commit(booked(1)));
  await vi.advanceTimersByTimeAsync(0);
  expect((await first).value).toMatchObject({ version: 1 });
  expect(await updateOf(watcher)).toMatchObject({ previousVersion: 1, version: 2 });
  expect(tickEnded).toHaveBeenCalled();
  expect(error).toHaveBeenCalledWith(expect.anything(), 'A tick failed');
  breaking.close();
});

test('slow listeners delay a call by one of them, not by all', async () => {
  const order: string[] = [];
  await feed.readMap(EVENT_ID, (map) => {
    for (const name of ['first', 'second'])
      map.onTick(() => {
        order.push(name);
        if (name === 'first') setImmediate(() => order.push('a call'));
        vi.advanceTimersByTime(20);
        return false;
      });
  });
  deliver(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(order).toEqual(['first', 'a call', 'second']);
});

test('of a large event, a map caches a few long lists and not one for each version', async () => {
  const seats = 90_000;
  const largeSource = new FakeFeedSource(seats);
  const large = new Feed(largeSource, clock, silent, {
    tickEnded() {},
    snapshotBuilt() {},
    changesMerged() {},
  });
  await large.readMap(EVENT_ID, async (map) => {
    for (let seat = 1; seat <= 6; seat++) large.receive(largeSource.commit(booked(seat)));
    const allSeats = Array.from({ length: seats }, (_, index) => booked(index + 1));
    large.receive({ ...largeSource.commit(), seats: allSeats });
    const since = (version: number) => map.changesSince(version, clock.now());
    const first = since(1);
    expect(first?.seats).toHaveLength(seats);
    const cachedLists = Math.floor(CACHED_UPDATE_SEATS_MAX / seats);
    for (let version = 2; version <= cachedLists; version++) since(version);
    expect(since(1)).toBe(first);
    since(cachedLists + 1);
    expect(since(1)).not.toBe(first);
  });
  large.close();
});
