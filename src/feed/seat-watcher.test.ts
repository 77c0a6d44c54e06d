import { beforeEach, describe, expect, test, vi } from 'vitest';
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
import { clock, deliver, feed, newFeedForEachTest, source, watch } from '../test/support/feed-with-fakes.js';
import { Feed } from './feed.js';
import type { LiveMap } from './live-map.js';
import { SEATS_PER_SECOND_PER_DELAY_FACTOR, TICK_MS } from './live-map.js';
import { MAP_WAIT_MS_MAX } from './map-deadline.js';
import { LOADED_VERSIONS_MAX, RECENT_CHANGES_MAX, RECENT_SEATS_MAX } from './recent-changes.js';
import type { SeatUpdate } from './seat-update.js';
import { SeatWatcher } from './seat-watcher.js';

newFeedForEachTest();

/** Commits and delivers that many changes, the last of them leaving seat 1 booked. */
const deliverMany = (count: number) => {
  for (let left = count; left > 0; left--)
    feed.receive(source.commit(left % 2 === 1 ? booked(1) : available(1)));
};

describe('merging', () => {
  test('what comes within one tick is one message, the newest status of a seat winning', async () => {
    const watcher = await watch();
    await told(watcher);
    deliver(1, 2);
    feed.receive(source.commit(available(1)));
    const update = await told(watcher);
    expect(update).toMatchObject({ kind: 'changes', previousVersion: 0, version: 3 });
    expect(update.seats).toEqual([available(1), booked(2)]);
  });

  test('a lone change is told at once, those that follow it within a tick together after that tick', async () => {
    const watcher = await watch();
    await told(watcher);
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

  test('who asks while changes wait for the tick waits with them and is given what all are given', async () => {
    const watchers = [await watch(), await watch()];
    for (const watcher of watchers) await told(watcher);
    deliver(1);
    await vi.advanceTimersByTimeAsync(10);
    deliver(2);
    const asking = watchers.map((watcher) => watcher.next());
    expect(await isWaiting(Promise.race(asking), 10)).toBe(true);
    deliver(3);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    const [first, second] = await Promise.all(asking);
    expect(first?.value).toMatchObject({ previousVersion: 0, version: 3 });
    expect(second?.value).toBe(first?.value);
  });

  test('watchers at the same version are given the same object', async () => {
    const watchers = await Promise.all([watch(), watch(), watch(0)]);
    for (const watcher of watchers) await told(watcher);
    deliver(1, 2);
    const [first, ...others] = await Promise.all(watchers.map((watcher) => told(watcher)));
    expect(first).toMatchObject({ previousVersion: 0, version: 2 });
    for (const other of others) expect(other).toBe(first);
  });
});

describe('a slow watcher', () => {
  const fallBehind = async (versions: number) => {
    const watcher = await watch();
    await told(watcher);
    deliverMany(versions);
    return watcher;
  };

  test('is told merged CHANGES from memory', async () => {
    const watcher = await fallBehind(RECENT_CHANGES_MAX);
    source.forgottenUpTo = source.version;
    const update = await told(watcher);
    expect(update).toMatchObject({ kind: 'changes', previousVersion: 0, version: RECENT_CHANGES_MAX });
    expect(update.seats).toEqual([booked(1)]);
    expect(source.changeReads).toBe(0);
  });

  test('has its changes kept for it up to a limit, and further back in the database', async () => {
    const watcher = await fallBehind(LOADED_VERSIONS_MAX);
    expect(await told(watcher)).toMatchObject({
      kind: 'changes',
      previousVersion: 0,
      version: LOADED_VERSIONS_MAX,
      seats: [booked(1)],
    });
    expect(source.changeReads).toBe(1);
  });

  test('is given one SNAPSHOT beyond that', async () => {
    const watcher = await fallBehind(LOADED_VERSIONS_MAX + 1);
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: LOADED_VERSIONS_MAX + 1 });
    expect(await isWaiting(watcher.next(), 1_000)).toBe(true);
  });

  test('is given a SNAPSHOT where memory is over and the database has forgotten', async () => {
    const watcher = await fallBehind(2 * RECENT_CHANGES_MAX);
    source.forgottenUpTo = source.version;
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 2 * RECENT_CHANGES_MAX });
  });

  test('has so many seats’ changes kept for it, and not whatever number of them', async () => {
    const watcher = await fallBehind(0);
    const seats = Array.from({ length: RECENT_SEATS_MAX / 10 }, () => booked(1));
    for (let change = 1; change <= 20; change++) feed.receive(source.commit(...seats));
    source.forgottenUpTo = source.version;
    expect(await told(await watch(9))).toMatchObject({ kind: 'snapshot', version: 20 });
    expect(await told(await watch(10))).toMatchObject({ kind: 'changes', previousVersion: 10, version: 20 });
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 20 });
  });

  test('does not hold up its neighbours', async () => {
    await fallBehind(0);
    const quick = await watch();
    await told(quick);
    for (const seat of [1, 2, 3]) {
      deliver(seat);
      expect(await told(quick)).toMatchObject({ version: seat, previousVersion: seat - 1 });
    }
  });
});

describe('since', () => {
  beforeEach(() => {
    for (const seat of [1, 2, 3]) source.commit(booked(seat));
  });

  const atOnce = async (watcher: AsyncIterator<unknown>) => {
    const next = watcher.next();
    await vi.advanceTimersByTimeAsync(0);
    expect(await isWaiting(next, 0)).toBe(false);
    return (await next).value;
  };

  test('equal to the map: empty CHANGES at once', async () => {
    expect(await atOnce(await watch(3))).toMatchObject({
      kind: 'changes',
      previousVersion: 3,
      version: 3,
      seats: [],
    });
  });

  test('older, and in memory: what was missed', async () => {
    await watch();
    deliver(4, 5);
    expect(await atOnce(await watch(3))).toMatchObject({ kind: 'changes', previousVersion: 3, version: 5 });
    expect(source.changeReads).toBe(0);
  });

  test('older than memory: what was missed, from the database', async () => {
    expect(await atOnce(await watch(1))).toMatchObject({
      kind: 'changes',
      previousVersion: 1,
      version: 3,
      seats: [booked(2), booked(3)],
    });
  });

  test('older than what is kept: a SNAPSHOT', async () => {
    source.forgottenUpTo = 2;
    expect(await atOnce(await watch(1))).toMatchObject({ kind: 'snapshot', version: 3 });
  });

  test('negative: a SNAPSHOT, for which nobody asks the database', async () => {
    expect(await atOnce(await watch(-1))).toMatchObject({ kind: 'snapshot', version: 3 });
    expect(source.changeReads).toBe(0);
  });

  test('a thousand who come back at one version share one read and one object', async () => {
    const watchers = await Promise.all(Array.from({ length: 1_000 }, () => watch(1)));
    const [first, ...others] = await Promise.all(watchers.map((watcher) => told(watcher)));
    expect(first).toMatchObject({ kind: 'changes', previousVersion: 1, version: 3 });
    expect(others.every((other) => other === first)).toBe(true);
    expect(source.changeReads).toBe(1);
  });

  test('a thousand who come back at one version are told with the work for one', async () => {
    let looks = 0;
    for (const { seats } of source.committed) {
      const iterate = seats[Symbol.iterator].bind(seats);
      Object.assign(seats, {
        [Symbol.iterator]: () => {
          looks += 1;
          return iterate();
        },
      });
    }
    await watch();
    looks = 0;
    await told(await watch(1));
    const looksForOne = looks;
    expect(looksForOne).toBeGreaterThan(0);
    deliver(4);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    looks = 0;
    const watchers = await Promise.all(Array.from({ length: 1_000 }, () => watch(1)));
    for (const { version } of await Promise.all(watchers.map((watcher) => told(watcher))))
      expect(version).toBe(4);
    expect(looks).toBe(looksForOne);
  });

  test('a map that moves on while what was missed is being read tells that too', async () => {
    const watcher = await watch(1);
    const letGo = source.holdNextRead();
    const next = watcher.next();
    await vi.advanceTimersByTimeAsync(0);
    deliver(4, 5);
    letGo();
    await vi.runAllTimersAsync();
    expect((await next).value).toMatchObject({
      kind: 'changes',
      previousVersion: 1,
      version: 5,
      seats: [2, 3, 4, 5].map(booked),
    });
  });

  test('what the database has and the map has not yet is told later and only once', async () => {
    const watcher = await watch(1);
    const late = source.commit(booked(4));
    expect(await told(watcher)).toMatchObject({ previousVersion: 1, version: 3 });
    feed.receive(late);
    expect(await told(watcher)).toMatchObject({ previousVersion: 3, version: 4, seats: [booked(4)] });
  });

  test('missed changes that cannot be read end in a SNAPSHOT and not in a fault', async () => {
    const watcher = await watch(1);
    source.failReads(new Error('lost'));
    expect(await told(watcher)).toMatchObject({ kind: 'snapshot', version: 3 });
  });

  test('ahead of the map: waits for the feed', async () => {
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

  test('ahead of a feed that lags: after a second the database is asked, and is right', async () => {
    const watcher = await watch(4);
    source.commit(booked(4));
    const next = watcher.next();
    expect(await isWaiting(next, 999)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).value).toMatchObject({ kind: 'changes', previousVersion: 4, version: 4, seats: [] });
  });

  test('ahead of a map that cannot catch up: is told to come again, after a time that is known', async () => {
    const watcher = await watch(4);
    const first = watcher.next();
    const letGo = source.holdNextRead();
    expect(await isWaiting(first, MAP_WAIT_MS_MAX - 1)).toBe(true);
    expect(await isWaiting(first, 1)).toBe(false);
    await expect(first).rejects.toMatchObject({ code: 'TOO_BUSY' });
    expect(feed.watchers).toBe(0);
    letGo();
  });

  test('invented: after a second a SNAPSHOT with the lower version, for this watcher alone', async () => {
    const other = await watch();
    await told(other);
    const watcher = await watch(1_000_000);
    const next = watcher.next();
    expect(await isWaiting(next, 999)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect((await next).value).toMatchObject({ kind: 'snapshot', version: 3, previousVersion: null });
    expect(await isWaiting(other.next(), 1_000)).toBe(true);
    expect(source.mapReads).toBe(1);
  });

  test('invented: keeps nobody else from being told, nor from coming, while the database is asked', async () => {
    const other = await watch();
    await told(other);
    const inventing = (await watch(1_000_000)).next();
    const letGo = source.holdNextRead();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(source.changeReads).toBe(1);
    deliver(4);
    expect(await told(other)).toMatchObject({ kind: 'changes', previousVersion: 3, version: 4 });
    expect(await told(await watch())).toMatchObject({ kind: 'snapshot', version: 4 });
    letGo();
    expect(await isWaiting(inventing, TICK_MS)).toBe(false);
    deliver(5);
    expect(await told(other)).toMatchObject({ kind: 'changes', previousVersion: 4, version: 5 });
    expect(source.mapReads).toBe(1);
  });
});

describe('a receiver', () => {
  /** Is handed what it takes; the test says whether it takes more. */
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
      mayReceive: () => true,
      end: () => {
        receiver.ends += 1;
      },
      fault: (error: unknown) => void faults.push(error),
    };
    watcher.push(receiver);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    return { watcher, received, faults, receiver };
  };

  test('is handed every tick’s update, the same as its neighbours', async () => {
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

  test('that takes no more is handed nothing until it is ready, and then all that it missed at once', async () => {
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

  test('is handed nothing after its end', async () => {
    const { watcher, received, receiver } = await receive();
    await watcher.return();
    deliver(1);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    watcher.ready();
    expect(received).toHaveLength(1);
    expect(receiver.ends).toBe(1);
  });

  test('that fails is the only one to end', async () => {
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

  test('that comes later at the same version is handed what was made for the first', async () => {
    const first = await receive();
    await vi.advanceTimersByTimeAsync(2 * TICK_MS);
    const later = await receive();
    expect(later.received[0]).toBe(first.received[0]);
    // Whoever asks by itself is told what time it is.
    clock.advance(10 * TICK_MS);
    const asking = await told(await watch());
    expect(asking.seats).toBe(first.received[0]?.seats);
    expect(asking.serverTime).toEqual(clock.now());
  });

  test('is never told of a lock that has lapsed since the update was made', async () => {
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
    await told(watchers[0] as never);
    const waiting = watchers.map((watcher) => watcher.next());
    for (const watcher of watchers) await watcher.return?.();
    expect(await Promise.all(waiting)).toEqual(watchers.map(() => ({ done: true, value: undefined })));
    expect(await watchers[0]?.next()).toEqual({ done: true, value: undefined });
  });

  test('is told once, however often it is asked for', async () => {
    let ends = 0;
    const map = { version: 0, onTick: () => () => undefined } as unknown as LiveMap;
    const watcher = new SeatWatcher(map, null, () => {
      ends += 1;
    });
    await watcher.return();
    await watcher.return();
    expect(ends).toBe(1);
  });

  test('comes with a fault, since nobody ends what has failed', async () => {
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

describe('a tick with many to tell', () => {
  const MANY = 450;

  test('has its end, and everybody a turn, though changes never stop', async () => {
    const watchers = await Promise.all(Array.from({ length: MANY }, () => watch()));
    for (const watcher of watchers) await watcher.next();
    const updates = watchers.map((watcher) => watcher.next());
    deliver(1);
    // The first have been told; the others are told next, without the timer of another tick.
    void updates[0]?.then(() => deliver(2));
    await vi.advanceTimersByTimeAsync(TICK_MS);
    const versions = (await Promise.all(updates)).map(({ value }) => value.version);
    // All of them the same, so that they go on from the same version.
    expect(versions).toEqual(Array(MANY).fill(1));
    const late = watchers[0]?.next() as Promise<unknown>;
    expect(await isWaiting(late, 0)).toBe(true);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect(await late).toMatchObject({ value: { previousVersion: 1, version: 2 } });
  });

  test.each([
    ['lapses', (until: Date) => clock.moveTo(until)],
    [
      'is released by another process',
      (until: Date) => {
        vi.spyOn(clock, 'now').mockReturnValue(until);
        feed.receive(source.commit(available(1)));
      },
    ],
  ])(
    'tells nobody that a seat is free as of a time before its lock’s end: one that %s in between',
    async (_, end) => {
      const until = new Date(clock.now().getTime() + 1_000);
      source.commit(locked(1, until));
      const watchers = await Promise.all(Array.from({ length: MANY }, () => watch()));
      const late = watchers.pop() as SeatWatcher;
      const heard: { update: SeatUpdate; now: Date }[] = [];
      late.push({
        mayReceive: () => true,
        update: (update, now) => {
          heard.push({ update, now });
          return false;
        },
        end() {},
        fault() {},
      });
      let onFirstTold = () => {};
      const nextOfOthers = async (change: () => void) => {
        const nexts = watchers.map((watcher) => watcher.next());
        void nexts[0]?.then(onFirstTold);
        change();
        for (let rounds = 0; rounds < 10; rounds++) {
          await vi.advanceTimersByTimeAsync(TICK_MS);
          await new Promise((resolve) => setImmediate(resolve));
        }
        return Promise.all(nexts);
      };
      await nextOfOthers(() => undefined);
      expect(heard.map(({ update }) => update.seats)).toEqual([[locked(1, until)]]);
      await nextOfOthers(() => deliver(2));
      // The last one of the tick is the only one at its version: for it, an update is made when the others have theirs.
      onFirstTold = () => end(until);
      await nextOfOthers(() => {
        deliver(3);
        late.ready();
      });
      expect(heard).toHaveLength(2);
      expect(heard[1]?.update.statuses[0]).toBe('A');
      expect([heard[1]?.update.serverTime, heard[1]?.now]).toEqual([until, until]);
    },
  );

  test('keeps the next one off for longer where seats change fast, as when many buy', async () => {
    const seats = SEATS_PER_SECOND_PER_DELAY_FACTOR / 5;
    const hallSource = new FakeFeedSource(seats + 2);
    const hall = new Feed(hallSource, clock, silent, {
      tickEnded() {},
      snapshotBuilt() {},
      changesMerged() {},
    });
    const watcher = (await hall.watchSeats(EVENT_ID, null)) as SeatWatcher;
    await watcher.next();
    await vi.advanceTimersByTimeAsync(200);
    const stop = watcher.map.onTick(() => vi.advanceTimersByTime(100) === undefined);
    const first = watcher.next();
    // In a fifth of a second.
    hall.receive(hallSource.commit(...Array.from({ length: seats }, (_, index) => booked(index + 1))));
    await vi.advanceTimersByTimeAsync(0);
    await first;
    stop();
    const second = watcher.next();
    hall.receive(hallSource.commit(booked(seats + 1)));
    // It took 100 ms, and keeps off for half as long again.
    expect(await isWaiting(second, 140)).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(await second).toMatchObject({ value: { version: 2 } });
    // One seat in as long is slow: the next one is there a tick later.
    const third = watcher.next();
    hall.receive(hallSource.commit(booked(seats + 2)));
    await vi.advanceTimersByTimeAsync(TICK_MS);
    expect(await third).toMatchObject({ value: { version: 3 } });
    hall.close();
  });

  test('keeps the next one off for half as long as it took', async () => {
    const watcher = await watch();
    await watcher.next();
    const slow = await feed.readMap(EVENT_ID, (map) => map);
    // Somebody whose waking takes long, as ten thousand do.
    slow?.onTick(() => vi.advanceTimersByTime(300) === undefined);
    const first = watcher.next();
    deliver(1);
    await vi.advanceTimersByTimeAsync(TICK_MS);
    await first;
    const second = watcher.next();
    deliver(2);
    // It is over since a tick's time, and keeps off for 150 ms.
    expect(await isWaiting(second, 150 - TICK_MS - 10)).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(await second).toMatchObject({ value: { version: 2 } });
  });
});
