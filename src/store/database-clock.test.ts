import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { captureLog } from '../test/support/captured-log.js';
import { DatabaseClock } from './database-clock.js';

/** The monotonic time, which the tests move. */
const monotonic = vi.hoisted(() => ({ ms: 0 }));
vi.mock(import('../core/clock.js'), async (original) => ({
  ...(await original()),
  monotonicMs: () => monotonic.ms,
}));

const MINUTE_MS = 60_000;

/** A database's clock, a process's clock and a network between them, in milliseconds since the test started. */
class World {
  /** The database's time minus the process's monotonic time. */
  databaseOffsetMs = Date.parse('2026-11-22T10:00:00Z');
  /** The process's own clock minus its monotonic time. */
  processOffsetMs = this.databaseOffsetMs;
  thereMs = 1;
  backMs = 1;
  readonly ping = async (): Promise<Date> => {
    this.pass(this.thereMs);
    const answer = new Date(this.databaseMs);
    this.pass(this.backMs);
    return answer;
  };
  readonly processClock = { now: () => new Date(monotonic.ms + this.processOffsetMs) };

  get databaseMs(): number {
    return monotonic.ms + this.databaseOffsetMs;
  }

  /** Alarms are called in the meantime. */
  pass(ms: number): void {
    monotonic.ms += ms;
    vi.advanceTimersByTime(ms);
  }
}

let world: World;
let clock: DatabaseClock;
let lines: ReturnType<typeof captureLog>['lines'];

async function start(settings: Partial<Pick<World, 'processOffsetMs' | 'thereMs' | 'backMs'>> = {}) {
  world = Object.assign(new World(), settings);
  const { log, lines: logged } = captureLog();
  lines = logged;
  clock = await DatabaseClock.start(world, world.processClock, log);
}

/** The database's time minus this process's estimate. */
const errorMs = () => clock.now().getTime() - world.databaseMs;
const messages = () => lines.map(({ msg, aheadMs, byMs }) => ({ msg, ms: aheadMs ?? byMs }));

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  monotonic.ms = 1_000;
  await start();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the time that a process uses', () => {
  test.each([6 * MINUTE_MS, -6 * MINUTE_MS])(
    'is the database’s where its own clock is %i ms off',
    async (ms) => {
      await start({ processOffsetMs: new World().databaseOffsetMs + ms });

      expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
      world.pass(MINUTE_MS);
      expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
    },
  );

  test('does not change when the process’s own clock is set', () => {
    world.processOffsetMs += 6 * MINUTE_MS;

    expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
    expect(clock.processAheadMs).toBeCloseTo(6 * MINUTE_MS, -1);
  });

  test('is estimated by the fastest exchanges: a slow one does not make it worse', async () => {
    const before = errorMs();
    for (let asked = 0; asked < 20; asked++) {
      [world.thereMs, world.backMs] = asked % 2 === 0 ? [400, 1] : [1, 400];
      await clock.probe();
    }
    expect(Math.abs(errorMs() - before)).toBeLessThan(10);
  });

  test('follows a database whose clock runs faster', async () => {
    for (let second = 0; second < 600; second++) {
      world.pass(1_000);
      world.databaseOffsetMs += 0.1;
      await clock.probe();
      expect(Math.abs(errorMs())).toBeLessThanOrEqual(3);
    }
  });

  test('never goes back after a new exchange', async () => {
    let last = clock.now();
    for (const [thereMs, backMs] of [
      [9, 0],
      [0, 9],
      [3, 0],
      [0, 2],
      [1, 0],
      [0, 1],
    ] as const) {
      Object.assign(world, { thereMs, backMs });
      await clock.probe();
      expect(clock.now().getTime()).toBeGreaterThanOrEqual(last.getTime());
      last = clock.now();
    }
  });

  test.each([6 * MINUTE_MS, -6 * MINUTE_MS, 50, -50])(
    'follows at the next exchange where the database’s clock is set by %i ms, and says so',
    async (ms) => {
      world.databaseOffsetMs += ms;
      world.pass(500);
      await clock.probe();

      expect(Math.abs(errorMs())).toBeLessThanOrEqual(2);
      expect(lines.some(({ byMs }) => Math.abs((byMs as number) - ms) <= 3)).toBe(true);
    },
  );

  test('is not known without the database: the start fails', async () => {
    const unavailable = { ping: () => Promise.reject(new Error('no primary')) };
    await expect(DatabaseClock.start(unavailable, world.processClock, captureLog().log)).rejects.toThrow(
      'no primary',
    );
  });
});

describe('an alarm', () => {
  const alarmIn = (ms: number) => {
    const ring = vi.fn();
    return { ring, alarm: clock.at(new Date(clock.now().getTime() + ms), ring) };
  };

  test('is called at its instant by the database’s clock, whatever the process’s own shows', async () => {
    await start({ processOffsetMs: new World().databaseOffsetMs - 6 * MINUTE_MS });
    const { ring } = alarmIn(1_000);
    world.pass(999);
    expect(ring).not.toHaveBeenCalled();
    world.pass(2);
    expect(ring).toHaveBeenCalledOnce();
  });

  test('is called as soon as the database’s clock is found to be past its instant', async () => {
    const { ring } = alarmIn(5 * MINUTE_MS);
    world.databaseOffsetMs += 6 * MINUTE_MS;
    await clock.probe();
    world.pass(1);
    expect(ring).toHaveBeenCalledOnce();
  });

  test('waits longer if the database’s clock is found to be behind', async () => {
    const { ring } = alarmIn(1_000);
    world.databaseOffsetMs -= MINUTE_MS;
    await clock.probe();
    world.pass(MINUTE_MS);
    expect(ring).not.toHaveBeenCalled();
    world.pass(1_100);
    expect(ring).toHaveBeenCalledOnce();
  });

  test('is not called once it is cancelled, even if the clock is set', async () => {
    const { ring, alarm } = alarmIn(MINUTE_MS);
    alarm.cancel();
    world.databaseOffsetMs += 6 * MINUTE_MS;
    await clock.probe();
    world.pass(2 * MINUTE_MS);
    expect(ring).not.toHaveBeenCalled();
  });
});

describe('a process whose own clock is skewed', () => {
  const ask = async (aheadMs: number) => {
    world.processOffsetMs = world.databaseOffsetMs + aheadMs;
    await clock.probe();
  };

  test('logs that once, and once when it agrees again', async () => {
    for (const aheadMs of [0, 900, 1_200, 1_200, 6 * MINUTE_MS, 950, 0, 0, -2_000, -2_000, 0]) {
      await ask(aheadMs);
    }
    expect(messages().map(({ msg, ms }) => [msg.split(';')[0], Math.round(Number(ms) / 100) * 100])).toEqual([
      ["This process's clock differs from the database's", 1_200],
      ["This process's clock agrees with the database's again", 0],
      ["This process's clock differs from the database's", -2_000],
      ["This process's clock agrees with the database's again", 0],
    ]);
  });

  test('logs that at its start', async () => {
    await start({ processOffsetMs: new World().databaseOffsetMs + 6 * MINUTE_MS });
    expect(messages()).toHaveLength(1);
  });
});
