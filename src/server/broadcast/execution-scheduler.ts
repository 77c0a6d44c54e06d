import { monotonicMs } from '../../core/clock.js';
import { FairQueue } from '../limits/fair-queue.js';

/** The fraction of the time that individual answers may take. */
const CPU_SHARE = 1 / 4;
/** The maximum of unused time that can be saved up. */
const CREDIT_MS_MAX = 100;
/**
 * The maximum debt. A quarter of a second is paid off in one second, so one slow execution delays the others by at most
 * that.
 */
const DEBT_MS_MAX = 250;
/** After this time other work of the process continues. */
const SLICE_MS_MAX = 10;

/** Waits for a scheduler slot. */
export interface QueuedExecution {
  /** Takes its update now, and executes it if nobody has. */
  execute(): void;
}

interface QueuedGroup {
  readonly key: string;
  /** The members that wait, each with its client address. */
  readonly members: Map<QueuedExecution, string>;
}

/** Waiting executions by group key: one execution serves everybody who waits for it, from whatever address. */
class ExecutionQueue {
  /** May still have the key of a group that has no waiting members any more. Such a key is skipped. */
  #keys = new FairQueue<string>();
  readonly #groups = new Map<string, Map<QueuedExecution, string>>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  enqueue(execution: QueuedExecution, key: string, address: string): void {
    const members = this.#groups.get(key);
    if (members === undefined) this.#groups.set(key, new Map([[execution, address]]));
    else members.set(execution, address);
    this.#keys.enqueue(address, key);
  }

  remove(execution: QueuedExecution, key: string): void {
    const members = this.#groups.get(key);
    if (members?.delete(execution) && members.size === 0) this.#groups.delete(key);
    this.#clearQueue();
  }

  dequeue(): QueuedGroup | undefined {
    for (let key = this.#keys.dequeue(); key !== undefined; key = this.#keys.dequeue()) {
      const members = this.#groups.get(key);
      this.#groups.delete(key);
      if (members === undefined) continue;
      this.#clearQueue();
      return { key, members };
    }
    return undefined;
  }

  #clearQueue(): void {
    if (this.isEmpty && !this.#keys.isEmpty) this.#keys = new FairQueue();
  }
}

/**
 * Limits the time for executing individual answers. A client can write the same operation in hundreds of ways, and each
 * costs an execution for every update. So individual answers take a quarter of the time at most. Slots rotate between
 * client addresses, and every other slot is for a shared group.
 */
export class ExecutionScheduler {
  readonly #shared = new ExecutionQueue();
  readonly #individual = new ExecutionQueue();
  #balanceMs = CREDIT_MS_MAX;
  #balanceAtMs = monotonicMs();
  #executions = 0;
  #sharedIsNext = true;
  #timer: NodeJS.Timeout | undefined;

  /** Whether an execution may run at once. */
  get hasFreeSlot(): boolean {
    return this.#isEmpty && this.#creditMs() >= 0;
  }

  get #isEmpty(): boolean {
    return this.#shared.isEmpty && this.#individual.isEmpty;
  }

  /** Records the time of an individual execution. */
  charge(ms: number): void {
    this.#balanceMs = Math.max(-DEBT_MS_MAX, this.#creditMs() - ms);
    this.#executions += 1;
  }

  /** @param isShared whether it waits with a shared group */
  enqueue(execution: QueuedExecution, key: string, address: string, isShared: boolean): void {
    (isShared ? this.#shared : this.#individual).enqueue(execution, key, address);
    this.#schedule();
  }

  remove(execution: QueuedExecution, key: string): void {
    this.#shared.remove(execution, key);
    this.#individual.remove(execution, key);
  }

  #creditMs(): number {
    const nowMs = monotonicMs();
    this.#balanceMs = Math.min(CREDIT_MS_MAX, this.#balanceMs + CPU_SHARE * (nowMs - this.#balanceAtMs));
    this.#balanceAtMs = nowMs;
    return this.#balanceMs;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isEmpty) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#runSlice();
        this.#schedule();
      },
      Math.max(0, -this.#creditMs() / CPU_SHARE),
    );
    this.#timer.unref();
  }

  #runSlice(): void {
    const startMs = monotonicMs();
    while (monotonicMs() - startMs < SLICE_MS_MAX && this.#creditMs() >= 0) {
      const queue = this.#nextQueue();
      const group = queue.dequeue();
      if (group === undefined) return;
      this.#executeFor(group.members, startMs);
      for (const [execution, address] of group.members) queue.enqueue(execution, group.key, address);
    }
  }

  /**
   * Serves and removes members, who share what the first one executed. It stops when a second execution was needed,
   * since the remaining members may need one each, or when it takes too long. They wait for another slot.
   */
  #executeFor(members: Map<QueuedExecution, string>, startMs: number): void {
    const before = this.#executions;
    for (const execution of members.keys()) {
      if (this.#executions > before + 1 || monotonicMs() - startMs > 2 * SLICE_MS_MAX) break;
      members.delete(execution);
      execution.execute();
    }
  }

  /** Alternates between the queues while both have members. */
  #nextQueue(): ExecutionQueue {
    const isShared = !this.#shared.isEmpty && (this.#sharedIsNext || this.#individual.isEmpty);
    this.#sharedIsNext = !isShared;
    return isShared ? this.#shared : this.#individual;
  }
}
