import { Cron } from 'croner';
import { type Clock, monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';
import { unfailing } from '../core/unfailing.js';

/**
 * The length of a lease, in periods of the job. Its holder renews it at every run; a dead holder's lease ends in time for
 * another process to take the second run after its death.
 */
const LEASE_PERIODS = 1.5;
/** How often a long run renews the lease, so that it is still held at the next run. */
const RENEWAL_PERIODS = 0.5;
/** A job is late if no run has ended for this long plus RUN_MS_MAX. */
const LATE_PERIODS = 3;
/** The longest that a run should take. A run that hangs renews the lease no longer, so that another process takes over. */
const RUN_MS_MAX = 30_000;

/** Lets one process at a time run a job. */
export interface JobLeases {
  hold(name: string, ttlMs: number): Promise<boolean>;
  release(name: string): Promise<void>;
}

/** Receives every run, for metrics. */
export interface JobObserver {
  ran(run: { job: string; ended: number; durationMs: number; failed: boolean }): void;
}

export interface ScheduledJobOptions {
  readonly name: string;
  /** A cron pattern with seconds, in UTC. */
  readonly schedule: string;
  /** Does the work of one run. @returns how many records it ended */
  readonly work: () => Promise<number>;
  readonly leases: JobLeases;
  readonly clock: Clock;
  readonly log: Log;
  readonly observer?: JobObserver | undefined;
}

/**
 * A croner job that one process at a time runs. A failed run is logged, and the next one runs as planned. If a run takes
 * longer than the period, the next ones wait.
 */
export class ScheduledJob {
  readonly #cron: Cron;
  readonly #observer: JobObserver | undefined;
  readonly #leaseMs: number;
  readonly #renewalMs: number;
  readonly #lateMs: number;
  /** When the last run ended: with success, with an error, or because another process holds the lease. */
  #endedMs = monotonicMs();
  #running: Promise<void> = Promise.resolve();
  #holdsLease = false;
  /** The error of the last run; undefined after a success. */
  #lastError: string | undefined;

  constructor(private readonly options: ScheduledJobOptions) {
    this.#observer = options.observer && unfailing(options.observer);
    // run() never throws and never overlaps. `catch` and `protect` are set because croner's defaults would end the process
    // on an error and run a job twice at once. stop() waits for the last run, which croner's does not.
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

  /** Whether this process ran the job last time. */
  get holdsLease(): boolean {
    return this.#holdsLease;
  }

  /** Whether its runs start and end in time. A failed run counts as ended: it is reported elsewhere. */
  get isOnTime(): boolean {
    return monotonicMs() - this.#endedMs <= this.#lateMs;
  }

  start(): void {
    this.#endedMs = monotonicMs();
    this.#cron.resume();
  }

  /** Runs once, after a run in progress. Never throws. */
  run(): Promise<void> {
    this.#running = this.#running.then(() => this.#runOnce());
    return this.#running;
  }

  /** Starts no more runs; returns once the last one has ended and its lease is released. */
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
      // While the database is unavailable every run fails with the same error, which is logged once.
      const message = String(error);
      const level = message === this.#lastError ? 'debug' : 'error';
      this.#lastError = message;
      log[level]({ job: name, err: error, durationMs }, 'Job failed; it runs again at its next time');
      this.#observer?.ran({ job: name, ended: 0, durationMs, failed: true });
    } finally {
      clearInterval(renewal);
      // Otherwise it could acquire the lease again after stop() released it.
      await renewed;
      this.#endedMs = monotonicMs();
    }
  }

  /** If the database does not answer, the lease ends by itself. */
  async #renew(): Promise<void> {
    const { name, leases } = this.options;
    this.#holdsLease = await leases.hold(name, this.#leaseMs).catch(() => this.#holdsLease);
  }
}
