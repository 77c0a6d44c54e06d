import { monotonicMs } from '../../core/clock.js';
import { FairQueue } from '../limits/fair-queue.js';

/** Of the time, what may go into executing updates for those who do not have to be told at once. */
const CPU_SHARE = 1 / 4;
/** What may be saved up of it. */
const CREDIT_MS_MAX = 100;
/** What may be owed: after no execution, whatever kept it, do the others wait for longer than a second. */
const DEBT_MS_MAX = 250;
/** Calls are answered and others are told after this long. */
const SLICE_MS_MAX = 10;

/** Whoever waits to be executed for. */
export interface QueuedExecution {
  /** Takes its update now, which may be executed for it. */
  execute(): void;
}

/** Those who wait, by what they share: one execution is for all who wait for it, whatever their address. */
class ExecutionQueue {
  /** Their keys; a key that nobody waits with any more is passed over. */
  #turns = new FairQueue<string>();
  readonly #alike = new Map<string, Map<QueuedExecution, string>>();

  get isEmpty(): boolean {
    return this.#alike.size === 0;
  }

  enqueue(waiting: QueuedExecution, key: string, address: string): void {
    const alike = this.#alike.get(key);
    if (alike === undefined) this.#alike.set(key, new Map([[waiting, address]]));
    else alike.set(waiting, address);
    this.#turns.enqueue(address, key);
  }

  remove(waiting: QueuedExecution, key: string): void {
    const alike = this.#alike.get(key);
    if (alike?.delete(waiting) && alike.size === 0) this.#alike.delete(key);
    this.#clearQueue();
  }

  /** Those whose turn it is, who wait no longer. */
  dequeue(): { readonly key: string; readonly alike: Map<QueuedExecution, string> } | undefined {
    for (let key = this.#turns.dequeue(); key !== undefined; key = this.#turns.dequeue()) {
      const alike = this.#alike.get(key);
      this.#alike.delete(key);
      if (alike === undefined) continue;
      this.#clearQueue();
      return { key, alike };
    }
    return undefined;
  }

  #clearQueue(): void {
    if (this.isEmpty && !this.#turns.isEmpty) this.#turns = new FairQueue();
  }
}

/**
 * Hands out the time for executing updates. A process has as many as there are different words for the same: whoever
 * thinks up hundreds may not keep those waiting who do not. So what nobody else shares takes a part of the time and no
 * more, each address in its turn, and before every other one those who ask as many do.
 */
export class ExecutionScheduler {
  readonly #shared = new ExecutionQueue();
  readonly #individual = new ExecutionQueue();
  #balanceMs = CREDIT_MS_MAX;
  #balanceAtMs = monotonicMs();
  #executions = 0;
  #sharedIsNext = true;
  #timer: NodeJS.Timeout | undefined;

  /** Whether whoever comes may be executed for at once. */
  get hasFreeSlot(): boolean {
    return this.#isEmpty && this.#creditMs() >= 0;
  }

  get #isEmpty(): boolean {
    return this.#shared.isEmpty && this.#individual.isEmpty;
  }

  /** Somebody was executed for who did not have to be told at once. */
  charge(ms: number): void {
    this.#balanceMs = Math.max(-DEBT_MS_MAX, this.#creditMs() - ms);
    this.#executions += 1;
  }

  /** @param isShared whether many ask alike */
  enqueue(waiting: QueuedExecution, key: string, address: string, isShared: boolean): void {
    (isShared ? this.#shared : this.#individual).enqueue(waiting, key, address);
    this.#schedule();
  }

  /** It is over, and waits for nothing any more. */
  remove(waiting: QueuedExecution, key: string): void {
    this.#shared.remove(waiting, key);
    this.#individual.remove(waiting, key);
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
      const waiters = this.#next();
      const turn = waiters.dequeue();
      if (turn === undefined) return;
      const stillWait = this.#executeFor(turn.alike, startMs);
      for (const [waiting, address] of stillWait) waiters.enqueue(waiting, turn.key, address);
    }
  }

  /**
   * Those who come after the first share what was executed.
   *
   * @returns those who turned out not to, who wait for another turn
   */
  #executeFor(alike: Map<QueuedExecution, string>, startMs: number): ReadonlyMap<QueuedExecution, string> {
    const before = this.#executions;
    for (const waiting of alike.keys()) {
      if (this.#executions > before + 1 || monotonicMs() - startMs > 2 * SLICE_MS_MAX) break;
      alike.delete(waiting);
      waiting.execute();
    }
    return alike;
  }

  /** Every other turn is for what many ask alike, while there are both. */
  #next(): ExecutionQueue {
    const isManys = !this.#shared.isEmpty && (this.#sharedIsNext || this.#individual.isEmpty);
    this.#sharedIsNext = !isManys;
    return isManys ? this.#shared : this.#individual;
  }
}
