import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Commands, Expired } from '../booking/commands.js';
import { EventExpiry } from './event-expiry.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** An EventExpiry whose commands take `stepMs` each and answer with `results`. `startTimes` returns when each was submitted. */
function expiryWith(stepMs: number, results: Expired[]) {
  const startedMs: number[] = [];
  const submit = async () => {
    startedMs.push(performance.now());
    const expired = results.shift() ?? { ended: 0, hasMore: false };
    await new Promise((resolve) => setTimeout(resolve, stepMs));
    return expired;
  };
  const startMs = performance.now();
  const eventExpiry = new EventExpiry({ submit } as unknown as Commands);
  return { eventExpiry, startTimes: () => startedMs.map((ms) => ms - startMs) };
}

const MORE = { ended: 100, hasMore: true };

test('many locks are recorded by several commands, one after the other, and counted together', async () => {
  const { eventExpiry, startTimes } = expiryWith(20, [MORE, MORE, { ended: 5, hasMore: false }]);
  const ended = eventExpiry.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toBe(205);
  expect(startTimes()).toEqual([0, 20, 40]);
});

test('a lock that expires during the last command is recorded as well', async () => {
  const { eventExpiry, startTimes } = expiryWith(20, [{ ended: 1, hasMore: false }]);
  void eventExpiry.recordExpiries('a');
  const again = eventExpiry.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await again).toBe(1);
  expect(startTimes()).toEqual([0, 20]);
});

test('when the server stops, no further command is submitted', async () => {
  const { eventExpiry, startTimes } = expiryWith(20, [MORE, MORE]);
  const ended = eventExpiry.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(10);
  eventExpiry.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toBe(100);
  expect(startTimes()).toEqual([0]);
});
