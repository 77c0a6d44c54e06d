import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ExecutionScheduler } from './execution-scheduler.js';

/** Who is executed for when, with a time that stands still until it is moved. */

let turns: ExecutionScheduler;
let order: string[];
beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  turns = new ExecutionScheduler();
  order = [];
});

/** What executing for it takes moves the time. */
function wait(name: string, { key = name, address = 'odd', many = false, tookMs = 0 } = {}): void {
  const execute = () => {
    order.push(name);
    if (tookMs === 0) return;
    vi.setSystemTime(Date.now() + tookMs);
    turns.charge(tookMs);
  };
  turns.enqueue({ execute }, key, address, many);
}

test('what takes long is executed one at a time, and takes a quarter of the time', async () => {
  for (let each = 1; each <= 3; each++) wait(`slow ${each}`, { tookMs: 120 });
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['slow 1']);
  // A hundred had been saved up, and twenty more take four times as long.
  await vi.advanceTimersByTimeAsync(79);
  expect(order).toEqual(['slow 1']);
  await vi.advanceTimersByTimeAsync(2);
  expect(order).toEqual(['slow 1', 'slow 2']);
  await vi.advanceTimersByTimeAsync(475);
  expect(order).toEqual(['slow 1', 'slow 2']);
  await vi.advanceTimersByTimeAsync(10);
  expect(order).toEqual(['slow 1', 'slow 2', 'slow 3']);
});

test('who comes while others wait, or while the time is used up, has to wait', async () => {
  expect(turns.hasFreeSlot).toBe(true);
  wait('one', { tookMs: 200 });
  expect(turns.hasFreeSlot).toBe(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(turns.hasFreeSlot).toBe(false);
  await vi.advanceTimersByTimeAsync(401);
  expect(turns.hasFreeSlot).toBe(true);
});

test('each address has its turn, and every other one is for what many ask alike', async () => {
  for (let each = 1; each <= 3; each++) wait(`flood ${each}`, { address: 'flood', tookMs: 101 });
  wait('neighbour', { address: 'neighbour', tookMs: 101 });
  for (let each = 1; each <= 2; each++) wait(`many ${each}`, { many: true, tookMs: 101 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['many 1', 'flood 1', 'many 2', 'neighbour', 'flood 2', 'flood 3']);
});

test('each address has its turn among the many as well: a map with few watchers makes many of everybody', async () => {
  for (let each = 1; each <= 3; each++) wait(`flood ${each}`, { address: 'flood', many: true, tookMs: 101 });
  wait('neighbour', { address: 'neighbour', many: true, tookMs: 101 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['flood 1', 'neighbour', 'flood 2', 'flood 3']);
});

test('who waits for the same from wherever is executed for in the first of their turns', async () => {
  for (let each = 1; each <= 2; each++) wait(`flood ${each}`, { address: 'flood', tookMs: 101 });
  for (const address of ['flood', 'here', 'there'])
    wait(`from ${address}`, { key: 'same', address, tookMs: address === 'flood' ? 101 : 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(order).toEqual(['flood 1', 'from flood', 'from here', 'from there', 'flood 2']);
});

test('one execution is for all who wait for the same; who needs one more waits again', async () => {
  for (let each = 1; each <= 5; each++) wait(`alike ${each}`, { key: 'same', tookMs: each === 1 ? 101 : 0 });
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['alike 1', 'alike 2', 'alike 3', 'alike 4', 'alike 5']);
  await vi.advanceTimersByTimeAsync(1_000);
  order.length = 0;
  for (let each = 1; each <= 5; each++) wait(`since ${each}`, { key: 'since', tookMs: 101 });
  await vi.advanceTimersByTimeAsync(0);
  expect(order).toEqual(['since 1', 'since 2']);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(order).toHaveLength(5);
});

test('who leaves waits no longer, and keeps nobody else waiting', async () => {
  turns.charge(200);
  for (const isOfMany of [true, false]) {
    const execute = (name: string) => ({ execute: () => void order.push(name) });
    const [gone, stays] = [execute('gone'), execute('stays')];
    for (const waiting of [gone, stays]) turns.enqueue(waiting, 'same', 'address', isOfMany);
    turns.remove(gone, 'same');
    const alone = execute('alone');
    turns.enqueue(alone, 'alone', 'another address', isOfMany);
    turns.remove(alone, 'alone');
  }
  await vi.advanceTimersByTimeAsync(401);
  expect(order).toEqual(['stays', 'stays']);
  expect(turns.hasFreeSlot).toBe(true);
});

test('an execution that something else kept for long keeps the others for a second at most', async () => {
  wait('kept', { tookMs: 60_000 });
  wait('next');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(order).toEqual(['kept', 'next']);
});

describe('what else there is to do', () => {
  /** Executions during which time goes on, and no timer comes. */
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

  test('waits for two short executions, and not for all in a row', async () => {
    for (let each = 1; each <= 5; each++)
      turns.enqueue({ execute: takeTime(`short ${each}`) }, String(each), 'here', false);
    setTimeout(() => order.push('a call'));
    await vi.advanceTimersByTimeAsync(10);
    expect(order.slice(0, 3)).toEqual(['short 1', 'short 2', 'a call']);
    expect(order).toHaveLength(6);
  });

  test('waits for a few of those who share one, where it takes long to hand it to each', async () => {
    for (let each = 1; each <= 9; each++)
      turns.enqueue({ execute: takeTime(`alike ${each}`) }, 'same', 'here', false);
    setTimeout(() => order.push('a call'));
    await vi.advanceTimersByTimeAsync(10);
    expect(order.slice(3, 6)).toEqual(['alike 4', 'a call', 'alike 5']);
    expect(order).toHaveLength(10);
  });
});
