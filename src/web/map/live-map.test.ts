import { CombinedGraphQLErrors } from '@apollo/client';
import type { Sink } from 'graphql-ws';
import { Seating } from 'seat-map/map';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LiveMap, type LiveMapSource } from './live-map.js';

const SEATING = new Seating([{ name: 'Stalls', firstSeatNumber: 1, rows: 1, seatsPerRow: 4 }], 4);

/** A server whose subscriptions the test ends. */
function source() {
  const subscribed: { since: unknown; sink: Sink<unknown> }[] = [];
  let queries = 0;
  let resume = () => {};
  const refusals: Error[] = [];
  const parts = {
    client: {
      query: async () => {
        queries += 1;
        const refusal = refusals.shift();
        if (refusal !== undefined) throw refusal;
        return { data: { event: { id: 'e1', seatMap: { version: 3, statuses: 'AAAA' } } } };
      },
    },
    socket: {
      client: {
        subscribe: (operation: { variables: { since: unknown } }, sink: Sink<unknown>) => {
          subscribed.push({ since: operation.variables.since, sink });
          return () => {};
        },
      },
      onLost: () => () => {},
    },
    clock: { receive: () => {} },
    resumeDetector: {
      onResume: (listener: () => void) => {
        resume = listener;
        return () => {};
      },
    },
  };
  const send = (version: number) => {
    const update = {
      kind: 'CHANGES',
      version,
      previousVersion: version - 1,
      seats: [],
      availability: {},
      serverTime: '2026-11-22T10:00:00.000Z',
    };
    subscribed.at(-1)?.sink.next({ data: { seatAvailabilityChanged: update } } as never);
  };
  return {
    source: parts as unknown as LiveMapSource,
    subscribed,
    send,
    refusals,
    queries: () => queries,
    resume: () => resume(),
  };
}

describe('a live map', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is requested before its seating is known, and is shown once both are there', async () => {
    const server = source();
    const map = new LiveMap(server.source, 'e1');
    map.open();
    await vi.advanceTimersByTimeAsync(0);
    expect([server.queries(), map.state, server.subscribed.length]).toEqual([1, undefined, 0]);
    map.setSeating(SEATING);
    await vi.advanceTimersByTimeAsync(0);
    expect([map.state?.version, server.subscribed.map(({ since }) => since)]).toEqual([3, [3]]);
    map.close();
  });

  test('is requested again, and resumed, not before the time that a busy server asks for', async () => {
    const server = source();
    const busy = {
      message: 'Too busy.',
      extensions: { code: 'TOO_BUSY', details: { retryAfterMs: 40_000 } },
    };
    server.refusals.push(new CombinedGraphQLErrors({ errors: [busy] }));
    const map = new LiveMap(server.source, 'e1');
    map.open();
    map.setSeating(SEATING);
    await vi.advanceTimersByTimeAsync(39_999);
    expect(server.queries()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect([server.queries(), server.subscribed.length]).toEqual([2, 1]);
    server.subscribed.at(-1)?.sink.error([busy]);
    await vi.advanceTimersByTimeAsync(39_999);
    expect(server.subscribed.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.subscribed.length).toBe(2);
    map.close();
  });

  test('that the server completes is no longer live, and resumes from its version, later each time', async () => {
    const server = source();
    const map = new LiveMap(server.source, 'e1');
    map.open();
    map.setSeating(SEATING);
    await vi.advanceTimersByTimeAsync(0);
    server.send(4);
    expect(map.isLive).toBe(true);
    server.subscribed.at(-1)?.sink.complete();
    expect(map.isLive).toBe(false);
    const pausesMs: number[] = [];
    for (let end = 0; end < 6; end++) {
      const before = Date.now();
      const subscriptions = server.subscribed.length;
      await vi.advanceTimersToNextTimerAsync();
      expect(server.subscribed.length).toBe(subscriptions + 1);
      pausesMs.push(Date.now() - before);
      server.subscribed.at(-1)?.sink.complete();
    }
    expect(server.subscribed.map(({ since }) => since)).toEqual([3, 4, 4, 4, 4, 4, 4]);
    expect(pausesMs[0]).toBeLessThanOrEqual(2_000);
    expect(pausesMs[5]).toBeGreaterThan(10_000);
    expect(Math.max(...pausesMs)).toBeLessThanOrEqual(30_000);
    // After a message, the pauses start with the shortest one again.
    await vi.advanceTimersToNextTimerAsync();
    server.send(5);
    server.subscribed.at(-1)?.sink.complete();
    const before = Date.now();
    await vi.advanceTimersToNextTimerAsync();
    expect(Date.now() - before).toBeLessThanOrEqual(2_000);
    map.close();
  });

  test('after a sleep is not live until a new answer, even if the old subscription sends messages', async () => {
    const server = source();
    const map = new LiveMap(server.source, 'e1');
    map.open();
    map.setSeating(SEATING);
    await vi.advanceTimersByTimeAsync(0);
    server.send(4);
    const before = server.subscribed.at(-1);
    server.resume();
    expect([map.isLive, server.subscribed.map(({ since }) => since)]).toEqual([false, [3, 4]]);
    const update = { kind: 'CHANGES', version: 5, previousVersion: 4, seats: [], availability: {} };
    before?.sink.next({ data: { seatAvailabilityChanged: update } } as never);
    expect([map.isLive, map.state?.version]).toEqual([false, 4]);
    server.send(5);
    expect([map.isLive, map.state?.version]).toEqual([true, 5]);
    map.close();
  });
});
