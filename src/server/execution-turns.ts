import { monotonicMs } from '../core/clock.js';
import { AddressTurns } from './address-turns.js';

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

/** Those who wait, by what they share: one execution is for all who wait for it, whatever their address. */
class Waiters {
  /** Their keys; a key that nobody waits with any more is passed over. */
  #turns = new AddressTurns<string>();
  readonly #alike = new Map<string, Map<WaitingForExecution, string>>();

  get isEmpty(): boolean {
    return this.#alike.size === 0;
  }

  wait(waiting: WaitingForExecution, key: string, address: string): void {
    const alike = this.#alike.get(key);
    if (alike === undefined) this.#alike.set(key, new Map([[waiting, address]]));
    else alike.set(waiting, address);
    this.#turns.wait(address, key);
  }

  leave(waiting: WaitingForExecution, key: string): void {
    const alike = this.#alike.get(key);
    if (alike?.delete(waiting) && alike.size === 0) this.#alike.delete(key);
    this.#forgetTurns();
  }

  /** Those whose turn it is, who wait no longer. */
  next(): { readonly key: string; readonly alike: Map<WaitingForExecution, string> } | undefined {
    for (let key = this.#turns.next(); key !== undefined; key = this.#turns.next()) {
      const alike = this.#alike.get(key);
      this.#alike.delete(key);
      if (alike === undefined) continue;
      this.#forgetTurns();
      return { key, alike };
    }
    return undefined;
  }

  #forgetTurns(): void {
    if (this.isEmpty && !this.#turns.isEmpty) this.#turns = new AddressTurns();
  }
}

/**
 * Hands out the time for executing updates. A process has as many as there are different words for the same: whoever
 * thinks up hundreds may not keep those waiting who do not. So what nobody else shares takes a part of the time and no
 * more, each address in its turn, and before every other one those who ask as many do.
 */
export class ExecutionTurns {
  readonly #many = new Waiters();
  readonly #odd = new Waiters();
  #balanceMs = SAVED_MS_MAX;
  #balanceAtMs = monotonicMs();
  #executions = 0;
  #manyNext = true;
  #timer: NodeJS.Timeout | undefined;

  /** Whether whoever comes may be executed for at once. */
  get isFree(): boolean {
    return this.#isEmpty && this.#balance() >= 0;
  }

  get #isEmpty(): boolean {
    return this.#many.isEmpty && this.#odd.isEmpty;
  }

  /** Somebody was executed for who did not have to be told at once. */
  took(ms: number): void {
    this.#balanceMs = Math.max(-OWED_MS_MAX, this.#balance() - ms);
    this.#executions += 1;
  }

  /** @param isOfMany whether many ask alike */
  wait(waiting: WaitingForExecution, key: string, address: string, isOfMany: boolean): void {
    (isOfMany ? this.#many : this.#odd).wait(waiting, key, address);
    this.#schedule();
  }

  /** It is over, and waits for nothing any more. */
  leave(waiting: WaitingForExecution, key: string): void {
    this.#many.leave(waiting, key);
    this.#odd.leave(waiting, key);
  }

  #balance(): number {
    const nowMs = monotonicMs();
    this.#balanceMs = Math.min(SAVED_MS_MAX, this.#balanceMs + SHARE * (nowMs - this.#balanceAtMs));
    this.#balanceAtMs = nowMs;
    return this.#balanceMs;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isEmpty) return;
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
      const waiters = this.#next();
      const turn = waiters.next();
      if (turn === undefined) return;
      const stillWait = this.#executeFor(turn.alike, startMs);
      for (const [waiting, address] of stillWait) waiters.wait(waiting, turn.key, address);
    }
  }

  /**
   * Those who come after the first share what was executed.
   *
   * @returns those who turned out not to, who wait for another turn
   */
  #executeFor(
    alike: Map<WaitingForExecution, string>,
    startMs: number,
  ): ReadonlyMap<WaitingForExecution, string> {
    const before = this.#executions;
    for (const waiting of alike.keys()) {
      if (this.#executions > before + 1 || monotonicMs() - startMs > 2 * AT_ONCE_MS) break;
      alike.delete(waiting);
      waiting.execute();
    }
    return alike;
  }

  /** Every other turn is for what many ask alike, while there are both. */
  #next(): Waiters {
    const isManys = !this.#many.isEmpty && (this.#manyNext || this.#odd.isEmpty);
    this.#manyNext = !isManys;
    return isManys ? this.#many : this.#odd;
  }
}
