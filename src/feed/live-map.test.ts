import { setImmediate as nextLoopTurn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import {
  available,
  booked,
  EVENT_ID,
  FakeFeedSource,
  isWaiting,
  locked,
  silent,
  told,
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
import {
  BUFFERED_CHANGES_MAX,
  CACHED_UPDATE_SEATS_MAX,
  FIRST_READ_ATTEMPTS_MAX,
  SLICE_WATCHERS_DURING_BATCH_MAX,
} from './live-map.js';
import type { SeatUpdate } from './seat-update.js';

newFeedForEachTest();

describe('while the map is being read', () => {
  test('what is delivered is kept, and told neither twice nor not at all', async () => {
    deliver(1);
    const letGo = source.holdNextRead();
    const opening = watch();
    deliver(2, 3);
    letGo();
    const watcher = await opening;
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('what the read has already is dropped', async () => {
    const change = source.commit(booked(1));
    const newer = source.commit(available(1));
    const watcher = await watch();
    await told(watcher);
    feed.receive(change);
    feed.receive(newer);
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(await feed.readMap(EVENT_ID, (map) => [map.version, map.seats().isAvailable(1)])).toEqual([
      2,
      true,
    ]);
  });

  test('a hole between what was read and what was delivered has it read again', async () => {
    const letGo = source.holdNextRead();
    const opening = watch();
    source.commit(booked(1));
    deliver(2);
    letGo();
    expect(await told(await opening)).toMatchObject({ kind: 'snapshot', version: 2, statuses: 'BBAAAAAAAA' });
    expect(source.mapReads).toBe(2);
  });

  test('a read that is behind what was delivered again and again is tried after a pause', async () => {
    const old = { totalSeats: 10, version: 0, taken: [] };
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
    expect(await told(await opening)).toMatchObject({ kind: 'snapshot', version: 2 });
  });

  test('everybody who comes shares one read', async () => {
    const watchers = await Promise.all([watch(), watch(), watch()]);
    expect(source.mapReads).toBe(1);
    const [first, ...others] = await Promise.all(watchers.map((watcher) => told(watcher)));
    for (const other of others) expect(other).toBe(first);
  });

  test('a read that fails is tried again', async () => {
    source.failReads(...Array.from({ length: FIRST_READ_ATTEMPTS_MAX - 1 }, () => new Error('lost')));
    const opening = watch();
    await vi.runAllTimersAsync();
    expect(await told(await opening)).toMatchObject({ kind: 'snapshot', version: 0 });
  });

  test('a fault that lasts is told to who asked and kept from who asks later', async () => {
    source.failReads(...Array.from({ length: FIRST_READ_ATTEMPTS_MAX }, () => new Error('lost')));
    const refused = expect(Promise.all([watch(), watch()])).rejects.toThrow('lost');
    await vi.runAllTimersAsync();
    await refused;
    expect(feed.mapsInMemory).toBe(0);
    expect(await told(await watch())).toMatchObject({ kind: 'snapshot' });
  });
});

describe('a hole in the numbers', () => {
  test('is filled from what is kept: the watcher goes on without a gap', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    deliver(3);
    expect(await told(watcher)).toMatchObject({
      kind: 'changes',
      previousVersion: 0,
      version: 3,
      seats: [booked(1), booked(2), booked(3)],
    });
    expect(source.mapReads).toBe(1);
  });

  test('that cannot be filled any more ends in a SNAPSHOT', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    source.forgottenUpTo = 1;
    deliver(3);
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
  });

  test('is not told of half filled: what is delivered meanwhile waits', async () => {
    const watcher = await watch();
    await told(watcher);
    const letGo = source.holdNextRead();
    source.commit(booked(1));
    deliver(2);
    const next = watcher.next();
    deliver(3, 4);
    expect(await isWaiting(next, 1_000)).toBe(true);
    letGo();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 0, version: 4 });
    expect(source.mapReads).toBe(1);
  });

  test('is filled as soon as the database answers again', async () => {
    const watcher = await watch();
    await told(watcher);
    source.failReads(new Error('lost'), new Error('still lost'));
    source.commit(booked(1));
    deliver(2);
    const next = watcher.next();
    expect(await isWaiting(next, 100)).toBe(true);
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 0, version: 2 });
  });

  test('costs bounded memory however much is delivered meanwhile, and the map is right afterwards', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    const letGo = source.holdNextRead();
    deliver(2);
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i <= BUFFERED_CHANGES_MAX; i++) deliver(3);
    letGo();
    expect(await told(watcher)).toMatchObject({ version: source.version, statuses: 'BBBAAAAAAA' });
    // What was dropped could only be read.
    expect(source.mapReads).toBe(2);
  });
});

describe('catching up', () => {
  test('after the stream began anew tells exactly what was missed', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    feed.resync();
    expect(await told(watcher)).toMatchObject({ previousVersion: 0, version: 1, seats: [booked(1)] });
  });

  test('what is delivered late meanwhile is told once, and as CHANGES', async () => {
    const watcher = await watch();
    await told(watcher);
    const late = source.commit(booked(1));
    const letGo = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    feed.receive(late);
    letGo();
    expect(await told(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 1 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('many times at once is catching up once more, and what is delivered meanwhile is not lost', async () => {
    const watcher = await watch();
    await told(watcher);
    const readsBefore = source.changeReads;
    const letFirstGo = source.holdNextRead();
    const letSecondGo = source.holdNextRead();
    for (let i = 0; i < 10; i++) feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    for (let i = 0; i < 10; i++) feed.resync();
    deliver(1);
    letFirstGo();
    await vi.advanceTimersByTimeAsync(0);
    // The second run has taken its picture; this comes between the picture and its use.
    deliver(2, 3);
    letSecondGo();
    await vi.runAllTimersAsync();
    let version = 0;
    while (version < 3) {
      const update = await told(watcher);
      expect(update).toMatchObject({ kind: 'changes', previousVersion: version });
      version = update.version;
    }
    expect(source.changeReads - readsBefore).toBe(2);
    expect(source.mapReads).toBe(1);
  });

  test('tells what is next as it comes, and what the database has of it only once', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    const letGo = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    // The read has version 1 in its picture; the stream delivers it as well, and more.
    feed.receive(source.committed[0] as SeatChange);
    deliver(2);
    expect(await told(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 2 });
    letGo();
    deliver(3);
    expect(await told(watcher)).toMatchObject({ kind: 'changes', previousVersion: 2, version: 3 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('a hole that comes meanwhile is filled, and nothing after it is told before', async () => {
    const watcher = await watch();
    await told(watcher);
    const letGo = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    deliver(1);
    expect(await told(watcher)).toMatchObject({ kind: 'changes', previousVersion: 0, version: 1 });
    source.commit(booked(2));
    deliver(3, 4);
    const next = watcher.next();
    expect(await isWaiting(next, 1_000)).toBe(true);
    letGo();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({ version: 4, statuses: 'BBBBAAAAAA' });
    deliver(5);
    expect(await told(watcher)).toMatchObject({ kind: 'changes', previousVersion: 4, version: 5 });
  });

  test('with what comes meanwhile beyond what one read has, and with a history that is too short, ends at the newest', async () => {
    const watcher = await watch();
    await told(watcher);
    for (const seat of [1, 2, 3]) source.commit(booked(seat));
    source.forgottenUpTo = 2;
    const letChangesGo = source.holdNextRead();
    const letMapGo = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    feed.receive(source.committed[0] as SeatChange);
    letChangesGo();
    await vi.advanceTimersByTimeAsync(0);
    // The map is being read, and its picture is taken: the old one must not go on, and beyond it.
    for (const late of source.committed.slice(1)) feed.receive(late);
    deliver(4);
    letMapGo();
    await vi.runAllTimersAsync();
    expect(await feed.readMap(EVENT_ID, (map) => map.version)).toBe(4);
    expect(await told(watcher)).toMatchObject({ version: 4, statuses: 'BBBBAAAAAA' });
  });

  test('a map that is read anew while changes come does not go back', async () => {
    const watcher = await watch();
    await told(watcher);
    source.commit(booked(1));
    source.commit(booked(2));
    source.forgottenUpTo = 1;
    const letChangesGo = source.holdNextRead();
    const letMapGo = source.holdNextRead();
    feed.resync();
    await vi.advanceTimersByTimeAsync(0);
    letChangesGo();
    await vi.advanceTimersByTimeAsync(0);
    deliver(3);
    feed.resync();
    letMapGo();
    await vi.runAllTimersAsync();
    expect(await feed.readMap(EVENT_ID, (map) => map.version)).toBe(3);
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 3, statuses: 'BBBAAAAAAA' });
  });
});

test('no update is as of a time to come, though the clock was set back since the map changed', async () => {
  await watch();
  clock.advance(60_000);
  deliver(1);
  clock.advance(-60_000);
  expect(await told(await watch())).toMatchObject({ statuses: 'BAAAAAAAAA', serverTime: clock.now() });
});

describe('a lapse', () => {
  test('is called out at its instant, not before, and again for the next one', async () => {
    const lapses: number[] = [];
    feed.onExpiry = () => lapses.push(clock.now().getTime());
    const start = clock.now().getTime();
    const watcher = await watch();
    feed.receive(source.commit(locked(1, new Date(start + 1_000)), locked(2, new Date(start + 2_000))));
    clock.advance(999);
    expect(lapses).toEqual([]);
    clock.advance(1);
    expect(lapses).toEqual([start + 1_000]);
    expect(feed.hasUnrecordedExpiry(EVENT_ID)).toBe(true);
    feed.receive(source.commit(available(1)));
    expect(feed.hasUnrecordedExpiry(EVENT_ID)).toBe(false);
    clock.advance(1_000);
    expect(lapses).toEqual([start + 1_000, start + 2_000]);
    await watcher.return?.();
  });

  test('of locks that lapse one right after the other is called out for some at a time', async () => {
    const lapses: number[] = [];
    const start = clock.now().getTime();
    feed.onExpiry = () => lapses.push(clock.now().getTime() - start);
    await watch();
    for (const seat of [1, 2, 3]) {
      feed.receive(source.commit(locked(seat, new Date(start + 1_000 + seat))));
    }
    for (let ms = 0; ms < 1_100; ms++) clock.advance(1);
    expect(lapses).toEqual([1_001, 1_021]);
  });

  test('is called out at its instant also where the clock was set back after another one', async () => {
    const start = clock.now().getTime();
    const lapses: number[] = [];
    feed.onExpiry = () => lapses.push(clock.now().getTime() - start);
    await watch();
    deliver(1);
    feed.receive(source.commit(locked(2, new Date(start + 60_000))));
    clock.advance(60_000);
    feed.receive(source.commit(available(2)));
    // As after an election to a member whose clock is a minute behind.
    clock.moveTo(new Date(start));
    feed.receive(source.commit(locked(3, new Date(start + 1_000))));
    clock.advance(1_000);
    expect(lapses).toEqual([60_000, 1_000]);
  });

  test('that was there before the map was read is called out too', async () => {
    const lapsed = new Promise<string>((resolve) => {
      feed.onExpiry = resolve;
    });
    source.commit(locked(1, new Date(clock.now().getTime() - 1)));
    await watch();
    expect(await lapsed).toBe(EVENT_ID);
  });

  test('is not called out for a lock that was extended in time', async () => {
    let lapses = 0;
    feed.onExpiry = () => {
      lapses += 1;
    };
    const start = clock.now().getTime();
    await watch();
    feed.receive(source.commit(locked(1, new Date(start + 1_000))));
    feed.receive(source.commit(locked(1, new Date(start + 5_000))));
    clock.advance(4_999);
    expect(lapses).toBe(0);
    clock.advance(1);
    expect(lapses).toBe(1);
  });

  test('frees the seat in the map, its text, its seats and its counts, before anything is written', async () => {
    const start = clock.now().getTime();
    source.commit(locked(1, new Date(start + 1_000)));
    expect(await told(await watch())).toMatchObject({
      statuses: 'LAAAAAAAAA',
      availability: { lockedSeats: 1 },
    });
    clock.advance(1_000);
    expect(await told(await watch())).toMatchObject({
      version: 1,
      statuses: 'AAAAAAAAAA',
      seats: [],
      availability: { lockedSeats: 0 },
    });
    expect(await feed.readMap(EVENT_ID, (map) => map.seats().isAvailable(1))).toBe(true);
  });

  test('a lock that lapsed before it was told of is told as free', async () => {
    const watcher = await watch();
    await told(watcher);
    feed.receive(source.commit(locked(1, new Date(clock.now().getTime() + 10))));
    clock.advance(10);
    expect(await told(watcher)).toMatchObject({ seats: [available(1)], statuses: 'AAAAAAAAAA' });
  });

  test('no update from before a lapse is shared after it', async () => {
    source.commit(locked(1, new Date(clock.now().getTime() + 10)));
    const first = async () => (await (await watch()).next()).value;
    const before = await first();
    clock.advance(9);
    expect(await first()).toBe(before);
    clock.advance(1);
    expect(await told(await watch())).toMatchObject({ seats: [], statuses: 'AAAAAAAAAA' });
  });
});

describe('a burst of changes before a large audience', () => {
  const AUDIENCE = 1_000;
  const GATHER_MS = 16;

  /** What one of them is sent next; all of them have the map, and no tick is under way. */
  async function nextOfAudience(): Promise<{ next: Promise<IteratorResult<SeatUpdate>> }> {
    const [watcher] = await Promise.all([watch(), ...Array.from({ length: AUDIENCE - 1 }, () => watch())]);
    await told(watcher);
    // Each slice of a tick gives the event loop a turn.
    for (let slices = 0; slices < AUDIENCE / SLICE_WATCHERS_DURING_BATCH_MAX; slices++) await nextLoopTurn();
    await vi.advanceTimersByTimeAsync(1_000);
    return { next: watcher.next() };
  }

  test('reaches it in one message: the tick waits for the batch that is under way', async () => {
    const { next } = await nextOfAudience();
    batch.isUnderWay = true;
    deliver(1);
    expect(await isWaiting(next, GATHER_MS - 1)).toBe(true);
    batch.isUnderWay = false;
    deliver(2);
    await vi.advanceTimersByTimeAsync(0);
    expect((await next).value).toMatchObject({ previousVersion: 0, version: 2 });
  });

  test('waits no longer than it takes to send it, however long the batch takes', async () => {
    const { next } = await nextOfAudience();
    batch.isUnderWay = true;
    deliver(1);
    deliver(2);
    await vi.advanceTimersByTimeAsync(GATHER_MS);
    expect((await next).value).toMatchObject({ previousVersion: 0, version: 2 });
  });
});

test('a turn that fails keeps nobody else from being told, now or later', async () => {
  const watcher = await watch();
  await told(watcher);
  await feed.readMap(EVENT_ID, (map) =>
    map.onTick(() => {
      throw new Error('broken');
    }),
  );
  const later = await watch();
  await told(later);
  for (const seatNumber of [1, 2]) {
    const next = Promise.all([told(watcher), told(later)]);
    deliver(seatNumber);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await next).toMatchObject([{ version: seatNumber }, { version: seatNumber }]);
  }
});

test('a metric or a log that fails keeps nobody from being told, now or later', async () => {
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
  await told(watcher);
  const first = watcher.next();
  // While everybody is being told of the one before: for the next tick.
  void first.then(() => breaking.receive(source.commit(booked(2))));
  breaking.receive(source.commit(booked(1)));
  await vi.advanceTimersByTimeAsync(0);
  expect((await first).value).toMatchObject({ version: 1 });
  expect(await told(watcher)).toMatchObject({ previousVersion: 1, version: 2 });
  expect(tickEnded).toHaveBeenCalled();
  expect(error).toHaveBeenCalledWith(expect.anything(), 'A tick ended with a fault');
  breaking.close();
});

test('those who take long to be told keep calls waiting for one of them, not for all', async () => {
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

test('of a hall that everybody is behind by, a map keeps a few lists to be shared and not one for each version', async () => {
  const seats = 90_000;
  const hall = new FakeFeedSource(seats);
  const large = new Feed(hall, clock, silent, { tickEnded() {}, snapshotBuilt() {}, changesMerged() {} });
  await large.readMap(EVENT_ID, async (map) => {
    for (let seat = 1; seat <= 6; seat++) large.receive(hall.commit(booked(seat)));
    const whole = Array.from({ length: seats }, (_, index) => booked(index + 1));
    large.receive({ ...hall.commit(), seats: whole });
    const since = (version: number) => map.changesSince(version, clock.now());
    const first = since(1);
    expect(first?.seats).toHaveLength(seats);
    const kept = Math.floor(CACHED_UPDATE_SEATS_MAX / seats);
    for (let version = 2; version <= kept; version++) since(version);
    expect(since(1)).toBe(first);
    since(kept + 1);
    expect(since(1)).not.toBe(first);
  });
  large.close();
});
