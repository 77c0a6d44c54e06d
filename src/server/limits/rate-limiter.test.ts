import { expect, onTestFinished, test } from 'vitest';
import { captureLog } from '../../test/support/captured-log.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { type Consumed, type Limit, RateLimiter, type SharedCounts } from './rate-limiter.js';

/** Counting in memory and together with other processes, with shared counters that a test can delay and break. */

const LIMIT: Limit = { name: 'call', points: 20, windowMs: 60_000 };

class Counts implements SharedCounts {
  readonly counts = new Map<string, { points: number; until: Date }>();
  writes = 0;
  fault: Error | undefined;
  hold: Promise<void> | undefined;

  constructor(private readonly clock: ManualClock) {}

  async add(additions: Parameters<SharedCounts['add']>[0]) {
    this.writes += 1;
    await this.hold;
    if (this.fault) throw this.fault;
    return additions.map(({ key, points, windowMs }) => {
      const now = this.clock.now();
      const running = this.counts.get(key);
      const isRunning = running !== undefined && running.until > now;
      const count = isRunning
        ? { points: running.points + points, until: running.until }
        : { points, until: new Date(now.getTime() + windowMs) };
      this.counts.set(key, count);
      return count;
    });
  }

  async renew(key: string, windowMs: number) {
    await this.hold;
    if (this.fault) throw this.fault;
    this.counts.set(key, { points: 1, until: new Date(this.clock.now().getTime() + windowMs) });
  }

  async read(key: string) {
    if (this.fault) throw this.fault;
    return this.counts.get(key) ?? null;
  }

  of(subject: string): number | undefined {
    return this.counts.get(`call ${subject}`)?.points;
  }
}

function make(processes = 1) {
  const clock = new ManualClock();
  const shared = new Counts(clock);
  const { log, lines } = captureLog();
  const limiters = Array.from({ length: processes }, () => new RateLimiter(shared, clock, log));
  onTestFinished(async () => {
    for (const limiter of limiters) await limiter.close();
  });
  return { clock, shared, lines, limiters, limiter: limiters[0] as RateLimiter };
}

const PASSED = { points: expect.any(Number) };
const passes = (consumed: Consumed | number): consumed is Consumed => typeof consumed !== 'number';

const synced = () => new Promise((resolve) => setTimeout(resolve));

test('no more points pass than the limit until the window ends; refused ones do not count', async () => {
  const { clock, limiter } = make();
  for (let calls = 0; calls < 20; calls++) expect(limiter.consume(LIMIT, 'ann')).toMatchObject(PASSED);
  clock.advance(10_000);
  for (let calls = 0; calls < 30; calls++) expect(limiter.consume(LIMIT, 'ann')).toBe(50_000);
  expect(limiter.consume(LIMIT, 'bob')).toMatchObject(PASSED);
  expect(limiter.consume({ ...LIMIT, name: 'other' }, 'ann')).toMatchObject(PASSED);
  clock.advance(50_000);
  expect(limiter.consume(LIMIT, 'ann')).toMatchObject(PASSED);
});

test('several points are taken together or not at all', () => {
  const { limiter } = make();
  expect(limiter.consume(LIMIT, 'ann', 15)).toMatchObject(PASSED);
  expect(limiter.consume(LIMIT, 'ann', 6)).toBe(60_000);
  expect(limiter.consume(LIMIT, 'ann', 5)).toMatchObject(PASSED);
  expect(limiter.consume(LIMIT, 'bob', 21)).toBe(60_000);
});

test('a rare caller costs the database nothing; from a tenth of the limit on, the counter is synchronised', async () => {
  const { limiter, shared } = make();
  const big = { ...LIMIT, points: 100 };
  for (let calls = 0; calls < 9; calls++) limiter.consume(big, 'ann');
  await synced();
  expect(shared.writes).toBe(0);
  limiter.consume(big, 'ann');
  await synced();
  expect(shared.of('ann')).toBe(10);
});

test('several processes together let at most pass what RateLimiter documents', async () => {
  const { limiters, shared } = make(4);
  let passed = 0;
  for (let round = 0; round < 20; round++) {
    for (const limiter of limiters) {
      if (passes(limiter.consume(LIMIT, 'ann'))) passed += 1;
      await synced();
      // Otherwise the next synchronisation would run within a second.
      await limiter.close();
    }
  }
  // Each of the three others may miss a tenth of the limit, and the call that started the synchronisation.
  expect(passed).toBeGreaterThanOrEqual(20);
  expect(passed).toBeLessThanOrEqual(20 + 3 * (2 + 1));
  expect(shared.of('ann')).toBe(passed);
});

test('with consumeShared, all processes together never exceed the limit', async () => {
  const { limiters } = make(4);
  const tries = Array.from({ length: 80 }, (_, index) =>
    (limiters[index % 4] as RateLimiter).consumeShared(LIMIT, 'ann'),
  );
  const passed = (await Promise.all(tries)).filter(passes).length;
  expect(passed).toBeLessThanOrEqual(20);
  for (const limiter of limiters) await limiter.close();
  // Refused calls gave back their points, so the remaining ones can be consumed.
  let more = 0;
  for (let calls = 0; calls < 20; calls++)
    if (passes(await (limiters[calls % 4] as RateLimiter).consumeShared(LIMIT, 'ann'))) more += 1;
  expect(passed + more).toBe(20);
});

test('points that are given back can be consumed again, here and by other processes', async () => {
  const { limiters } = make(2);
  const [here, there] = limiters as [RateLimiter, RateLimiter];
  const taken: (Consumed | number)[] = [];
  for (let calls = 0; calls < 20; calls++) taken.push(await here.consumeShared(LIMIT, 'ann'));
  expect(taken.every(passes)).toBe(true);
  expect(await there.consumeShared(LIMIT, 'ann')).toBe(60_000);
  here.giveBack(taken[0] as Consumed);
  await here.close();
  await there.close();
  expect(await there.consumeShared(LIMIT, 'ann')).toMatchObject(PASSED);
  expect(await here.consumeShared(LIMIT, 'ann')).toBe(60_000);
});

test('a few points that were synchronised are given back to the shared counter too', async () => {
  const { limiter, shared } = make();
  const big = { ...LIMIT, points: 100 };
  const taken = await limiter.consumeShared(big, 'ann');
  expect(shared.of('ann')).toBe(1);
  limiter.giveBack(taken as Consumed);
  await limiter.close();
  expect(shared.of('ann')).toBe(0);
});

test('while the database is unavailable each process keeps the limit, and synchronises afterwards', async () => {
  const { limiters, shared, lines } = make(2);
  const [here, there] = limiters as [RateLimiter, RateLimiter];
  shared.fault = new Error('no primary');
  let passed = 0;
  for (let calls = 0; calls < 30; calls++) {
    for (const limiter of limiters) {
      if (passes(await limiter.consumeShared(LIMIT, 'ann'))) passed += 1;
    }
  }
  expect(passed).toBe(40);
  // Each process logs it once when it starts and once when it ends.
  expect(lines.filter(({ err }) => JSON.stringify(err)?.includes('no primary'))).toHaveLength(2);
  shared.fault = undefined;
  await here.close();
  await there.close();
  // After that nothing more is logged.
  expect(passes(await here.consumeShared(LIMIT, 'bob'))).toBe(true);
  expect(lines.filter(({ msg }) => String(msg).endsWith('again'))).toHaveLength(2);
  expect(shared.of('ann')).toBe(40);
});

test('points consumed during a synchronisation are neither lost nor counted twice', async () => {
  const { limiter, shared } = make();
  let release = () => {};
  shared.hold = new Promise((resolve) => {
    release = resolve;
  });
  for (let calls = 0; calls < 5; calls++) limiter.consume(LIMIT, 'ann');
  await expect.poll(() => shared.writes).toBe(1);
  for (let calls = 0; calls < 5; calls++) limiter.consume(LIMIT, 'ann');
  release();
  shared.hold = undefined;
  await limiter.close();
  await limiter.close();
  expect(shared.of('ann')).toBe(10);
  for (let calls = 0; calls < 10; calls++) expect(limiter.consume(LIMIT, 'ann')).toMatchObject(PASSED);
  expect(limiter.consume(LIMIT, 'ann')).toEqual(expect.any(Number));
});

test('points of a window that has ended are not given back to the next one', async () => {
  const { clock, limiter, shared } = make();
  const taken = limiter.consume(LIMIT, 'ann', 20) as Consumed;
  clock.advance(60_000);
  limiter.giveBack(taken, 5);
  let passed = 0;
  while (passes(limiter.consume(LIMIT, 'ann'))) passed += 1;
  expect(passed).toBe(20);
  limiter.giveBack(taken);
  expect(limiter.consume(LIMIT, 'ann')).toEqual(expect.any(Number));
  // And no more than were consumed.
  const ofBob = limiter.consume(LIMIT, 'bob') as Consumed;
  limiter.giveBack(ofBob, 5);
  for (let calls = 0; calls < 20; calls++) expect(limiter.consume(LIMIT, 'bob')).toMatchObject(PASSED);
  expect(limiter.consume(LIMIT, 'bob')).toEqual(expect.any(Number));
  await limiter.close();
  expect(shared.of('ann')).toBe(20);
});

test('consumeShared synchronises its own counter, however many others wait', async () => {
  const { limiters } = make(2);
  const [here, there] = limiters as [RateLimiter, RateLimiter];
  for (let calls = 0; calls < 20; calls++) await there.consumeShared(LIMIT, 'ann');
  for (let others = 0; others < 5_000; others++) here.consume(LIMIT, `other ${others}`, 2);
  expect(await here.consumeShared(LIMIT, 'ann')).toBe(60_000);
});

test('around the end of a window at most twice the limit passes', () => {
  const { clock, limiter } = make();
  const pass = () => {
    let passed = 0;
    while (passes(limiter.consume(LIMIT, 'ann'))) passed += 1;
    return passed;
  };
  expect(limiter.consume(LIMIT, 'ann')).toMatchObject(PASSED);
  clock.advance(59_999);
  expect(pass()).toBe(19);
  clock.advance(1);
  expect(pass()).toBe(20);
  clock.advance(59_999);
  expect(pass()).toBe(0);
});
