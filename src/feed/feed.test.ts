import { describe, expect, test, vi } from 'vitest';
import { booked, EVENT_ID, isWaiting, locked, updateOf } from '../test/support/fake-feed-source.js';
import { clock, feed, newFeedForEachTest, source, watch } from '../test/support/feed-with-fakes.js';
import { IDLE_MAPS_MAX } from './feed.js';
import type { LiveMap } from './live-map.js';
import { MAP_WAIT_MS_MAX } from './map-deadline.js';
import { TICK_MS } from './tick-schedule.js';
import { STREAM_LAG_MS_MAX } from './version-waiters.js';

const IDLE_MAP_MS = 30_000;

newFeedForEachTest();

describe('maps', () => {
  test('of an unknown event are refused and not kept', async () => {
    source.exists = false;
    await expect(watch()).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
    await expect(feed.watchReservations(EVENT_ID, 'user')).rejects.toMatchObject({ code: 'EVENT_NOT_FOUND' });
    expect(feed.mapsInMemory).toBe(0);
  });

  test('are kept for a while after the last watcher left, so that the next one needs no read', async () => {
    const watchers = [await watch(), await watch()];
    for (const watcher of watchers) await watcher.return?.();
    clock.advance(IDLE_MAP_MS - 1);
    expect(feed.mapsInMemory).toBe(1);
    const back = await watch();
    clock.advance(IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(1);
    expect(source.mapReads).toBe(1);
    feed.receive(source.commit(booked(1)));
    expect(await updateOf(back)).toMatchObject({ version: 1 });
  });

  test('are evicted after that, and read again for the next watcher', async () => {
    const watcher = await watch();
    await watcher.return?.();
    clock.advance(IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(0);
    feed.receive(source.commit(booked(1)));
    expect(await updateOf(await watch(0))).toMatchObject({ kind: 'changes', previousVersion: 0, version: 1 });
    expect(source.mapReads).toBe(2);
  });

  test('are kept while anybody watches, even if another watcher is ended twice', async () => {
    const [leaving, staying] = [await watch(), await watch()];
    await leaving.return?.();
    await leaving.return?.();
    clock.advance(10 * IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(1);
    await updateOf(staying);
    feed.receive(source.commit(booked(1)));
    expect(await updateOf(staying)).toMatchObject({ previousVersion: 0, version: 1 });
  });

  test('that are evicted report no expiry and leave no timer behind', async () => {
    let expiries = 0;
    feed.onExpiry = () => {
      expiries += 1;
    };
    source.commit(locked(1, new Date(clock.now().getTime() + 10 * IDLE_MAP_MS)));
    const watcher = await watch();
    feed.receive(source.commit(booked(2)));
    await watcher.return?.();
    clock.advance(IDLE_MAP_MS);
    expect(vi.getTimerCount()).toBe(0);
    clock.advance(20 * IDLE_MAP_MS);
    expect(expiries).toBe(0);
  });

  test.each([
    ['seats', () => watch()],
    ['reservations', () => feed.watchReservations(EVENT_ID, 'user')],
  ])(
    'that cannot be read in time: a subscription to %s is refused with a retry time, and leaves nothing behind',
    async (_, open) => {
      const release = source.holdNextRead();
      const opening = open();
      expect(await isWaiting(opening, MAP_WAIT_MS_MAX - 1)).toBe(true);
      expect(await isWaiting(opening, 1)).toBe(false);
      await expect(opening).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: 1_000 } });
      release();
      await vi.advanceTimersByTimeAsync(0);
      expect(feed.watchers).toBe(0);
      await (await open()).return?.();
      expect(source.mapReads).toBe(1);
      clock.advance(IDLE_MAP_MS);
      expect([feed.mapsInMemory, vi.getTimerCount()]).toEqual([0, 0]);
    },
  );

  test('that cannot catch up: new watchers are refused, present watchers are notified once the map has caught up', async () => {
    const watching = await watch();
    await updateOf(watching);
    const next = watching.next();
    source.commit(booked(1));
    const release = source.holdNextRead();
    feed.resync();
    const arriving = watch();
    expect(await isWaiting(arriving, MAP_WAIT_MS_MAX)).toBe(false);
    await expect(arriving).rejects.toMatchObject({ code: 'TOO_BUSY' });
    release();
    expect(await isWaiting(next, TICK_MS)).toBe(false);
    expect((await next).value).toMatchObject({ previousVersion: 0, version: 1 });
    expect(feed.watchers).toBe(1);
  });

  test('that were closed set no timer any more, even if they are still used', async () => {
    const [ahead, watcher] = [await watch(7), await watch()];
    const first = ahead.next();
    await vi.advanceTimersByTimeAsync(0);
    let map: LiveMap | undefined;
    await feed.readMap(EVENT_ID, (opened) => {
      map = opened;
    });
    feed.close();
    await expect(first).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: 1_000 } });
    expect(vi.getTimerCount()).toBe(0);
    await updateOf(watcher);
    await map?.waitForVersion(7).catch(() => undefined);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of other events are not notified of a change', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    feed.receive({ ...source.commit(booked(1)), eventId: 'another00001' });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
  });
});

describe('a read of the seats', () => {
  const bookedSeats = () => feed.readMap(EVENT_ID, (map) => map.seats().availability().bookedSeats);

  test('of an unknown event returns null and keeps nothing', async () => {
    source.exists = false;
    expect(await bookedSeats()).toBeNull();
    expect(feed.mapsInMemory).toBe(0);
  });

  test('by many callers loads the map once, and later reads do not load it while it is used now and then', async () => {
    source.commit(booked(1));
    expect(await Promise.all(Array.from({ length: 100 }, bookedSeats))).toEqual(Array(100).fill(1));
    clock.advance(IDLE_MAP_MS - 1);
    expect(await bookedSeats()).toBe(1);
    clock.advance(IDLE_MAP_MS - 1);
    expect(await bookedSeats()).toBe(1);
    expect(source.mapReads).toBe(1);
  });

  test('includes changes committed before it, and waits for the stream', async () => {
    await bookedSeats();
    const change = source.commit(booked(1));
    const read = bookedSeats();
    expect(await isWaiting(read, STREAM_LAG_MS_MAX - 1)).toBe(true);
    feed.receive(change);
    expect(await read).toBe(1);
    expect([source.mapReads, source.changeReads]).toEqual([1, 0]);
  });

  test('includes them even if the stream lags: the database is read once for all waiting callers', async () => {
    await bookedSeats();
    source.commit(booked(1));
    const reads = [bookedSeats(), bookedSeats(), bookedSeats()];
    await vi.advanceTimersByTimeAsync(STREAM_LAG_MS_MAX);
    expect(await Promise.all(reads)).toEqual([1, 1, 1]);
    expect([source.mapReads, source.changeReads]).toEqual([1, 1]);
  });

  test('includes them even if a majority did not have them yet at the first read', async () => {
    await bookedSeats();
    source.commit(booked(1));
    vi.spyOn(source, 'readChanges').mockResolvedValueOnce([]);
    const read = bookedSeats();
    await vi.advanceTimersByTimeAsync(2 * STREAM_LAG_MS_MAX);
    expect(await read).toBe(1);
  });

  test('does not wait for a version that an election rolled back', async () => {
    await bookedSeats();
    vi.spyOn(source, 'readVersion').mockResolvedValueOnce(1);
    const read = bookedSeats();
    await vi.advanceTimersByTimeAsync(STREAM_LAG_MS_MAX);
    expect(await read).toBe(0);
  });

  test('fails, and does not hang, while the map cannot catch up', async () => {
    await bookedSeats();
    source.commit(booked(1));
    const read = bookedSeats();
    read.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    source.failReads(...Array.from({ length: 50 }, () => new Error('gone')));
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(read).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: 1_000 } });
  });

  test('fails, and does not hang, while the map cannot be read at all, and leaves nothing behind', async () => {
    const release = source.holdNextRead();
    release();
    const releaseMap = source.holdNextRead();
    const read = bookedSeats();
    read.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(read).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(feed.watchers).toBe(1);
    releaseMap();
    await vi.advanceTimersByTimeAsync(0);
    expect(feed.watchers).toBe(0);
    clock.advance(IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(0);
  });

  test('fails, and does not hang, while the version cannot be read, and opens nothing afterwards', async () => {
    const release = source.holdNextRead();
    const read = bookedSeats();
    expect(await isWaiting(read, MAP_WAIT_MS_MAX - 1)).toBe(true);
    expect(await isWaiting(read, 1)).toBe(false);
    await expect(read).rejects.toMatchObject({ code: 'TOO_BUSY' });
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect([feed.mapsInMemory, source.mapReads]).toEqual([0, 0]);
    expect(await bookedSeats()).toBe(0);
    expect(feed.watchers).toBe(0);
  });

  test('that waits for a map that is closed is refused with a retry time', async () => {
    await bookedSeats();
    source.commit(booked(1));
    const read = bookedSeats();
    await vi.advanceTimersByTimeAsync(0);
    feed.close();
    await expect(read).rejects.toMatchObject({ code: 'TOO_BUSY', details: { retryAfterMs: 1_000 } });
  });

  test('keeps at most IDLE_MAPS_MAX maps without users, those that were used last', async () => {
    const ids = Array.from(
      { length: IDLE_MAPS_MAX + 1 },
      (_, index) => `event${String(index).padStart(7, '0')}`,
    );
    for (const id of ids) await feed.readMap(id, () => null);
    expect(feed.mapsInMemory).toBe(IDLE_MAPS_MAX);
    expect([feed.hasMap(ids[0] as string), feed.hasMap(ids[1] as string)]).toEqual([false, true]);
    clock.advance(IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(0);
  });
});

describe('reservations', () => {
  const reservations = (userId = 'user') => feed.watchReservations(EVENT_ID, userId);
  const changeOf = (userId: string) =>
    source.commitFor([{ userId, lockIds: ['lock'], bookingIds: [] }], booked(1));

  test('are sent at once, and again whenever the user has a change', async () => {
    const watcher = await reservations();
    expect(await watcher.next()).toMatchObject({ done: false });
    const next = watcher.next();
    expect(await isWaiting(next, 1_000)).toBe(true);
    feed.receive(changeOf('user'));
    expect(await isWaiting(next, 0)).toBe(false);
  });

  test("are sent to all of a user's devices, and to nobody else", async () => {
    const devices = [await reservations(), await reservations()];
    const stranger = await reservations('stranger');
    for (const watcher of [...devices, stranger]) await watcher.next();
    const nexts = devices.map((watcher) => watcher.next());
    const strangers = stranger.next();
    feed.receive(changeOf('user'));
    expect(await Promise.all(nexts)).toMatchObject([{ done: false }, { done: false }]);
    expect(await isWaiting(strangers, 1_000)).toBe(true);
  });

  test('are sent when only a booking changed and no seat did', async () => {
    const watcher = await reservations();
    await watcher.next();
    const next = watcher.next();
    const reservation = { userId: 'user', lockIds: [], bookingIds: ['booking'] };
    feed.receive({
      eventId: EVENT_ID,
      version: null,
      seats: [],
      reservations: [reservation],
      at: clock.now(),
    });
    expect(await next).toMatchObject({ done: false });
  });

  test('that change ten times while they are being sent are sent once more', async () => {
    const watcher = await reservations();
    await watcher.next();
    for (let i = 0; i < 10; i++) feed.receive(changeOf('user'));
    expect(await watcher.next()).toMatchObject({ done: false });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
  });

  test('are sent again after the stream restarts', async () => {
    const watcher = await reservations();
    await watcher.next();
    const next = watcher.next();
    feed.resync();
    expect(await next).toMatchObject({ done: false });
  });

  test('end when their watcher leaves, and their map is evicted', async () => {
    const watchers = [await reservations(), await reservations()];
    await watchers[0]?.next();
    const next = watchers[0]?.next();
    for (const watcher of watchers) await watcher.return?.();
    expect(await next).toEqual({ done: true, value: undefined });
    clock.advance(IDLE_MAP_MS);
    expect(feed.mapsInMemory).toBe(0);
  });
});
