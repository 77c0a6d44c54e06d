import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SeatMapError } from './api-error.js';
import { LiveSeatMap, type LiveSeatMapSource } from './live-seat-map.js';
import { AVAILABLE, LOCKED } from './seat-status.js';
import type { Sink } from './subscriber.js';
import type { MapStart } from './versioned-map.js';

/** The digests of a map without taken seats, and with seat 1 booked. docs/api.md has the second one. */
const EMPTY = '0'.repeat(16);
const BOOKED_1 = 'a59457766c3f1e5c';

/** A server whose subscriptions the test ends. */
function server(startWith: 'query' | 'snapshot' = 'query') {
  const subscribed: { since: unknown; sink: Sink<never> }[] = [];
  let queries = 0;
  let resume = () => {};
  const refusals: Error[] = [];
  const read = async (): Promise<MapStart> => {
    queries += 1;
    const refusal = refusals.shift();
    if (refusal !== undefined) throw refusal;
    return { version: 3, statuses: 'AAAA', lockedSeats: [] };
  };
  const source: LiveSeatMapSource = {
    read: startWith === 'query' ? read : undefined,
    connection: {
      subscribe: ({ variables }, sink) => {
        subscribed.push({ since: variables?.since, sink: sink as Sink<never> });
        return () => {};
      },
    },
    clock: { receive: () => {} },
    resumeDetector: {
      onResume: (listener) => {
        resume = listener;
        return () => {};
      },
    },
  };
  const send = (version: number, more: object = {}, to = subscribed.at(-1)) => {
    const availability = {
      totalSeats: 4,
      availableSeats: 4,
      lockedSeats: 0,
      bookedSeats: 0,
      offSaleSeats: 0,
    };
    const update = {
      ...{ kind: 'CHANGES', version, previousVersion: version - 1, seats: [], availability },
      ...{ serverTime: '2026-11-22T10:00:00.000Z', digest: EMPTY, ...more },
    };
    to?.sink.next({ data: { seatAvailabilityChanged: update } } as never);
  };
  const map = new LiveSeatMap(source, 'e1');
  const since = () => subscribed.map((each) => each.since);
  return { map, subscribed, since, send, refusals, queries: () => queries, resume: () => resume() };
}

const busy = (retryAfterMs: number) => ({
  message: 'Too busy.',
  extensions: { code: 'TOO_BUSY', details: { retryAfterMs } },
});

describe('a live map', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is read for its first listener, and closed after its last one; then it goes on from its version', async () => {
    const { map, send, since, queries } = server();
    const stop = map.subscribe(() => {});
    map.subscribe(() => {})();
    await vi.advanceTimersByTimeAsync(0);
    send(4);
    expect([map.getSnapshot().isLive, since()]).toEqual([true, [3]]);
    stop();
    stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(map.getSnapshot().isLive).toBe(false);
    map.subscribe(() => {});
    expect([queries(), since()]).toEqual([1, [3, 4]]);
  });

  test('is another object exactly when something has changed, and says which seats did', async () => {
    const { map, send, subscribed } = server();
    const changes: (readonly number[])[] = [];
    map.subscribe((changed) => changes.push(changed));
    const first = map.getSnapshot();
    await vi.advanceTimersByTimeAsync(0);
    const { statuses } = map.getSnapshot();
    expect([map.getSnapshot() === first, changes]).toEqual([false, [[1, 2, 3, 4]]]);
    send(4, { seats: [{ seatNumber: 1, status: 'BOOKED', lockedUntil: null }], digest: BOOKED_1 });
    expect([map.getSnapshot().statuses === statuses, changes.at(-1)]).toEqual([true, [1]]);
    const lost = subscribed.at(-1)?.sink.lost;
    lost?.();
    const before = map.getSnapshot();
    lost?.();
    expect([before.isLive, map.getSnapshot() === before, changes.length]).toEqual([false, true, 3]);
  });

  test('is requested again, and resumed, not before the time that a busy server asks for', async () => {
    const { map, subscribed, refusals, queries } = server();
    refusals.push(new SeatMapError({ code: 'TOO_BUSY', message: '', details: { retryAfterMs: 40_000 } }));
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(39_999);
    expect([queries(), map.getSnapshot().error]).toMatchObject([1, { code: 'TOO_BUSY' }]);
    await vi.advanceTimersByTimeAsync(1);
    expect([queries(), subscribed.length, map.getSnapshot().error]).toEqual([2, 1, null]);
    subscribed.at(-1)?.sink.error([busy(40_000)]);
    await vi.advanceTimersByTimeAsync(39_999);
    expect(subscribed.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(subscribed.length).toBe(2);
  });

  test('of an event that does not exist is read once', async () => {
    const { map, refusals, queries } = server();
    refusals.push(new SeatMapError({ code: 'EVENT_NOT_FOUND', message: '', details: {} }));
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(600_000);
    expect([queries(), map.getSnapshot().error]).toMatchObject([1, { code: 'EVENT_NOT_FOUND' }]);
  });

  test('that the server completes is no longer live, and resumes from its version, later each time', async () => {
    const { map, send, subscribed, since } = server();
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    send(4);
    subscribed.at(-1)?.sink.complete();
    expect(map.getSnapshot().isLive).toBe(false);
    const pausesMs: number[] = [];
    for (let end = 0; end < 6; end++) {
      const before = Date.now();
      await vi.advanceTimersToNextTimerAsync();
      pausesMs.push(Date.now() - before);
      subscribed.at(-1)?.sink.complete();
    }
    expect(since()).toEqual([3, 4, 4, 4, 4, 4, 4]);
    expect(pausesMs[0]).toBeLessThanOrEqual(2_000);
    expect(pausesMs[5]).toBeGreaterThan(10_000);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_000);
    // After a message, the pauses start with the shortest one again.
    await vi.advanceTimersToNextTimerAsync();
    send(5);
    subscribed.at(-1)?.sink.complete();
    const before = Date.now();
    await vi.advanceTimersToNextTimerAsync();
    expect(Date.now() - before).toBeLessThanOrEqual(2_000);
  });

  test('after a sleep is not live until a new answer, even if the old subscription sends messages', async () => {
    const { map, send, subscribed, since, resume } = server();
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    send(4);
    const before = subscribed.at(-1);
    resume();
    expect([map.getSnapshot().isLive, since()]).toEqual([false, [3, 4]]);
    send(5, {}, before);
    expect(map.getSnapshot()).toMatchObject({ isLive: false, version: 4 });
    send(5);
    expect(map.getSnapshot()).toMatchObject({ isLive: true, version: 5 });
  });

  test('with another digest than the server’s is replaced by a snapshot, at once and then more and more rarely', async () => {
    const { map, send, since } = server();
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    send(4, { digest: 'f'.repeat(16) });
    expect([map.getSnapshot().isLive, since()]).toEqual([false, [3, null]]);
    send(5, { kind: 'SNAPSHOT', previousVersion: null, digest: 'f'.repeat(16) });
    expect([map.getSnapshot().isLive, since()]).toEqual([false, [3, null]]);
    await vi.advanceTimersByTimeAsync(30_000);
    send(6, { kind: 'SNAPSHOT', previousVersion: null });
    expect(map.getSnapshot()).toMatchObject({ isLive: true, version: 6 });
    expect(since()).toEqual([3, null, null]);
  });

  test('can start with the subscription’s snapshot alone', async () => {
    const { map, send, since, queries } = server('snapshot');
    map.subscribe(() => {});
    send(7, { kind: 'SNAPSHOT', previousVersion: null });
    expect([queries(), since(), map.getSnapshot()]).toMatchObject([0, [null], { isLive: true, version: 7 }]);
  });

  test('shows seats as locked before a call has locked them, and counts them so', async () => {
    const { map, send } = server();
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    send(4);
    const undo = map.assumeLocked([1, 2]);
    const shown = () => {
      const { statuses, availability } = map.getSnapshot();
      return [...statuses, availability?.availableSeats, availability?.lockedSeats];
    };
    expect(shown()).toEqual([LOCKED, LOCKED, AVAILABLE, AVAILABLE, 2, 2]);
    // Of the first seat a version has told.
    send(5, { seats: [{ seatNumber: 1, status: 'BOOKED', lockedUntil: null }], digest: BOOKED_1 });
    undo();
    expect(shown()).toEqual([2, AVAILABLE, AVAILABLE, AVAILABLE, 4, 0]);
  });

  test('does not count by an old message that comes again', async () => {
    const { map, send } = server();
    map.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(0);
    const availability = {
      ...{ totalSeats: 4, availableSeats: 3, bookedSeats: 1 },
      lockedSeats: 0,
      offSaleSeats: 0,
    };
    send(4);
    send(5, { seats: [{ seatNumber: 1, status: 'BOOKED' }], digest: BOOKED_1, availability });
    send(4);
    expect(map.getSnapshot()).toMatchObject({ isLive: true, version: 5, availability });
  });

  test('is iterated without the values that were outdated before they were read', async () => {
    const { map, send } = server();
    const versions: (number | null)[] = [];
    const reading = (async () => {
      for await (const { version, isLive } of map) {
        versions.push(isLive ? version : null);
        if (version === 6) return;
      }
    })();
    await vi.advanceTimersByTimeAsync(0);
    send(4);
    await vi.advanceTimersByTimeAsync(0);
    send(5);
    send(6);
    await reading;
    expect(versions).toEqual([null, null, 4, 6]);
  });
});
