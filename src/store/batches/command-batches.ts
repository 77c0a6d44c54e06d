import type { Command, CommandAnswer, Commands } from '../../booking/commands.js';
import { monotonicMs } from '../../core/clock.js';
import { unfailing } from '../../core/unfailing.js';
import { isWriteConflict } from '../mongo-errors.js';
import type { BatchOutcome } from './batch-decision.js';
import type { BatchTransaction, SharedBatchResult } from './batch-transaction.js';
import {
  CommandQueue,
  commandsOf,
  QUEUE_LENGTH_MAX,
  QUEUE_WAIT_MS_MAX,
  type QueuedCommand,
  settleAll,
  tooBusy,
} from './command-queue.js';
import { type EventPart, ReadyEvents } from './event-sharing.js';
import { isExpiry, QuietTime } from './expiry-commands.js';
import { ProcessFairness } from './process-fairness.js';

/** Batches that one process has in flight, of all events together; each holds a database connection. */
export const BATCHES_IN_FLIGHT_MAX = 32;
/**
 * While so many batches are in flight, events that become ready wait and share the next one. More transactions at a
 * time would only compete for the processors.
 */
export const CONCURRENT_BATCHES = 4;
/** A batch that takes longer (a slow database, competing processes) no longer counts as one of those. */
export const SLOW_BATCH_MS = 250;
/** How long a shared batch that failed is halved for. After that each of its events gets a batch of its own. */
export const HALVING_MS_MAX = 1_000;

export interface CommittedBatch {
  /** Its commands, of all its events together. */
  readonly size: number;
  readonly events: number;
  readonly attempts: number;
  readonly durationMs: number;
}

/** For metrics. A batch that had nothing to commit counts as committed. */
export interface BatchObserver {
  committed(batch: CommittedBatch): void;
  /** So many events could not be committed together. */
  split?(events: number): void;
}

/**
 * The one way to change an event. Its commands queue up while its previous batch is being committed; the next batch
 * takes all that wait, up to a limit. A command for an idle event is a batch of its own at once, and batches grow by
 * themselves under load. Three things wait on purpose: expiry commands, until their event is quiet; events that become
 * ready while CONCURRENT_BATCHES are in flight, which then share a batch; and events that yield to other processes.
 *
 * A command that is refused with TOO_BUSY was in no batch, or in none that was committed.
 */
export class CommandBatches implements Commands {
  readonly #observer: BatchObserver | undefined;
  readonly #queues = new Map<string, CommandQueue>();
  readonly #fairness: ProcessFairness;
  readonly #ready: ReadyEvents;
  readonly #quietTime = new QuietTime();
  #inFlight = 0;
  /** Batches in flight that have taken longer than SLOW_BATCH_MS. */
  #slow = 0;
  /** A shared batch yields or is in flight. No other batch starts, as it would compete with the same processes. */
  #isYieldingShared = false;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor(
    private readonly transaction: Pick<BatchTransaction, 'run' | 'runShared' | 'waitUntilUnclaimed'>,
    observer?: BatchObserver,
  ) {
    this.#observer = observer && unfailing(observer);
    this.#fairness = new ProcessFairness(transaction);
    this.#ready = new ReadyEvents(this.#fairness, (queue) => this.#finishBatch(queue));
  }

  submit<C extends Command>(command: C): Promise<CommandAnswer<C>> {
    if (this.#closed) return Promise.reject(tooBusy());
    const queue = this.#queueOf(command.eventId);
    const line = isExpiry(command) ? queue.expiryCommands : queue.waiting;
    if (line.length >= QUEUE_LENGTH_MAX) return Promise.reject(tooBusy(queue.retryAfterMs));
    return new Promise((resolve, reject) => {
      const queuedAtMs = monotonicMs();
      line.push({ command, queuedAtMs, resolve, reject });
      if (line === queue.expiryCommands) {
        if (!queue.isBusy) this.#markReadyWhenQuiet(queue);
        return;
      }
      this.#quietTime.recordCall(command.eventId, queuedAtMs);
      queue.scheduleWaitTimeout();
      if (!queue.isBusy) this.#markReady(queue);
    });
  }

  get isBatchInFlight(): boolean {
    return this.#inFlight > 0;
  }

  /** How many commands wait for a batch, of all events together. */
  get queued(): number {
    let queued = 0;
    for (const queue of this.#queues.values()) queued += queue.waiting.length;
    return queued;
  }

  /** How long the oldest waiting command has waited; 0 if none waits. */
  get oldestWaitMs(): number {
    const nowMs = monotonicMs();
    let oldestMs = nowMs;
    for (const { waiting } of this.#queues.values())
      oldestMs = Math.min(oldestMs, waiting[0]?.queuedAtMs ?? nowMs);
    return nowMs - oldestMs;
  }

  /** Refuses new commands, and returns once all accepted ones are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queues.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #queueOf(eventId: string): CommandQueue {
    let queue = this.#queues.get(eventId);
    if (queue === undefined) {
      queue = new CommandQueue(eventId);
      this.#queues.set(eventId, queue);
    }
    return queue;
  }

  #markReady(queue: CommandQueue): void {
    queue.isBusy = true;
    this.#ready.add(queue);
    this.#startBatches();
  }

  #markReadyWhenQuiet(queue: CommandQueue): void {
    this.#quietTime.whenQuiet(queue, (quiet) => this.#markReady(quiet));
  }

  #startBatches(): void {
    while (this.#inFlight < BATCHES_IN_FLIGHT_MAX && this.#inFlight - this.#slow < CONCURRENT_BATCHES) {
      if (this.#ready.isEmpty || this.#isYieldingShared) return;
      if (this.#fairness.yieldsShared && this.#ready.nextShared().length > 1) {
        void this.#yieldShared();
        return;
      }
      const parts = this.#ready.takeBatch();
      if (parts.length > 0) void this.#runBatch(parts);
    }
  }

  async #yieldShared(): Promise<void> {
    this.#isYieldingShared = true;
    await this.#fairness.yieldShared(() => this.#ready.nextShared());
    const parts = this.#ready.takeBatch();
    if (parts.length > 0) await this.#runBatch(parts);
    this.#isYieldingShared = false;
    this.#startBatches();
  }

  async #runBatch(parts: readonly EventPart[]): Promise<void> {
    this.#inFlight += 1;
    let isSlow = false;
    const slow = setTimeout(() => {
      isSlow = true;
      this.#slow += 1;
      this.#isYieldingShared = false;
      this.#startBatches();
    }, SLOW_BATCH_MS);
    await this.#runParts(parts, monotonicMs());
    clearTimeout(slow);
    if (isSlow) this.#slow -= 1;
    this.#inFlight -= 1;
    this.#startBatches();
  }

  /** @param batchStartMs when the batch started that these are a part of */
  async #runParts(parts: readonly EventPart[], batchStartMs: number): Promise<void> {
    const startMs = monotonicMs();
    const [first] = parts;
    if (first === undefined) return;
    if (parts.length === 1) await this.#run(first.queue, first.batch);
    else {
      const events = parts.map(({ queue, batch }) => ({
        eventId: queue.eventId,
        commands: commandsOf(batch),
      }));
      let result: SharedBatchResult;
      try {
        result = await this.transaction.runShared(events);
      } catch (error) {
        // One event may have caused it, and the others should not wait for that one.
        this.#fairness.recordSharedBatch({ hadConflict: isWriteConflict(error) });
        this.#observer?.split?.(parts.length);
        await this.#runHalves(parts, batchStartMs);
        return;
      }
      const { outcomes, attempts } = result;
      this.#fairness.recordSharedBatch(result);
      this.#reportCommitted(parts, attempts, startMs);
      parts.forEach(({ queue, batch }, index) => {
        queue.lastFencingToken = undefined;
        settleAll(batch, outcomes[index] as readonly BatchOutcome[]);
      });
    }
    for (const { queue } of parts) {
      queue.lastBatchMs = monotonicMs() - startMs;
      this.#finishBatch(queue);
    }
    this.#startBatches();
  }

  /** Runs a failed batch in halves, until one event is left, which then gets a batch of its own. */
  async #runHalves(parts: readonly EventPart[], batchStartMs: number): Promise<void> {
    const middle = Math.ceil(parts.length / 2);
    for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
      // While the database is unavailable each attempt takes seconds. In its queue a command is refused in time.
      const isLate = monotonicMs() - batchStartMs > HALVING_MS_MAX;
      if (half.length === 1 || isLate) this.#requeue(half);
      else await this.#runParts(half, batchStartMs);
    }
  }

  #requeue(parts: readonly EventPart[]): void {
    for (const { queue, batch } of parts) {
      queue.putBack(batch);
      this.#ready.add(queue);
    }
    this.#startBatches();
  }

  #reportCommitted(
    parts: readonly { readonly batch: readonly QueuedCommand[] }[],
    attempts: number,
    startMs: number,
  ): void {
    const size = parts.reduce((sum, { batch }) => sum + batch.length, 0);
    const durationMs = monotonicMs() - startMs;
    this.#observer?.committed({ size, events: parts.length, attempts, durationMs });
  }

  #finishBatch(queue: CommandQueue): void {
    if (this.#fairness.mustYield(queue)) void this.#yieldEvent(queue);
    else this.#continueOrRetire(queue);
  }

  async #yieldEvent(queue: CommandQueue): Promise<void> {
    await this.#fairness.yieldEvent(queue);
    this.#continueOrRetire(queue);
    this.#startBatches();
  }

  #continueOrRetire(queue: CommandQueue): void {
    if (queue.waiting.length > 0) {
      this.#ready.add(queue);
      return;
    }
    queue.isBusy = false;
    if (queue.expiryCommands.length > 0) this.#markReadyWhenQuiet(queue);
    else this.#retire(queue);
  }

  #retire(queue: CommandQueue): void {
    queue.clearTimers();
    this.#queues.delete(queue.eventId);
    if (this.#queues.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Never throws: every command of the batch is answered, whatever happens. */
  async #run(queue: CommandQueue, batch: readonly QueuedCommand[]): Promise<void> {
    const startMs = monotonicMs();
    try {
      const result = await this.transaction.run(queue.eventId, commandsOf(batch));
      this.#fairness.recordBatch(queue, result);
      this.#reportCommitted([{ batch }], result.attempts, startMs);
      settleAll(batch, result.outcomes);
    } catch (fault) {
      if (batch.length === 1) {
        for (const queued of batch) queued.reject(fault);
        return;
      }
      // A fault that stays has one command as its cause. If each runs alone, only that one fails. Nothing was done yet.
      for (const queued of batch) {
        if (monotonicMs() - startMs > QUEUE_WAIT_MS_MAX) queued.reject(tooBusy());
        else await this.#run(queue, [queued]);
      }
    }
  }
}
