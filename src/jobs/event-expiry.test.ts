import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Commands, Expired } from '../booking/commands.js';
import { EventExpiry } from './event-expiry.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Sweeps whose parts take so long, and what is left to be ended after each; the times at which they began. */
function make(partMs: number, parts: Expired[]) {
  const begunMs: number[] = [];
  const submit = async () => {
    begunMs.push(performance.now());
    const expired = parts.shift() ?? { ended: 0, hasMore: false };
    await new Promise((resolve) => setTimeout(resolve, partMs));
    return expired;
  };
  const startMs = performance.now();
  const sweeps = new EventExpiry({ submit } as unknown as Commands);
  return { sweeps, begun: () => begunMs.map((ms) => ms - startMs) };
}

const MORE = { ended: 100, hasMore: true };

test('a sweep of many asks part by part, and counts what they ended', async () => {
  const { sweeps, begun } = make(20, [MORE, MORE, { ended: 5, hasMore: false }]);
  const ended = sweeps.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toBe(205);
  expect(begun()).toEqual([0, 20, 40]);
});

test('a lock that lapses while the last part is under way is swept as well', async () => {
  const { sweeps, begun } = make(20, [{ ended: 1, hasMore: false }]);
  void sweeps.recordExpiries('a');
  const again = sweeps.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await again).toBe(1);
  expect(begun()).toEqual([0, 20]);
});

test('what is left when the server stops is left', async () => {
  const { sweeps, begun } = make(20, [MORE, MORE]);
  const ended = sweeps.recordExpiries('a');
  await vi.advanceTimersByTimeAsync(10);
  sweeps.close();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await ended).toBe(100);
  expect(begun()).toEqual([0]);
});
