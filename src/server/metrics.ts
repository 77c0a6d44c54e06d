import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OperationCode } from './operation-log.js';

/** How long a gauge may take to be read. While the database does not answer, those that count its documents are late. */
const GAUGE_MS_MAX = 500;

/**
 * The metrics of this process for Prometheus. Gauges are read when Prometheus asks; everything else is reported here.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #operations = new Counter({
    name: 'graphql_operations_total',
    help: 'Root fields by outcome. A subscription counts when it starts.',
    labelNames: ['operation', 'code'],
    registers: [this.registry],
  });
  readonly #operationSeconds = new Histogram({
    name: 'graphql_operation_seconds',
    help: 'From a call to its answer; for a subscription, to its start.',
    labelNames: ['operation'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [this.registry],
  });
  readonly #batchSize = new Histogram({
    name: 'booking_batch_commands',
    help: 'Commands decided in one transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200],
    registers: [this.registry],
  });
  readonly #batchEvents = new Histogram({
    name: 'booking_batch_events',
    help: 'Events that shared one transaction.',
    buckets: [1, 2, 5, 10, 20, 50, 100],
    registers: [this.registry],
  });
  readonly #batchSeconds = new Histogram({
    name: 'booking_batch_seconds',
    help: 'From a batch taking its commands to its commit, with all attempts.',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    registers: [this.registry],
  });
  readonly #batchSplits = new Counter({
    name: 'booking_batch_splits_total',
    help: 'Batches of several events that could not be committed together and were halved.',
    registers: [this.registry],
  });
  readonly #batchRetries = new Counter({
    name: 'booking_batch_retries_total',
    help: 'Attempts of batches beyond the first.',
    registers: [this.registry],
  });
  readonly #jobRecords = new Counter({
    name: 'job_changed_records_total',
    help: 'Locks, bookings or payments that a job ended.',
    labelNames: ['job'],
    registers: [this.registry],
  });
  readonly #jobFailures = new Counter({
    name: 'job_failures_total',
    help: 'Runs of a job that failed.',
    labelNames: ['job'],
    registers: [this.registry],
  });
  readonly #jobLastRan = new Gauge({
    name: 'job_last_success_timestamp_seconds',
    help: 'When a run of a job last succeeded in this process.',
    labelNames: ['job'],
    registers: [this.registry],
  });
  readonly #jobSeconds = new Histogram({
    name: 'job_seconds',
    help: 'How long a run of a job took.',
    labelNames: ['job'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [this.registry],
  });

  readonly #outboxAttempts = new Counter({
    name: 'outbox_attempts_total',
    help: 'Attempts to send a message, by its kind and their outcome.',
    labelNames: ['kind', 'outcome'],
    registers: [this.registry],
  });
  readonly #tickSeconds = new Histogram({
    name: 'feed_tick_seconds',
    help: 'How long it took to notify all watchers of a map.',
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2],
    registers: [this.registry],
  });
  readonly #snapshots = new Counter({
    name: 'feed_snapshots_total',
    help: 'Whole seat maps that were built.',
    registers: [this.registry],
  });
  readonly #merged = new Counter({
    name: 'feed_merged_changes_total',
    help: 'Changes of seat maps that were merged into the message of a later change.',
    registers: [this.registry],
  });
  readonly #builtAnswers = new Counter({
    name: 'feed_built_answers_total',
    help: 'Answers about seat maps and events that were executed and serialised.',
    registers: [this.registry],
  });
  /** A plain number, because the library's counter would cost a tenth of sending a message. */
  #sentMessages = 0;
  readonly #feedLagSeconds = new Histogram({
    name: 'feed_lag_seconds',
    help: 'From the decision of a batch until this process received its change.',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const sentMessages = () => this.#sentMessages;
    new Counter({
      name: 'feed_sent_messages_total',
      help: 'Messages about seat maps handed to sockets, one for each subscriber.',
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(sentMessages());
      },
    });
  }

  ended(operation: string, code: OperationCode): void {
    this.#operations.inc({ operation, code });
  }

  took(operation: string, durationMs: number): void {
    this.#operationSeconds.observe({ operation }, durationMs / 1000);
  }

  committed({
    size,
    events,
    attempts,
    durationMs,
  }: {
    size: number;
    events: number;
    attempts: number;
    durationMs: number;
  }): void {
    this.#batchSize.observe(size);
    this.#batchEvents.observe(events);
    this.#batchSeconds.observe(durationMs / 1000);
    if (attempts > 1) this.#batchRetries.inc(attempts - 1);
  }

  split(): void {
    this.#batchSplits.inc();
  }

  ran({
    job,
    ended,
    durationMs,
    failed,
  }: {
    job: string;
    ended: number;
    durationMs: number;
    failed: boolean;
  }): void {
    this.#jobSeconds.observe({ job }, durationMs / 1000);
    if (ended > 0) this.#jobRecords.inc({ job }, ended);
    if (failed) this.#jobFailures.inc({ job });
    else this.#jobLastRan.setToCurrentTime({ job });
  }

  attempted(kind: string, outcome: string): void {
    this.#outboxAttempts.inc({ kind, outcome });
  }

  tickEnded(tookMs: number): void {
    this.#tickSeconds.observe(tookMs / 1000);
  }

  snapshotBuilt(): void {
    this.#snapshots.inc();
  }

  changesMerged(changes: number): void {
    this.#merged.inc(changes);
  }

  answerBuilt(): void {
    this.#builtAnswers.inc();
  }

  messagesSent(messages: number): void {
    this.#sentMessages += messages;
  }

  lagged(lagMs: number): void {
    this.#feedLagSeconds.observe(Math.max(0, lagMs) / 1000);
  }

  /** @param read called when Prometheus asks. If it fails, the last value is reported. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        const value = await withinGaugeTime(read());
        if (value !== undefined) this.set(value);
      },
    });
  }
}

/** @returns undefined if it fails or is late: then the gauge keeps its last value, and the other metrics are served */
async function withinGaugeTime(value: number | Promise<number>): Promise<number | undefined> {
  if (typeof value === 'number') return value;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), GAUGE_MS_MAX);
  });
  return Promise.race([value.catch(() => undefined), late]).finally(() => clearTimeout(timer));
}
