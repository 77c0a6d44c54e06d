import { LRUCache } from 'lru-cache';
import type { Command, CommandAnswer, Commands } from '../../booking/commands.js';
import { monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import { unfailing } from '../../core/unfailing.js';
import { isWriteConflict } from '../mongo-errors.js';
import type { BatchOutcome, BatchTransaction, SharedBatchResult } from './batch-transaction.js';

/** Commands waiting for one event. A fan who is told TOO_BUSY can come back; one who hangs cannot. */
export const QUEUE_LENGTH_MAX = 20_000;
/** Commands in one transaction: large enough to share its cost, small enough to commit in well under a second. */
export const BATCH_SIZE_MAX = 200;
/** How long a command may wait before it enters a batch. */
export const QUEUE_WAIT_MS_MAX = 5_000;
/** Batches that one process has under way at a time, all events together; each holds a database connection. */
export const BATCHES_IN_FLIGHT_MAX = 32;
/**
 * Batches that begin at once. While so many are under way, the events that become ready share the next one: more
 * transactions at a time would only wait for each other's share of the processors.
 */
export const CONCURRENT_BATCHES = 4;
/** A batch that takes longer (a hot event elsewhere, a slow database) no longer keeps others from beginning. */
export const SLOW_BATCH_MS = 250;
/** Events that share a batch. */
export const EVENTS_PER_BATCH_MAX = 100;
/** How long a batch that could not be committed together is halved for; after that each of its events goes alone. */
export const HALVING_MS_MAX = 1_000;
const RETRY_AFTER_MS_MIN = 250;
/** Batches before which an event gives way after one that met another process's batches. */
const YIELDED_BATCHES = 10;
/** What is left to whoever waits for an event's turn: time to hear that it is free, and to take it. */
export const YIELD_MS_MIN = 5;
export const YIELD_MS_MAX = 100;
/** On a machine with much to do everything takes longer: a part of what the event's last batch took. */
const YIELD_PART = 1 / 3;
/** How long nobody may have come for an event before a sweep has a batch of its own. */
export const QUIET_BEFORE_EXPIRY_MS = 25;
/** Events of which it is known when somebody came last. */
const LAST_CALLS_KEPT_MAX = 1_000;
/** Events that wait for their turns at a time; each holds a database connection. Further ones try without. */
const EVENTS_WAITED_FOR_MAX = 8;

export interface CommittedBatch {
  /** Its commands, of all its events together. */
  readonly size: number;
  readonly events: number;
  readonly attempts: number;
  readonly durationMs: number;
}

/** Told about every batch that was committed, or had nothing to commit; for metrics. */
export interface BatchObserver {
  committed(batch: CommittedBatch): void;
  /** So many events could not be committed together. */
  split?(events: number): void;
}

interface QueuedCommand {
  readonly command: Command;
  readonly queuedAtMs: number;
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/** The commands of one event that wait for its next batch. */
class EventQueue {
  readonly waiting: QueuedCommand[] = [];
  /** Nobody waits for these: they go along with others, and begin a batch of their own only once nobody comes. */
  readonly expiryCommands: QueuedCommand[] = [];
  /** Whether a batch of the event is under way, or the event waits for its turn to start one. */
  isBusy = false;
  lastBatchMs = 0;
  /** How many of the next batches give way to other processes' before they begin. */
  batchesToYield = 0;
  /** The event's turn that the last batch took; undefined where that is not known. */
  lastFencingToken: number | undefined;
  /** The next batch is of this event alone: one that it shared was not to be. */
  mustRunAlone = false;
  timeout: NodeJS.Timeout | undefined;
  quietTimer: NodeJS.Timeout | undefined;

  constructor(readonly eventId: string) {}
}

/** What an event has in a batch. */
interface EventPart {
  readonly queue: EventQueue;
  readonly batch: readonly QueuedCommand[];
}

/**
 * The one way in. Commands for the same event queue up while the event's previous batch is being committed; the next
 * batch takes all that wait, up to a limit. Nothing waits on purpose: a command for an idle event is a batch by itself
 * at once, and batches form by themselves under load; only sweeps, for which nobody waits, give way. Where more events
 * are busy than batches begin at once, those that wait for their turn share a batch. Only where another process has
 * commands for the same event does a batch give way to it for a moment.
 *
 * A command that hears TOO_BUSY was taken out of its queue and entered no batch, or none that was committed.
 */
export class CommandBatches implements Commands {
  readonly #observer: BatchObserver | undefined;
  readonly #queues = new Map<string, EventQueue>();
  readonly #ready: EventQueue[] = [];
  #inFlight = 0;
  /** Of those in flight, the ones that take long. */
  #slow = 0;
  #eventsWaitedFor = 0;
  /** How many of the next batches of several events give way to other processes' before they begin. */
  #sharedBatchesToYield = 0;
  /** One of them waits, or is under way: no other batch begins, as it would meet the same others. */
  #isYieldingShared = false;
  #idle: (() => void)[] = [];
  #closed = false;
  /** When somebody last came for an event. */
  readonly #lastCallMs = new LRUCache<string, number>({ max: LAST_CALLS_KEPT_MAX });

  constructor(
    private readonly transaction: Pick<BatchTransaction, 'run' | 'runShared' | 'waitUntilUnclaimed'>,
    observer?: BatchObserver,
  ) {
    this.#observer = observer && unfailing(observer);
  }

  submit<C extends Command>(command: C): Promise<CommandAnswer<C>> {
    if (this.#closed) return Promise.reject(tooBusy(RETRY_AFTER_MS_MIN));
    const queue = this.#queueOf(command.eventId);
    const line = isExpiry(command) ? queue.expiryCommands : queue.waiting;
    if (line.length >= QUEUE_LENGTH_MAX) return Promise.reject(tooBusy(retryAfterMs(queue)));
    return new Promise((resolve, reject) => {
      const queuedAtMs = monotonicMs();
      line.push({ command, queuedAtMs, resolve, reject });
      if (line === queue.expiryCommands) {
        if (!queue.isBusy) this.#markReadyWhenQuiet(queue);
        return;
      }
      this.#lastCallMs.set(command.eventId, queuedAtMs);
      this.#scheduleWaitTimeout(queue);
      if (!queue.isBusy) this.#markReady(queue);
    });
  }

  get isBatchUnderWay(): boolean {
    return this.#inFlight > 0;
  }

  /** How many commands wait, all events together. */
  get queued(): number {
    let queued = 0;
    for (const queue of this.#queues.values()) queued += queue.waiting.length;
    return queued;
  }

  /** For how long the one that has waited longest waits now; 0 where none does. */
  get oldestWaitMs(): number {
    const nowMs = monotonicMs();
    let oldestMs = nowMs;
    for (const { waiting } of this.#queues.values())
      oldestMs = Math.min(oldestMs, waiting[0]?.queuedAtMs ?? nowMs);
    return nowMs - oldestMs;
  }

  /** Takes no more commands, and returns once those that were taken are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queues.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #queueOf(eventId: string): EventQueue {
    let queue = this.#queues.get(eventId);
    if (queue === undefined) {
      queue = new EventQueue(eventId);
      this.#queues.set(eventId, queue);
    }
    return queue;
  }

  #markReady(queue: EventQueue): void {
    queue.isBusy = true;
    this.#ready.push(queue);
    this.#startBatches();
  }

  /** For the event's sweeps, unless they have gone along with somebody by then. */
  #markReadyWhenQuiet(queue: EventQueue): void {
    clearTimeout(queue.quietTimer);
    const calledMs = this.#lastCallMs.get(queue.eventId) ?? Number.NEGATIVE_INFINITY;
    const leftMs = calledMs + QUIET_BEFORE_EXPIRY_MS - monotonicMs();
    if (leftMs <= 0) this.#markReady(queue);
    else
      queue.quietTimer = setTimeout(() => {
        if (queue.expiryCommands.length > 0 && !queue.isBusy) this.#markReadyWhenQuiet(queue);
      }, leftMs);
  }

  #startBatches(): void {
    while (this.#inFlight < BATCHES_IN_FLIGHT_MAX && this.#inFlight - this.#slow < CONCURRENT_BATCHES) {
      if (this.#ready.length === 0 || this.#isYieldingShared) return;
      if (this.#sharedBatchesToYield > 0 && this.#nextSharedQueues().length > 1) {
        void this.#yieldSharedEvents();
        return;
      }
      const parts = this.#nextParts();
      if (parts.length > 0) void this.#runBatch(parts);
    }
  }

  /** The next event's commands, and those of further ones as far as they fit. */
  #nextParts(): EventPart[] {
    const parts: EventPart[] = [];
    let room = BATCH_SIZE_MAX;
    while (room > 0 && parts.length < EVENTS_PER_BATCH_MAX) {
      const [queue] = this.#ready;
      if (queue === undefined) break;
      const isAlone = this.#runsAlone(queue);
      if (isAlone && parts.length > 0) break;
      this.#ready.shift();
      const batch = [...queue.waiting.splice(0, room), ...queue.expiryCommands.splice(0)];
      if (batch.length === 0) {
        this.#finishBatch(queue);
        continue;
      }
      room -= batch.length;
      parts.push({ queue, batch });
      queue.mustRunAlone = false;
      if (isAlone) break;
    }
    return parts;
  }

  /** The events whose commands the next batch takes, as things are. */
  #nextSharedQueues(): EventQueue[] {
    const ready = this.#ready.slice(0, EVENTS_PER_BATCH_MAX);
    const end = ready.findIndex((queue) => this.#runsAlone(queue));
    return end === -1 ? ready : ready.slice(0, end);
  }

  /** One event that meets other processes shares no batch, whose neighbours would wait with it; where most do, they share all the same. */
  #runsAlone(queue: EventQueue): boolean {
    // A sweep ends many records: nobody else's event waits for that.
    if (queue.mustRunAlone || queue.expiryCommands.length > 0) return true;
    return queue.batchesToYield > 0 && this.#sharedBatchesToYield === 0;
  }

  /** As for one event, with as many as go together; one batch at a time, since its events are all that are ready. */
  async #yieldSharedEvents(): Promise<void> {
    this.#isYieldingShared = true;
    this.#sharedBatchesToYield -= 1;
    const [first] = this.#ready;
    if (first !== undefined) await delay(yieldMs(first));
    await this.transaction.waitUntilUnclaimed(this.#nextSharedQueues().map(({ eventId }) => eventId));
    const parts = this.#nextParts();
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

  /** @param beganMs when the batch began that these are a part of */
  async #runParts(parts: readonly EventPart[], beganMs: number): Promise<void> {
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
        // One of the events cannot be done now, and the others are not to wait for it.
        if (isWriteConflict(error)) this.#sharedBatchesToYield = YIELDED_BATCHES;
        this.#observer?.split?.(parts.length);
        await this.#runHalves(parts, beganMs);
        return;
      }
      const { outcomes, attempts, hadConflict } = result;
      if (hadConflict) this.#sharedBatchesToYield = YIELDED_BATCHES;
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

  /** Of a batch that was committed, or had nothing to commit. */
  #reportCommitted(
    parts: readonly { readonly batch: readonly QueuedCommand[] }[],
    attempts: number,
    startMs: number,
  ): void {
    const size = parts.reduce((sum, { batch }) => sum + batch.length, 0);
    const durationMs = monotonicMs() - startMs;
    this.#observer?.committed({ size, events: parts.length, attempts, durationMs });
  }

  /** Halves what could not be done together, until what is left over is one event, which then has a batch of its own. */
  async #runHalves(parts: readonly EventPart[], beganMs: number): Promise<void> {
    const middle = Math.ceil(parts.length / 2);
    for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
      // While the database is away each try takes seconds, and those who wait in a queue are told in time.
      const isLate = monotonicMs() - beganMs > HALVING_MS_MAX;
      if (half.length === 1 || isLate) this.#requeue(half);
      else await this.#runParts(half, beganMs);
    }
  }

  /** Each event's commands are the first of its queue again, and its next batch. */
  #requeue(parts: readonly EventPart[]): void {
    for (const { queue, batch } of parts) {
      queue.waiting.unshift(...batch);
      queue.mustRunAlone = true;
      // Those that came meanwhile may wait for longer than these.
      clearTimeout(queue.timeout);
      queue.timeout = undefined;
      this.#scheduleWaitTimeout(queue);
      this.#ready.push(queue);
    }
    this.#startBatches();
  }

  /** After a batch: the event waits for its next turn, or is idle. */
  #finishBatch(queue: EventQueue): void {
    const gives = queue.batchesToYield > 0;
    if (gives) queue.batchesToYield -= 1;
    if (gives && this.#sharedBatchesToYield === 0) void this.#yieldEvent(queue);
    else this.#continueOrRetire(queue);
  }

  #continueOrRetire(queue: EventQueue): void {
    if (queue.waiting.length > 0) {
      this.#ready.push(queue);
      return;
    }
    queue.isBusy = false;
    if (queue.expiryCommands.length > 0) this.#markReadyWhenQuiet(queue);
    else this.#retire(queue);
  }

  #retire(queue: EventQueue): void {
    clearTimeout(queue.timeout);
    clearTimeout(queue.quietTimer);
    this.#queues.delete(queue.eventId);
    if (this.#queues.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /**
   * Leaves the event to the other processes for a batch, if one of them wants it. Whoever has just had a turn is the
   * first to ask for the next one; without this the others would get theirs by luck alone. Commands that come meanwhile
   * are in the next batch, which is the larger for it.
   */
  async #yieldEvent(queue: EventQueue): Promise<void> {
    await delay(yieldMs(queue));
    if (this.#eventsWaitedFor < EVENTS_WAITED_FOR_MAX) {
      this.#eventsWaitedFor += 1;
      await this.transaction.waitUntilUnclaimed([queue.eventId]).finally(() => {
        this.#eventsWaitedFor -= 1;
      });
    }
    this.#continueOrRetire(queue);
    this.#startBatches();
  }

  /** Never throws: whatever happens to the batch, each of its callers is answered. */
  async #run(queue: EventQueue, batch: readonly QueuedCommand[]): Promise<void> {
    const startMs = monotonicMs();
    try {
      const { outcomes, attempts, fencingToken, hadConflict } = await this.transaction.run(
        queue.eventId,
        commandsOf(batch),
      );
      const othersHadTurns =
        fencingToken !== undefined &&
        queue.lastFencingToken !== undefined &&
        fencingToken - queue.lastFencingToken > 1;
      if (hadConflict || othersHadTurns) queue.batchesToYield = YIELDED_BATCHES;
      queue.lastFencingToken = fencingToken;
      this.#reportCommitted([{ batch }], attempts, startMs);
      settleAll(batch, outcomes);
    } catch (fault) {
      if (batch.length === 1) {
        for (const waiting of batch) waiting.reject(fault);
        return;
      }
      // A lasting fault has one guilty command; run alone, only that one fails. Nothing of the batch was done.
      for (const waiting of batch) {
        if (monotonicMs() - startMs > QUEUE_WAIT_MS_MAX) waiting.reject(tooBusy(RETRY_AFTER_MS_MIN));
        else await this.#run(queue, [waiting]);
      }
    }
  }

  /** Sees to it that nobody waits for longer than promised, even while a batch hangs. */
  #scheduleWaitTimeout(queue: EventQueue): void {
    if (queue.timeout !== undefined) return;
    const oldest = queue.waiting[0];
    if (oldest === undefined) return;
    const leftMs = oldest.queuedAtMs + QUEUE_WAIT_MS_MAX - monotonicMs();
    queue.timeout = setTimeout(
      () => {
        queue.timeout = undefined;
        const latestMs = monotonicMs() - QUEUE_WAIT_MS_MAX;
        const young = queue.waiting.findIndex((waiting) => waiting.queuedAtMs > latestMs);
        const tooOld = queue.waiting.splice(0, young === -1 ? queue.waiting.length : young);
        for (const waiting of tooOld) waiting.reject(tooBusy(retryAfterMs(queue)));
        this.#scheduleWaitTimeout(queue);
      },
      Math.max(1, leftMs),
    );
    queue.timeout.unref();
  }
}

const EXPIRY_COMMANDS: readonly Command['kind'][] = ['expireLocks', 'expireBookings', 'expirePayments'];

const isExpiry = ({ kind }: Command): boolean => EXPIRY_COMMANDS.includes(kind);

const yieldMs = ({ lastBatchMs }: EventQueue): number =>
  Math.max(YIELD_MS_MIN, Math.min(YIELD_MS_MAX, lastBatchMs * YIELD_PART));

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const commandsOf = (batch: readonly QueuedCommand[]): Command[] => batch.map(({ command }) => command);

function settleAll(batch: readonly QueuedCommand[], outcomes: readonly BatchOutcome[]): void {
  batch.forEach((waiting, index) => {
    settle(waiting, outcomes[index] as BatchOutcome);
  });
}

function settle(waiting: QueuedCommand, outcome: BatchOutcome): void {
  if ('answer' in outcome) waiting.resolve(outcome.answer as never);
  else if ('refusal' in outcome) waiting.reject(outcome.refusal);
  else waiting.reject(outcome.fault);
}

function tooBusy(retryAfterMs: number): DomainError {
  return new DomainError(
    'TOO_BUSY',
    'Too many people want this at once; nothing was done. Try again shortly.',
    {
      retryAfterMs,
    },
  );
}

/** About as long as what waits now will take. */
function retryAfterMs(queue: EventQueue): number {
  const batches = Math.ceil(queue.waiting.length / BATCH_SIZE_MAX);
  return Math.max(RETRY_AFTER_MS_MIN, Math.min(QUEUE_WAIT_MS_MAX, Math.round(batches * queue.lastBatchMs)));
}
