import { monotonicMs } from '../core/clock.js';

/** Of the time, what may go into executing updates for those who do not have to be told at once. */
const SHARE = 1 / 4;
/** What may be saved up of it. */
const SAVED_MS_MAX = 100;
/** What may be owed: after no execution, whatever kept it, do the others wait for longer than a second. */
const OWED_MS_MAX = 250;
/** Calls are answered and others are told after this long. */
const AT_ONCE_MS = 10;

/** Whoever waits to be executed for. */
export interface WaitingForExecution {
  /** Takes its update now, which may be executed for it. */
  execute(): void;
}

/** Those of one address by what they share: one execution is for all who wait for it. */
type ByKey = Map<string, Set<WaitingForExecution>>;

/**
 * Hands out the time for executing updates. A process has as many as there are different words for the same: whoever
 * thinks up hundreds may not keep those waiting who do not. So what nobody else shares takes a part of the time and no
 * more, each address in its turn, and before every other one those who ask as many do.
 */
export class ExecutionTurns {
  readonly #many: ByKey = new Map();
  readonly #byAddress = new Map<string, ByKey>();
  #balanceMs = SAVED_MS_MAX;
  #balanceAtMs = monotonicMs();
  #executions = 0;
  #manyNext = true;
  #timer: NodeJS.Timeout | undefined;

  /** Whether whoever comes may be executed for at once. */
  get isFree(): boolean {
    return this.#many.size === 0 && this.#byAddress.size === 0 && this.#balance() >= 0;
  }

  /** Somebody was executed for who did not have to be told at once. */
  took(ms: number): void {
    this.#balanceMs = Math.max(-OWED_MS_MAX, this.#balance() - ms);
    this.#executions += 1;
  }

  /** @param isOfMany whether many ask alike */
  wait(waiting: WaitingForExecution, key: string, address: string, isOfMany: boolean): void {
    let byKey = isOfMany ? this.#many : this.#byAddress.get(address);
    if (byKey === undefined) {
      byKey = new Map();
      this.#byAddress.set(address, byKey);
    }
    const alike = byKey.get(key) ?? new Set();
    byKey.set(key, alike.add(waiting));
    this.#schedule();
  }

  /** It is over, and waits for nothing any more. */
  leave(waiting: WaitingForExecution, key: string, address: string): void {
    const ofAddress = this.#byAddress.get(address);
    for (const byKey of [this.#many, ofAddress]) {
      const alike = byKey?.get(key);
      if (alike?.delete(waiting) && alike.size === 0) byKey?.delete(key);
    }
    if (ofAddress?.size === 0) this.#byAddress.delete(address);
  }

  #balance(): number {
    const nowMs = monotonicMs();
    this.#balanceMs = Math.min(SAVED_MS_MAX, this.#balanceMs + SHARE * (nowMs - this.#balanceAtMs));
    this.#balanceAtMs = nowMs;
    return this.#balanceMs;
  }

  #schedule(): void {
    if (this.#timer !== undefined || (this.#many.size === 0 && this.#byAddress.size === 0)) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#give();
        this.#schedule();
      },
      Math.max(0, -this.#balance() / SHARE),
    );
    this.#timer.unref();
  }

  #give(): void {
    const startMs = monotonicMs();
    while (monotonicMs() - startMs < AT_ONCE_MS && this.#balance() >= 0) {
      const address = this.#next();
      if (address === undefined) return;
      const byKey = address === null ? this.#many : this.#byAddress.get(address);
      const [key] = byKey?.keys() ?? [];
      if (byKey === undefined || key === undefined) return;
      this.#executeFor(byKey, key, startMs);
      if (address === null) continue;
      // It comes again behind the others.
      this.#byAddress.delete(address);
      if (byKey.size > 0) this.#byAddress.set(address, byKey);
    }
  }

  /** Those who come after the first share what was executed; who turns out not to waits for another turn. */
  #executeFor(byKey: ByKey, key: string, startMs: number): void {
    const alike = byKey.get(key) ?? new Set();
    byKey.delete(key);
    const before = this.#executions;
    for (const waiting of alike) {
      if (this.#executions > before + 1 || monotonicMs() - startMs > 2 * AT_ONCE_MS) break;
      alike.delete(waiting);
      waiting.execute();
    }
    for (const waiting of byKey.get(key) ?? []) alike.add(waiting);
    if (alike.size > 0) byKey.set(key, alike);
  }

  /** @returns null for what many ask alike, or an address; every other one is the many's while there are both */
  #next(): string | null | undefined {
    const [address] = this.#byAddress.keys();
    const isManys = this.#many.size > 0 && (this.#manyNext || address === undefined);
    this.#manyNext = !isManys;
    return isManys ? null : address;
  }
}
