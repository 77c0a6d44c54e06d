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

/**
 * Limits the time for executing individual answers. A client can write the same operation in hundreds of ways, and each
 * costs an execution for every update. So individual answers take a quarter of the time at most. Slots rotate between
 * client addresses, and every other slot is for a shared group.
 */
export class ExecutionScheduler {
  readonly #shared = new FairQueue<QueuedExecution>();
  readonly #individual = new FairQueue<QueuedExecution>();
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
  enqueue(execution: QueuedExecution, address: string, isShared: boolean): void {
    (isShared ? this.#shared : this.#individual).enqueue(address, execution);
    this.#schedule();
  }

  remove(execution: QueuedExecution, address: string): void {
    this.#shared.remove(address, execution);
    this.#individual.remove(address, execution);
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
    const endMs = monotonicMs() + SLICE_MS_MAX;
    while (!this.#isEmpty && monotonicMs() < endMs && this.#creditMs() >= 0)
      this.#runTurn(this.#nextQueue(), endMs);
  }

  /** An address's turn ends with its first execution. Whoever waits for the same answer finds it built, and takes no turn. */
  #runTurn(queue: FairQueue<QueuedExecution>, endMs: number): void {
    const before = this.#executions;
    for (const execution of queue.turn()) {
      execution.execute();
      if (this.#executions > before || monotonicMs() >= endMs) return;
    }
  }

  /** Alternates between the queues while both have members. */
  #nextQueue(): FairQueue<QueuedExecution> {
    const isShared = !this.#shared.isEmpty && (this.#sharedIsNext || this.#individual.isEmpty);
    this.#sharedIsNext = !isShared;
    return isShared ? this.#shared : this.#individual;
  }
}
