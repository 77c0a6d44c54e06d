import { beforeEach, describe, expect, test, vi } from 'vitest';
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
import { clock, deliver, feed, newFeedForEachTest, source, watch } from '../test/support/feed-with-fakes.js';
import { Feed } from './feed.js';
import type { LiveMap } from './live-map.js';
import { MAP_WAIT_MS_MAX } from './map-deadline.js';
import { LOADED_VERSIONS_MAX, RECENT_CHANGES_MAX, RECENT_SEATS_MAX } from './recent-changes.js';
import type { SeatUpdate } from './seat-update.js';
import { SeatWatcher } from './seat-watcher.js';
import { SEATS_PER_SECOND_PER_DELAY_FACTOR, TICK_MS } from './tick-schedule.js';

newFeedForEachTest();

/** Commits and delivers this many changes. After the last one, seat 1 is booked. */
const deliverMany = (count: number) => {
  for (let left = count; left > 0; left--)
    feed.receive(source.commit(left % 2 === 1 ? booked(1) : available(1)));
};

describe('merging', () => {
  test('changes within one tick are one message with the newest status of each seat', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    deliver(1, 2);
    feed.receive(source.commit(available(1)));
    const update = await updateOf(watcher);
    expect(update).toMatchObject({ kind: 'changes', previousVersion: 0, version: 3 });
    expect(update.seats).toEqual([available(1), booked(2)]);
  });

  test('a single change is sent at once, and those within a tick after it together after that tick', async () => {
    const watcher = await watch();
    await updateOf(watcher);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    deliver(1);
    const first = watcher.next();
    await vi.advanceTimersByTimeAsync(0);
    expect((await first).value).toMatchObject({ previousVersion: 0, version: 1 });

    const second = watcher.next();
    await vi.advanceTimersByTimeAsync(10);
    deliver(2);
    await vi.advanceTimersByTimeAsync(10);
    deliver(3);
    expect(await isWaiting(second, TICK_MS - 21)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect((await second).value).toMatchObject({ previousVersion: 1, version: 3 });
  });

  test('a watcher that becomes ready while changes wait for the tick waits too, and gets the shared update', async () => {
    const watchers = [await watch(), await watch()];
    for (const watcher of watchers) await updateOf(watcher);
    deliver(1);
    await vi.advanceTimersByTimeAsync(10);
    deliver(2);
    const nexts = watchers.map((watcher) => watcher.next());
    expect(await isWaiting(Promise.race(nexts), 10)).toBe(true);
    deliver(3);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    const [first, second] = await Promise.all(nexts);
    expect(first?.value).toMatchObject({ previousVersion: 0, version: 3 });
    expect(second?.value).toBe(first?.value);
  });

  test('watchers at the same version get the same object', async () => {
    const watchers = await Promise.all([watch(), watch(), watch(0)]);
    for (const watcher of watchers) await updateOf(watcher);
    deliver(1, 2);
    const [first, ...others] = await Promise.all(watchers.map((watcher) => updateOf(watcher)));
    expect(first).toMatchObject({ previousVersion: 0, version: 2 });
    for (const other of others) expect(other).toBe(first);
  });
});

describe('a slow watcher', () => {
  const fallBehind = async (versions: number) => {
    const watcher = await watch();
    await updateOf(watcher);
    deliverMany(versions);
    return watcher;
  };

  test('gets merged CHANGES from memory', async () => {
    const watcher = await fallBehind(RECENT_CHANGES_MAX);
    source.forgottenUpTo = source.version;
    const update = await updateOf(watcher);
    expect(update).toMatchObject({ kind: 'changes', previousVersion: 0, version: RECENT_CHANGES_MAX });
    expect(update.seats).toEqual([booked(1)]);
    expect(source.changeReads).toBe(0);
  });

  test('gets CHANGES from the database if memory does not go back that far', async () => {
    const watcher = await fallBehind(LOADED_VERSIONS_MAX);
    expect(await updateOf(watcher)).toMatchObject({
      kind: 'changes',
      previousVersion: 0,
      version: LOADED_VERSIONS_MAX,
      seats: [booked(1)],
    });
    expect(source.changeReads).toBe(1);
  });

  test('gets one SNAPSHOT beyond that', async () => {
    const watcher = await fallBehind(LOADED_VERSIONS_MAX + 1);
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: LOADED_VERSIONS_MAX + 1 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
  });

  test('gets a SNAPSHOT if neither memory nor the database goes back that far', async () => {
    const watcher = await fallBehind(2 * RECENT_CHANGES_MAX);
    source.forgottenUpTo = source.version;
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 2 * RECENT_CHANGES_MAX });
  });

  test('gets CHANGES from memory only up to a limit in seats', async () => {
    const watcher = await fallBehind(0);
    const seats = Array.from({ length: RECENT_SEATS_MAX / 10 }, () => booked(1));
    for (let change = 1; change <= 20; change++) feed.receive(source.commit(...seats));
    source.forgottenUpTo = source.version;
    expect(await updateOf(await watch(9))).toMatchObject({ kind: 'snapshot', version: 20 });
    expect(await updateOf(await watch(10))).toMatchObject({
      kind: 'changes',
      previousVersion: 10,
      version: 20,
    });
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 20 });
  });

  test('does not delay other watchers', async () => {
    await fallBehind(0);
    const quick = await watch();
    await updateOf(quick);
    for (const seat of [1, 2, 3]) {
      deliver(seat);
      expect(await updateOf(quick)).toMatchObject({ version: seat, previousVersion: seat - 1 });
    }
  });
});

describe('since', () => {
  beforeEach(() => {
    for (const seat of [1, 2, 3]) source.commit(booked(seat));
  });

  const immediately = async (watcher: AsyncIterator<unknown>) => {
    const next = watcher.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(await isWaiting(next, 0)).toBe(false);
    return (await next).value;
  };

  test('equal to the map: empty CHANGES at once', async () => {
    expect(await immediately(await watch(3))).toMatchObject({
      kind: 'changes',
      previousVersion: 3,
      version: 3,
      seats: [],
    });
  });

  test('older, and in memory: the missed changes', async () => {
    await watch();
    deliver(4, 5);
    expect(await immediately(await watch(3))).toMatchObject({
      kind: 'changes',
      previousVersion: 3,
      version: 5,
    });
    expect(source.changeReads).toBe(0);
  });

  test('older than memory: the missed changes, from the database', async () => {
    expect(await immediately(await watch(1))).toMatchObject({
      kind: 'changes',
      previousVersion: 1,
      version: 3,
      seats: [booked(2), booked(3)],
    });
  });

  test('older than the stored changes: a SNAPSHOT', async () => {
    source.forgottenUpTo = 2;
    expect(await immediately(await watch(1))).toMatchObject({ kind: 'snapshot', version: 3 });
  });

  test('negative: a SNAPSHOT, without a read of the database', async () => {
    expect(await immediately(await watch(-1))).toMatchObject({ kind: 'snapshot', version: 3 });
    expect(source.changeReads).toBe(0);
  });

  test('a thousand clients that resume from one version share one read and one object', async () => {
    const watchers = await Promise.all(Array.from({ length: 1_000 }, () => watch(1)));
    const [first, ...others] = await Promise.all(watchers.map((watcher) => updateOf(watcher)));
    expect(first).toMatchObject({ kind: 'changes', previousVersion: 1, version: 3 });
    expect(others.every((other) => other === first)).toBe(true);
    expect(source.changeReads).toBe(1);
  });

  test('a thousand clients that resume from one version cost as much as one', async () => {
    let iterations = 0;
    for (const { seats } of source.committed) {
      const iterate = seats[Symbol.iterator].bind(seats);
      Object.assign(seats, {
        [Symbol.iterator]: () => {
          iterations += 1;
          return iterate();
        },
      });
    }
    await watch();
    iterations = 0;
    await updateOf(await watch(1));
    const iterationsForOne = iterations;
    expect(iterationsForOne).toBeGreaterThan(0);
    deliver(4);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    iterations = 0;
    const watchers = await Promise.all(Array.from({ length: 1_000 }, () => watch(1)));
    for (const { version } of await Promise.all(watchers.map((watcher) => updateOf(watcher))))
      expect(version).toBe(4);
    expect(iterations).toBe(iterationsForOne);
  });

  test('changes that come while missed ones are being read are sent with them', async () => {
    const watcher = await watch(1);
    const release = source.holdNextRead();
    const next = watcher.next();
    await vi.advanceTimersByTimeAsync(0);
    deliver(4, 5);
    release();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({
      kind: 'changes',
      previousVersion: 1,
      version: 5,
      seats: [2, 3, 4, 5].map(booked),
    });
  });

  test('a change that the database has before the map is sent later and only once', async () => {
    const watcher = await watch(1);
    const late = source.commit(booked(4));
    expect(await updateOf(watcher)).toMatchObject({ previousVersion: 1, version: 3 });
    feed.receive(late);
    expect(await updateOf(watcher)).toMatchObject({ previousVersion: 3, version: 4, seats: [booked(4)] });
  });

  test('missed changes that cannot be read cause a SNAPSHOT and no error', async () => {
    const watcher = await watch(1);
    source.failReads(new Error('lost'));
    expect(await updateOf(watcher)).toMatchObject({ kind: 'snapshot', version: 3 });
  });

  test('ahead of the map: waits for the stream', async () => {
    const watcher = await watch(4);
    const next = watcher.next();
    expect(await isWaiting(next, 500)).toBe(true);
    deliver(4, 5);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect((await next).value).toMatchObject({
      kind: 'changes',
      previousVersion: 4,
      version: 5,
      seats: [booked(5)],
    });
  });

  test('ahead of a stream that lags: after a second the missing changes are read from the database', async () => {
    const watcher = await watch(4);
    source.commit(booked(4));
    const next = watcher.next();
    expect(await isWaiting(next, 999)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 4, version: 4, seats: [] });
  });

  test('ahead of a map that cannot catch up: is refused with a retry time', async () => {
    const watcher = await watch(4);
    const first = watcher.next();
    const release = source.holdNextRead();
    expect(await isWaiting(first, MAP_WAIT_MS_MAX - 1)).toBe(true);
    expect(await isWaiting(first, 1)).toBe(false);
    await expect(first).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(feed.watchers).toBe(0);
    release();
  });

  test('invented: after a second a SNAPSHOT with the lower version, for this watcher alone', async () => {
    const other = await watch();
    await updateOf(other);
    const watcher = await watch(1_000_000);
    const next = watcher.next();
    expect(await isWaiting(next, 999)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).value).toMatchObject({ kind: 'snapshot', version: 3, previousVersion: null });
    expect(await isWaiting(other.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('invented: delays neither present nor new watchers while the database is read', async () => {
    const other = await watch();
    await updateOf(other);
    const invented = (await watch(1_000_000)).next();
    const release = source.holdNextRead();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(source.changeReads).toBe(1);
    deliver(4);
    expect(await updateOf(other)).toMatchObject({ kind: 'changes', previousVersion: 3, version: 4 });
    expect(await updateOf(await watch())).toMatchObject({ kind: 'snapshot', version: 4 });
    release();
    expect(await isWaiting(invented, TICK_MS)).toBe(false);
    deliver(5);
    expect(await updateOf(other)).toMatchObject({ kind: 'changes', previousVersion: 4, version: 5 });
    expect(source.mapReads).toBe(1);
  });
});

describe('a receiver', () => {
  /** Records its updates; the test decides whether it takes more. */
  const receive = async (takes = true) => {
    const watcher = (await watch()) as SeatWatcher;
    const received: SeatUpdate[] = [];
    const faults: unknown[] = [];
    const receiver = {
      takes,
      ends: 0,
      update: (update: SeatUpdate) => {
        received.push(update);
        return receiver.takes;
      },
      end: () => {
        receiver.ends += 1;
      },
      fault: (error: unknown) => void faults.push(error),
    };
    watcher.push(receiver);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    return { watcher, received, faults, receiver };
  };

  test('gets the update of every tick, the same object as other receivers', async () => {
    const [one, other] = [await receive(), await receive()];
    for (const seat of [1, 2]) {
      deliver(seat);
      await vi.advanceTimersByTimeAsync(TICK_MS);
    }
    const steps = one.received.map(({ previousVersion, version }) => [previousVersion, version]);
    expect(steps).toEqual([
      [null, 0],
      [0, 1],
      [1, 2],
    ]);
    one.received.forEach((update, index) => {
      expect(other.received[index]).toBe(update);
    });
  });

  test('that takes no more gets nothing until it is ready, and then all that it missed in one update', async () => {
    const { watcher, received } = await receive(false);
    for (const seat of [1, 2, 3]) {
      deliver(seat);
      await vi.advanceTimersByTimeAsync(TICK_MS);
    }
    expect(received).toHaveLength(1);
    watcher.ready();
    expect(received).toHaveLength(2);
    expect(received[1]).toMatchObject({ kind: 'changes', previousVersion: 0, version: 3 });
  });

  test('gets nothing after its end', async () => {
    const { watcher, received, receiver } = await receive();
    await watcher.return();
    deliver(1);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    watcher.ready();
    expect(received).toHaveLength(1);
    expect(receiver.ends).toBe(1);
  });

  test('that throws is the only one to end', async () => {
    const { watcher, faults, receiver } = await receive();
    const other = await receive();
    receiver.update = () => {
      throw new Error('broken');
    };
    deliver(1);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect(faults).toEqual([new Error('broken')]);
    expect(await watcher.next()).toEqual({ done: true, value: undefined });
    expect(other.received.at(-1)).toMatchObject({ version: 1 });
  });

  test('that comes later at the same version gets the update that was built for the first', async () => {
    const first = await receive();
    await vi.advanceTimersByTimeAsync(2 * TICK_MS);
    const later = await receive();
    expect(later.received[0]).toBe(first.received[0]);
    // An iterator gets the current server time.
    clock.advance(10 * TICK_MS);
    const pulled = await updateOf(await watch());
    expect(pulled.seats).toBe(first.received[0]?.seats);
    expect(pulled.serverTime).toEqual(clock.now());
  });

  test('never gets a lock that has expired since the update was built', async () => {
    const until = new Date(clock.now().getTime() + 10);
    source.commit(locked(1, until));
    const first = await receive();
    expect(first.received[0]?.seats).toEqual([locked(1, until)]);
    clock.advance(10);
    expect((await receive()).received[0]?.seats).toEqual([]);
  });
});

describe('its end', () => {
  test('comes while it waits for a tick, and for a version ahead', async () => {
    const watchers = [await watch(), await watch(7)];
    await updateOf(watchers[0] as never);
    const waiting = watchers.map((watcher) => watcher.next());
    for (const watcher of watchers) await watcher.return?.();
    expect(await Promise.all(waiting)).toEqual(watchers.map(() => ({ done: true, value: undefined })));
    expect(await watchers[0]?.next()).toEqual({ done: true, value: undefined });
  });

  test('is reported once, even if it is requested twice', async () => {
    let ends = 0;
    const map = { version: 0, onTick: () => () => undefined } as unknown as LiveMap;
    const watcher = new SeatWatcher(map, null, () => {
      ends += 1;
    });
    await watcher.return();
    await watcher.return();
    expect(ends).toBe(1);
  });

  test('comes with an error, without a call of return', async () => {
    let ends = 0;
    const snapshot = () => {
      throw new Error('broken');
    };
    const now = () => new Date(0);
    const map = { version: 0, now, snapshot, onTick: () => () => undefined } as unknown as LiveMap;
    const watcher = new SeatWatcher(map, null, () => {
      ends += 1;
    });
    await expect(watcher.next()).rejects.toThrow('broken');
    expect(ends).toBe(1);
    expect(await watcher.next()).toEqual({ done: true, value: undefined });
  });
});

describe('a tick with many watchers', () => {
  const MANY = 450;

  test('ends, and reaches every watcher, even if changes never stop', async () => {
    const watchers = await Promise.all(Array.from({ length: MANY }, () => watch()));
    for (const watcher of watchers) await watcher.next();
    const updates = watchers.map((watcher) => watcher.next());
    deliver(1);
    // The first slice has been notified. The others follow without the timer of another tick.
    void updates[0]?.then(() => deliver(2));
    await vi.advanceTimersByTimeAsync(TICK_MS);
    const versions = (await Promise.all(updates)).map(({ value }) => value.version);
    // All get the same version, so that they stay synchronised.
    expect(versions).toEqual(Array(MANY).fill(1));
    const late = watchers[0]?.next() as Promise<unknown>;
    expect(await isWaiting(late, 0)).toBe(true);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect(await late).toMatchObject({ value: { previousVersion: 1, version: 2 } });
  });

  test.each([
    ['expires', (until: Date) => clock.moveTo(until)],
    [
      'is released by another process',
      (until: Date) => {
        vi.spyOn(clock, 'now').mockReturnValue(until);
        feed.receive(source.commit(available(1)));
      },
    ],
  ])(
    'sends no seat as free with a time before the end of its lock, if the lock %s during the tick',
    async (_, end) => {
      const until = new Date(clock.now().getTime() + 1_000);
      source.commit(locked(1, until));
      const watchers = await Promise.all(Array.from({ length: MANY }, () => watch()));
      const late = watchers.pop() as SeatWatcher;
      const received: { update: SeatUpdate; now: Date }[] = [];
      late.push({
        update: (update, now) => {
          received.push({ update, now });
          return false;
        },
        end() {},
        fault() {},
      });
      let onFirstUpdate = () => {};
      const nextOfOthers = async (change: () => void) => {
        const nexts = watchers.map((watcher) => watcher.next());
        void nexts[0]?.then(onFirstUpdate);
        change();
        for (let rounds = 0; rounds < 10; rounds++) {
          await vi.advanceTimersByTimeAsync(TICK_MS);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return Promise.all(nexts);
      };
      await nextOfOthers(() => undefined);
      expect(received.map(({ update }) => update.seats)).toEqual([[locked(1, until)]]);
      await nextOfOthers(() => deliver(2));
      // The last watcher of the tick is the only one at its version: its update is built after the others have theirs.
      onFirstUpdate = () => end(until);
      await nextOfOthers(() => {
        deliver(3);
        late.ready();
      });
      expect(received).toHaveLength(2);
      expect(received[1]?.update.statuses[0]).toBe('A');
      expect([received[1]?.update.serverTime, received[1]?.now]).toEqual([until, until]);
    },
  );

  test('delays the next one longer if seats change fast, as when many people buy', async () => {
    const seats = SEATS_PER_SECOND_PER_DELAY_FACTOR / 5;
    const fastSource = new FakeFeedSource(seats + 2);
    const fastFeed = new Feed(fastSource, clock, silent, {
      tickEnded() {},
      snapshotBuilt() {},
      changesMerged() {},
    });
    const watcher = (await fastFeed.watchSeats(EVENT_ID, null)) as SeatWatcher;
    await watcher.next();
    await vi.advanceTimersByTimeAsync(200);
    const stop = watcher.map.onTick(() => vi.advanceTimersByTime(100) === undefined);
    const first = watcher.next();
    // Within a fifth of a second.
    fastFeed.receive(fastSource.commit(...Array.from({ length: seats }, (_, index) => booked(index + 1))));
    await vi.advanceTimersByTimeAsync(0);
    await first;
    stop();
    const second = watcher.next();
    fastFeed.receive(fastSource.commit(booked(seats + 1)));
    // The tick took 100 ms, so the next one is delayed by half of that.
    expect(await isWaiting(second, 140)).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(await second).toMatchObject({ value: { version: 2 } });
    // One seat in that time is slow: the next tick is not delayed further.
    const third = watcher.next();
    fastFeed.receive(fastSource.commit(booked(seats + 2)));
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect(await third).toMatchObject({ value: { version: 3 } });
    fastFeed.close();
  });

  test('delays the next one by half of the time that it took', async () => {
    const watcher = await watch();
    await watcher.next();
    const slow = await feed.readMap(EVENT_ID, (map) => map);
    // A listener that takes as long as ten thousand watchers.
    slow?.onTick(() => vi.advanceTimersByTime(300) === undefined);
    const first = watcher.next();
    deliver(1);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    await first;
    const second = watcher.next();
    deliver(2);
    // It ended one tick's time ago, and delays the next one by 150 ms.
    expect(await isWaiting(second, 150 - TICK_MS - 10)).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(await second).toMatchObject({ value: { version: 2 } });
  });
});
