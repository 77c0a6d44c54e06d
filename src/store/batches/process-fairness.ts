import type { BatchResult, BatchTransaction, SharedBatchResult } from './batch-transaction.js';
import type { CommandQueue } from './command-queue.js';

/** How many batches of an event yield after one that competed with another process's batches. */
const YIELDED_BATCHES = 10;
/** How long a process yields: time for a waiting process to notice that the event is free, and to claim it. */
export const YIELD_MS_MIN = 5;
export const YIELD_MS_MAX = 100;
/** On a busy machine everything takes longer, so the time is this part of the event's last batch. */
const YIELD_PART = 1 / 3;
/** Events waited for at a time; each holds a database connection. Further ones try without waiting. */
const EVENTS_WAITED_FOR_MAX = 8;

/**
 * Yields an event to other processes. The process that has just committed a batch is the first to claim the event
 * again, so that the others would get it by luck alone. Commands that arrive while it yields join the next batch.
 */
export class ProcessFairness {
  #eventsWaitedFor = 0;
  /** Before how many of the next shared batches this process yields. */
  #sharedBatchesToYield = 0;

  constructor(private readonly transaction: Pick<BatchTransaction, 'waitUntilUnclaimed'>) {}

  /** Whether batches of several events yield, because their events compete with other processes. */
  get yieldsShared(): boolean {
    return this.#sharedBatchesToYield > 0;
  }

  /** Notes whether another process had a batch of the event before, or since this process's last one. */
  recordBatch(queue: CommandQueue, { fencingToken, hadConflict }: BatchResult): void {
    const othersCommitted =
      fencingToken !== undefined &&
      queue.lastFencingToken !== undefined &&
      fencingToken - queue.lastFencingToken > 1;
    if (hadConflict || othersCommitted) queue.batchesToYield = YIELDED_BATCHES;
    queue.lastFencingToken = fencingToken;
  }

  recordSharedBatch({ hadConflict }: Pick<SharedBatchResult, 'hadConflict'>): void {
    if (hadConflict) this.#sharedBatchesToYield = YIELDED_BATCHES;
  }

  /** @returns whether the event yields before its next batch; a shared batch yields for all its events */
  mustYield(queue: CommandQueue): boolean {
    if (queue.batchesToYield === 0) return false;
    queue.batchesToYield -= 1;
    return !this.yieldsShared;
  }

  /** Leaves the event to another process for one batch, if one wants it. */
  async yieldEvent(queue: CommandQueue): Promise<void> {
    await delay(yieldMs(queue));
    if (this.#eventsWaitedFor >= EVENTS_WAITED_FOR_MAX) return;
    this.#eventsWaitedFor += 1;
    await this.transaction.waitUntilUnclaimed([queue.eventId]).finally(() => {
      this.#eventsWaitedFor -= 1;
    });
  }

  /** As `yieldEvent`, for the events that share the next batch. */
  async yieldShared(sharing: () => readonly CommandQueue[]): Promise<void> {
    const [first] = sharing();
    this.#sharedBatchesToYield -= 1;
    if (first !== undefined) await delay(yieldMs(first));
    // More events may have become ready in the meantime.
    await this.transaction.waitUntilUnclaimed(sharing().map(({ eventId }) => eventId));
  }
}

const yieldMs = ({ lastBatchMs }: CommandQueue): number =>
  Math.max(YIELD_MS_MIN, Math.min(YIELD_MS_MAX, lastBatchMs * YIELD_PART));

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
