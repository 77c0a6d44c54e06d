import { BATCH_SIZE_MAX, type CommandQueue, type QueuedCommand } from './command-queue.js';
import type { ProcessFairness } from './process-fairness.js';

/** Events that share a batch. */
export const EVENTS_PER_BATCH_MAX = 100;

/** What a batch holds of one event. */
export interface EventPart {
  readonly queue: CommandQueue;
  readonly batch: readonly QueuedCommand[];
}

/** The events that are ready for a batch, in the order in which they became ready, and which of them share the next one. */
export class ReadyEvents {
  readonly #queues: CommandQueue[] = [];

  /** @param onEmpty receives an event whose commands were all refused while it was ready */
  constructor(
    private readonly fairness: ProcessFairness,
    private readonly onEmpty: (queue: CommandQueue) => void,
  ) {}

  get isEmpty(): boolean {
    return this.#queues.length === 0;
  }

  add(queue: CommandQueue): void {
    this.#queues.push(queue);
  }

  /** Takes the commands of the first event, and those of the following ones until the batch is full. */
  takeBatch(): EventPart[] {
    const parts: EventPart[] = [];
    let room = BATCH_SIZE_MAX;
    while (room > 0 && parts.length < EVENTS_PER_BATCH_MAX) {
      const [queue] = this.#queues;
      if (queue === undefined) break;
      const isAlone = this.#runsAlone(queue);
      if (isAlone && parts.length > 0) break;
      this.#queues.shift();
      const batch = queue.take(room);
      if (batch.length === 0) {
        this.onEmpty(queue);
        continue;
      }
      room -= batch.length;
      parts.push({ queue, batch });
      queue.mustRunAlone = false;
      if (isAlone) break;
    }
    return parts;
  }

  /** The events that would share the next batch now; empty if the first one runs alone. */
  nextShared(): CommandQueue[] {
    const ready = this.#queues.slice(0, EVENTS_PER_BATCH_MAX);
    const end = ready.findIndex((queue) => this.#runsAlone(queue));
    return end === -1 ? ready : ready.slice(0, end);
  }

  #runsAlone(queue: CommandQueue): boolean {
    // These change many records, and other events should not wait for that.
    if (queue.mustRunAlone || queue.expiryCommands.length > 0 || queue.hasBulkCommand) return true;
    // An event that competes with other processes would delay the others. If most events do, they share all the same.
    return queue.batchesToYield > 0 && !this.fairness.yieldsShared;
  }
}
