import type { Command } from '../../booking/commands.js';
import { monotonicMs } from '../../core/clock.js';
import { DomainError } from '../../core/errors.js';
import type { BatchOutcome } from './batch-decision.js';

/** Commands waiting for one event. A refused client can come back; a waiting one is stuck. */
export const QUEUE_LENGTH_MAX = 20_000;
/** Commands in one transaction: enough to share its cost, few enough to commit in well under a second. */
export const BATCH_SIZE_MAX = 200;
/** How long a command may wait before it enters a batch. */
export const QUEUE_WAIT_MS_MAX = 5_000;
const RETRY_AFTER_MS_MIN = 250;

/** Whether the command may name thousands of seats: a batch has at most one of these. */
const isBulk = ({ command }: QueuedCommand): boolean => command.kind === 'holdBackSeats';

export interface QueuedCommand {
  readonly command: Command;
  readonly queuedAtMs: number;
  resolve(answer: never): void;
  reject(error: unknown): void;
}

/** The commands of one event that wait for its next batch, and what is known of its last batch. */
export class CommandQueue {
  readonly waiting: QueuedCommand[] = [];
  /** No caller waits for these. They join a batch of other commands, or get their own once the event is quiet. */
  readonly expiryCommands: QueuedCommand[] = [];
  /** Whether a batch of the event is in flight, or the event is ready or yields before its next one. */
  isBusy = false;
  lastBatchMs = 0;
  /** Before how many of its next batches the event yields to other processes. */
  batchesToYield = 0;
  /** The event's fencing token after its last batch; undefined if that is not known. */
  lastFencingToken: number | undefined;
  /** The event's next batch is not shared, because a shared one failed. */
  mustRunAlone = false;
  quietTimer: NodeJS.Timeout | undefined;
  #waitTimer: NodeJS.Timeout | undefined;

  constructor(readonly eventId: string) {}

  /** Takes up to `room` commands, and all expiry commands. Commands behind a second bulk command need not wait for it. */
  take(room: number): QueuedCommand[] {
    const taken: QueuedCommand[] = [];
    const later: QueuedCommand[] = [];
    let hasTakenBulk = false;
    let next = 0;
    for (; next < this.waiting.length && taken.length < room; next++) {
      const queued = this.waiting[next] as QueuedCommand;
      const isForLater = hasTakenBulk && isBulk(queued);
      hasTakenBulk ||= isBulk(queued);
      (isForLater ? later : taken).push(queued);
    }
    this.waiting.splice(0, next, ...later);
    return [...taken, ...this.expiryCommands.splice(0)];
  }

  get hasBulkCommand(): boolean {
    return this.waiting.some(isBulk);
  }

  /** Puts the commands of a failed batch back in front, to be run without other events. */
  putBack(commands: readonly QueuedCommand[]): void {
    this.waiting.unshift(...commands);
    this.mustRunAlone = true;
    // These have waited longer than the command that the timer was set for.
    clearTimeout(this.#waitTimer);
    this.#waitTimer = undefined;
    this.scheduleWaitTimeout();
  }

  /** Refuses commands that have waited for QUEUE_WAIT_MS_MAX, even while a batch hangs. */
  scheduleWaitTimeout(): void {
    if (this.#waitTimer !== undefined) return;
    const oldest = this.waiting[0];
    if (oldest === undefined) return;
    const leftMs = oldest.queuedAtMs + QUEUE_WAIT_MS_MAX - monotonicMs();
    this.#waitTimer = setTimeout(
      () => {
        this.#waitTimer = undefined;
        const latestMs = monotonicMs() - QUEUE_WAIT_MS_MAX;
        const young = this.waiting.findIndex(({ queuedAtMs }) => queuedAtMs > latestMs);
        const tooOld = this.waiting.splice(0, young === -1 ? this.waiting.length : young);
        for (const queued of tooOld) queued.reject(tooBusy(this.retryAfterMs));
        this.scheduleWaitTimeout();
      },
      Math.max(1, leftMs),
    );
    this.#waitTimer.unref();
  }

  /** About as long as the waiting commands will take. */
  get retryAfterMs(): number {
    const batches = Math.ceil(this.waiting.length / BATCH_SIZE_MAX);
    return Math.max(RETRY_AFTER_MS_MIN, Math.min(QUEUE_WAIT_MS_MAX, Math.round(batches * this.lastBatchMs)));
  }

  clearTimers(): void {
    clearTimeout(this.#waitTimer);
    clearTimeout(this.quietTimer);
  }
}

export const commandsOf = (batch: readonly QueuedCommand[]): Command[] => batch.map(({ command }) => command);

/** Answers each command of a batch with its outcome. */
export function settleAll(batch: readonly QueuedCommand[], outcomes: readonly BatchOutcome[]): void {
  batch.forEach((queued, index) => {
    const outcome = outcomes[index] as BatchOutcome;
    if ('answer' in outcome) queued.resolve(outcome.answer as never);
    else if ('refusal' in outcome) queued.reject(outcome.refusal);
    else queued.reject(outcome.fault);
  });
}

export function tooBusy(retryAfterMs = RETRY_AFTER_MS_MIN): DomainError {
  return new DomainError(
    'TOO_BUSY',
    'Too many people want this at once; nothing was done. Try again shortly.',
    { retryAfterMs },
  );
}
