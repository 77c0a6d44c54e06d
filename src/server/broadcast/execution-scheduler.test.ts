import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ExecutionScheduler } from './execution-scheduler.js';

/** The order of executions, with a clock that the test controls. */

let scheduler: ExecutionScheduler;
let order: string[];
beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  scheduler = new ExecutionScheduler();
  order = [];
});

/** Enqueues an execution that takes `tookMs` on the clock. */
function enqueue(name: string, { address = 'here', isShared = false, tookMs = 0 } = {}): void {
  const execute = () => {
    order.push(name);
    if (tookMs === 0) return;
    vi.setSystemTime(Date.now() + tookMs);
    scheduler.charge(tookMs);
  };
  scheduler.enqueue({ execute }, address, isShared);
}

test('slow executions run one at a time and take a quarter of the time', async () => {
  for (let each = 1; each <= 3; each++) enqueue(`slow ${each}`, { tookMs: 120 });
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['slow 1']);
  // 100 ms were saved up. The other 20 ms are paid off in 80 ms.
  await vi.advanceTimersByTimeAsync(79);
  expect(order).toEqual(['slow 1']);
  await vi.advanceTimersByTimeAsync(2);
  expect(order).toEqual(['slow 1', 'slow 2']);
  await vi.advanceTimersByTimeAsync(475);
  expect(order).toEqual(['slow 1', 'slow 2']);
  await vi.advanceTimersByTimeAsync(10);
  expect(order).toEqual(['slow 1', 'slow 2', 'slow 3']);
});

test('there is no free slot while others wait or the time is used up', async () => {
  expect(scheduler.hasFreeSlot).toBe(true);
  enqueue('one', { tookMs: 200 });
  expect(scheduler.hasFreeSlot).toBe(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(scheduler.hasFreeSlot).toBe(false);
  await vi.advanceTimersByTimeAsync(401);
  expect(scheduler.hasFreeSlot).toBe(true);
});

test('slots rotate between addresses, and every other slot is for a shared group', async () => {
  for (let each = 1; each <= 3; each++) enqueue(`flood ${each}`, { address: 'flood', tookMs: 101 });
  enqueue('neighbour', { address: 'neighbour', tookMs: 101 });
  for (let each = 1; each <= 2; each++) enqueue(`shared ${each}`, { isShared: true, tookMs: 101 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['shared 1', 'flood 1', 'shared 2', 'neighbour', 'flood 2', 'flood 3']);
});

test('slots for shared groups rotate between addresses too: on a map with few watchers every group is shared', async () => {
  for (let each = 1; each <= 3; each++)
    enqueue(`flood ${each}`, { address: 'flood', isShared: true, tookMs: 101 });
  enqueue('neighbour', { address: 'neighbour', isShared: true, tookMs: 101 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['flood 1', 'neighbour', 'flood 2', 'flood 3']);
});

test('a crowd behind one address that waits for the same answer is served in one turn once it is built', async () => {
  for (let each = 1; each <= 2; each++) enqueue(`flood ${each}`, { address: 'flood', tookMs: 101 });
  for (let each = 1; each <= 4; each++) enqueue(`crowd ${each}`, { tookMs: each === 1 ? 101 : 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['flood 1', 'crowd 1', 'flood 2', 'crowd 2', 'crowd 3', 'crowd 4']);
});

test('a removed execution does not run and does not delay others', async () => {
  scheduler.charge(200);
  for (const isShared of [true, false]) {
    const execute = (name: string) => ({ execute: () => void order.push(name) });
    const [removed, staying] = [execute('removed'), execute('staying')];
    for (const execution of [removed, staying]) scheduler.enqueue(execution, 'address', isShared);
    scheduler.remove(removed, 'address');
    const alone = execute('alone');
    scheduler.enqueue(alone, 'another address', isShared);
    scheduler.remove(alone, 'another address');
  }
  await vi.advanceTimersByTimeAsync(401);
  expect(order).toEqual(['staying', 'staying']);
  expect(scheduler.hasFreeSlot).toBe(true);
});

test('one very slow execution delays the others by a second at most', async () => {
  enqueue('very slow', { tookMs: 60_000 });
  enqueue('next');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(order).toEqual(['very slow', 'next']);
});

describe('other work of the process', () => {
  /** Advances the clock without running timers, as during an execution. */
  let passMs: (ms: number) => void;
  beforeEach(() => {
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    passMs = (ms) => {
      aheadMs += ms;
    };
    vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
    onTestFinished(() => void vi.restoreAllMocks());
  });
  const takeTime = (name: string) => () => {
    order.push(name);
    passMs(6);
  };

  test('waits for two short executions, and not for all of them', async () => {
    for (let each = 1; each <= 5; each++)
      scheduler.enqueue({ execute: takeTime(`short ${each}`) }, 'here', false);
    setTimeout(() => order.push('a call'));
    await vi.advanceTimersByTimeAsync(10);
    expect(order.slice(0, 3)).toEqual(['short 1', 'short 2', 'a call']);
    expect(order).toHaveLength(6);
  });
});
