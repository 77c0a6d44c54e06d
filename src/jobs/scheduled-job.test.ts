import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Log } from '../core/log.js';
import { type JobLeases, type JobObserver, ScheduledJob } from './scheduled-job.js';

const PERIOD_MS = 1_000;

/** Leases as in the database, on fake time. */
class FakeLeases {
  #held: { owner: string; untilMs: number } | undefined;
  asked: { name: string; ttlMs: number }[] = [];
  fault: Error | undefined;

  of(owner: string): JobLeases {
    return {
      hold: async (name, ttlMs) => {
        if (this.fault !== undefined) throw this.fault;
        this.asked.push({ name, ttlMs });
        if (this.#held !== undefined && this.#held.owner !== owner && this.#held.untilMs > Date.now())
          return false;
        this.#held = { owner, untilMs: Date.now() + ttlMs };
        return true;
      },
      release: async () => {
        if (this.#held?.owner === owner) this.#held = undefined;
      },
    };
  }

  get owner(): string | undefined {
    return this.#held?.owner;
  }
}

interface Line {
  readonly level: string;
  readonly message: string;
  readonly [fact: string]: unknown;
}

let leases: FakeLeases;
let lines: Line[];
let runs: Parameters<JobObserver['ran']>[0][];
let jobs: ScheduledJob[];
beforeEach(() => {
  // On a whole second, so that the next run is a whole period later.
  vi.useFakeTimers({ now: new Date('2026-11-22T10:00:00.000Z') });
  leases = new FakeLeases();
  lines = [];
  runs = [];
  jobs = [];
});
afterEach(async () => {
  for (const job of jobs) await job.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const logged = (level: string) => (facts: object, message: string) =>
  lines.push({ ...facts, level, message });
const log = { debug: logged('debug'), info: logged('info'), error: logged('error') } as unknown as Log;

function job(work: () => Promise<number>, owner = 'this process'): ScheduledJob {
  const made = new ScheduledJob({
    name: 'expiry',
    schedule: '* * * * * *',
    work,
    leases: leases.of(owner),
    clock: { now: () => new Date(), at: () => ({ cancel() {} }) },
    log,
    observer: { ran: (run) => runs.push(run) },
  });
  jobs.push(made);
  return made;
}

describe('a scheduled job', () => {
  test('does not run before it is started, runs at each of its times, and never after it was stopped', async () => {
    let times = 0;
    const expiry = job(async () => ++times);
    await vi.advanceTimersByTimeAsync(3 * PERIOD_MS);
    expect(times).toBe(0);
    expiry.start();
    await vi.advanceTimersByTimeAsync(3 * PERIOD_MS);
    expect(times).toBe(3);
    await expiry.stop();
    await vi.advanceTimersByTimeAsync(3 * PERIOD_MS);
    expect(times).toBe(3);
  });

  test('logs what it ended and how long it took, at info level if it ended something', async () => {
    const ended = [0, 7];
    const expiry = job(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return ended.shift() ?? 0;
    });
    expiry.start();
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS + 20);
    expect(lines).toEqual([
      { level: 'debug', message: 'Job ran', job: 'expiry', ended: 0, durationMs: 20 },
      { level: 'info', message: 'Job ran', job: 'expiry', ended: 7, durationMs: 20 },
    ]);
    expect(runs.map(({ ended, failed }) => ({ ended, failed }))).toEqual([
      { ended: 0, failed: false },
      { ended: 7, failed: false },
    ]);
  });

  test('that keeps failing with the same error logs it once, and once when it succeeds again', async () => {
    const expiry = job(async () => 0);
    leases.fault = new Error('no primary');
    for (let runs = 0; runs < 3; runs++) await expiry.run();
    leases.fault = new Error('not allowed');
    await expiry.run();
    leases.fault = undefined;
    for (let runs = 0; runs < 2; runs++) await expiry.run();
    const reported = lines.filter(({ level }) => level !== 'debug');
    expect(reported.map(({ level, err, message }) => [level, String(err ?? message)])).toEqual([
      ['error', 'Error: no primary'],
      ['error', 'Error: not allowed'],
      ['info', 'Job runs again'],
    ]);
  });

  test('survives an error: it is logged, and the next run starts', async () => {
    const fault = new Error('the database is unavailable');
    let times = 0;
    const expiry = job(async () => {
      if (++times === 1) throw fault;
      return 1;
    });
    expiry.start();
    await vi.advanceTimersByTimeAsync(2 * PERIOD_MS);
    expect(lines).toMatchObject([
      { level: 'error', job: 'expiry', err: fault },
      { level: 'info', job: 'expiry', message: 'Job runs again' },
      { level: 'info', job: 'expiry', ended: 1 },
    ]);
    expect(runs.map(({ failed }) => failed)).toEqual([true, false]);
  });

  test('does no work if the lease cannot be read, logs that, and continues', async () => {
    let times = 0;
    const expiry = job(async () => ++times);
    expiry.start();
    leases.fault = new Error('the database is unavailable');
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    expect(times).toBe(0);
    expect(lines).toMatchObject([{ level: 'error', err: leases.fault }]);
    leases.fault = undefined;
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    expect(times).toBe(1);
  });

  test('never runs twice at once, neither by its schedule nor by a call', async () => {
    let inProgress = 0;
    let most = 0;
    const expiry = job(async () => {
      most = Math.max(most, ++inProgress);
      await new Promise((resolve) => setTimeout(resolve, 2.5 * PERIOD_MS));
      inProgress -= 1;
      return 0;
    });
    expiry.start();
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    const byHand = [expiry.run(), expiry.run()];
    await vi.advanceTimersByTimeAsync(9 * PERIOD_MS);
    await Promise.all(byHand);
    expect(most).toBe(1);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    const stopped = expiry.stop();
    await vi.runAllTimersAsync();
    await stopped;
  });

  test('is late once no run has ended for a long time; a failed run counts as ended', async () => {
    let end: () => void = () => undefined;
    const hanging = job(
      () =>
        new Promise((resolve) => {
          end = () => resolve(0);
        }),
    );
    const failing = job(() => Promise.reject(new Error('the database is unavailable')), 'this process');
    hanging.start();
    await vi.advanceTimersByTimeAsync(30 * PERIOD_MS);
    expect(hanging.isOnTime).toBe(true);
    await vi.advanceTimersByTimeAsync(10 * PERIOD_MS);
    expect(hanging.isOnTime).toBe(false);
    const stopped = hanging.stop();
    end();
    await stopped;
    expect(hanging.isOnTime).toBe(true);
    failing.start();
    await vi.advanceTimersByTimeAsync(60 * PERIOD_MS);
    expect(failing.isOnTime).toBe(true);
  });

  test('waits for the run in progress when it is stopped', async () => {
    let ended = false;
    const expiry = job(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      ended = true;
      return 0;
    });
    expiry.start();
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    let hasStopped = false;
    const stopped = expiry.stop().then(() => {
      hasStopped = true;
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(hasStopped).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(ended).toBe(true);
  });
});

describe('two processes with one job', () => {
  test('one of them runs it, and continues to', async () => {
    const ran: string[] = [];
    for (const owner of ['one', 'two']) {
      job(async () => {
        ran.push(owner);
        return 0;
      }, owner).start();
    }
    await vi.advanceTimersByTimeAsync(5 * PERIOD_MS);
    expect(ran).toEqual(Array(5).fill(ran[0]));
    expect(jobs.filter((each) => each.holdsLease)).toHaveLength(1);
  });

  test('one whose run takes longer than its lease keeps it, up to its next run', async () => {
    const began: string[] = [];
    const long = () => new Promise<number>((resolve) => setTimeout(() => resolve(0), 3.2 * PERIOD_MS));
    job(() => {
      began.push('long');
      return long();
    }, 'long').start();
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    job(async () => began.push('other'), 'other').start();
    await vi.advanceTimersByTimeAsync(9 * PERIOD_MS);
    expect(began).not.toContain('other');
    expect(began.length).toBeGreaterThan(1);
    const stopped = Promise.all(jobs.map((each) => each.stop()));
    await vi.advanceTimersByTimeAsync(4 * PERIOD_MS);
    await stopped;
  });

  test('one whose run hangs loses its lease, and the other takes over', async () => {
    let end: () => void = () => undefined;
    job(
      () =>
        new Promise((resolve) => {
          end = () => resolve(0);
        }),
      'hanging',
    ).start();
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    let times = 0;
    job(async () => ++times, 'other').start();
    await vi.advanceTimersByTimeAsync(29 * PERIOD_MS);
    expect(times).toBe(0);
    await vi.advanceTimersByTimeAsync(5 * PERIOD_MS);
    expect(times).toBeGreaterThan(0);
    end();
  });

  test('when one dies, the other takes over at the second time after its last run', async () => {
    const ran: number[] = [];
    const dying = job(async () => 0, 'dying');
    await dying.run();
    const diedAtMs = Date.now();
    job(async () => {
      ran.push(Date.now() - diedAtMs);
      return 0;
    }, 'other').start();
    await vi.advanceTimersByTimeAsync(3 * PERIOD_MS);
    expect(ran).toEqual([2 * PERIOD_MS, 3 * PERIOD_MS]);
  });

  test('when one stops, the other takes over at the next time', async () => {
    const stopping = job(async () => 0, 'stopping');
    let times = 0;
    job(async () => ++times, 'other').start();
    await stopping.run();
    expect(leases.owner).toBe('stopping');
    await stopping.stop();
    expect(leases.owner).toBeUndefined();
    await vi.advanceTimersByTimeAsync(PERIOD_MS);
    expect(times).toBe(1);
  });

  test('one that stops does not release the other’s lease', async () => {
    const [one, two] = [job(async () => 0, 'one'), job(async () => 0, 'two')];
    await one.run();
    await two.run();
    await two.stop();
    expect(leases.owner).toBe('one');
  });
});
