import { Cron } from 'croner';
import { type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { unfailing } from '../core/unfailing.js';

/** A lease is this many of the job's periods long: its holder renews it at every run, and a dead holder's ends in time
 * for another process to take the second run after its death. */
const LEASE_PERIODS = 1.5;
/** A run that takes longer renews the lease so often, so that it is still held at the next run. */
const RENEWAL_PERIODS = 0.5;
/** A job none of whose runs has ended for so long, and for its longest run beside, is behind. */
const LATE_PERIODS = 3;
/** The longest that a run should take. One that hangs keeps the lease no longer, so that another process can go on. */
const RUN_MS_MAX = 30_000;

/** Lets one process at a time run a job. */
export interface JobLeases {
  hold(name: string, ttlMs: number): Promise<boolean>;
  release(name: string): Promise<void>;
}

/** Told about every run; for metrics. */
export interface JobObserver {
  ran(run: { job: string; ended: number; durationMs: number; failed: boolean }): void;
}

export interface ScheduledJobOptions {
  readonly name: string;
  /** With seconds, in UTC, e.g. every five seconds. */
  readonly schedule: string;
  /** Does the work of one run. @returns how many records it ended */
  readonly work: () => Promise<number>;
  readonly leases: JobLeases;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: JobObserver | undefined;
}

/**
 * A croner job that one process at a time runs. A run that fails is logged and the next one comes all the same; a run
 * that takes longer than the period makes the next ones wait.
 */
export class ScheduledJob {
  readonly #cron: Cron;
  readonly #observer: JobObserver | undefined;
  readonly #leaseMs: number;
  readonly #renewalMs: number;
  readonly #lateMs: number;
  /** When the last run ended, whoever had the lease and whatever became of it. */
  #endedMs = monotonicMs();
  #running: Promise<void> = Promise.resolve();
  #holdsLease = false;
  /** What the last run failed with; undefined after one that did not. */
  #lastError: string | undefined;

  constructor(private readonly options: ScheduledJobOptions) {
    this.#observer = options.observer && unfailing(options.observer);
    // `catch` and `protect` are said though #run never throws and waits for itself: croner's defaults would end the
    // process on an error and run a job twice at once. The job's end is awaited in stop(), which croner's is not.
    this.#cron = new Cron(
      options.schedule,
      { paused: true, protect: true, catch: true, unref: true, timezone: 'UTC' },
      () => this.run(),
    );
    const [first, second] = this.#cron.nextRuns(2);
    const periodMs = first && second ? second.getTime() - first.getTime() : 0;
    this.#leaseMs = LEASE_PERIODS * periodMs;
    // A timer cannot wait longer, and a lease of years needs no renewal.
    this.#renewalMs = Math.min(RENEWAL_PERIODS * periodMs, 2 ** 31 - 1);
    this.#lateMs = LATE_PERIODS * periodMs + RUN_MS_MAX;
  }

  /** Whether this process was the one to run the job last time. */
  get holdsLease(): boolean {
    return this.#holdsLease;
  }

  /** Whether its runs come, and end. One that fails has ended: it is told of otherwise, and the next one comes. */
  get isOnTime(): boolean {
    return monotonicMs() - this.#endedMs <= this.#lateMs;
  }

  start(): void {
    this.#endedMs = monotonicMs();
    this.#cron.resume();
  }

  /** One run now, behind the one that may be under way. Never throws. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#runOnce());
    return this.#running;
  }

  /** No run begins after this; returns once the last one has ended and its lease is given back. */
  async stop(): Promise<void> {
    this.#cron.stop();
    await this.#running;
    if (this.#holdsLease) await this.options.leases.release(this.options.name).catch(() => undefined);
  }

  #succeeded(): void {
    if (this.#lastError !== undefined) this.options.log.info({ job: this.options.name }, 'Job runs again');
    this.#lastError = undefined;
  }

  async #runOnce(): Promise<void> {
    const { name, work, leases, log } = this.options;
    const startMs = monotonicMs();
    let renewal: NodeJS.Timeout | undefined;
    let renewed = Promise.resolve();
    try {
      this.#holdsLease = await leases.hold(name, this.#leaseMs);
      if (!this.#holdsLease) return this.#succeeded();
      renewal = setInterval(() => {
        if (monotonicMs() - startMs < RUN_MS_MAX) renewed = this.#renew();
      }, this.#renewalMs);
      renewal.unref();
      const ended = await work();
      this.#succeeded();
      const durationMs = Math.round(monotonicMs() - startMs);
      log[ended > 0 ? 'info' : 'debug']({ job: name, ended, durationMs }, 'Job ran');
      this.#observer?.ran({ job: name, ended, durationMs, failed: false });
    } catch (error) {
      const durationMs = Math.round(monotonicMs() - startMs);
      // A database that is away fails every run with the same: it is told when it goes and when it is back.
      const fault = String(error);
      const level = fault === this.#lastError ? 'debug' : 'error';
      this.#lastError = fault;
      log[level]({ job: name, err: error, durationMs }, 'Job failed; it runs again at its next time');
      this.#observer?.ran({ job: name, ended: 0, durationMs, failed: true });
    } finally {
      clearInterval(renewal);
      // Or it would take a lease that is given back.
      await renewed;
      this.#endedMs = monotonicMs();
    }
  }

  /** Where the database does not answer, the lease runs out by itself. */
  async #renew(): Promise<void> {
    const { name, leases } = this.options;
    this.#holdsLease = await leases.hold(name, this.#leaseMs).catch(() => this.#holdsLease);
  }
}
