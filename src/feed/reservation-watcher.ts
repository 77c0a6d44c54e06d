import type { Alarm, Clock } from '../core/clock.js';

/** Wait after a failed read. It doubles with every further failure, up to the maximum. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

/** "Read the current state and send it." */
export interface ReservationSignal {
  /** The state could not be read: another signal follows after a wait, even if nothing changes. */
  failed(): void;
}

/**
 * One subscriber of one user's reservations of one event. It gets a signal at once, and one after every change. Changes
 * that happen while a state is being read and sent cause one more signal together.
 */
export class ReservationWatcher implements AsyncIterableIterator<ReservationSignal> {
  /** The first state is sent at once. */
  #dirty = true;
  #wake: (() => void) | undefined;
  #done = false;
  #retry: Alarm | undefined;
  #lastFailed = false;
  /** Consecutive failures. */
  #failures = 0;

  constructor(
    private readonly clock: Clock,
    private readonly onEnd: () => void,
  ) {}

  changed(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  readonly #signal: ReservationSignal = {
    failed: () => {
      if (this.#done) return;
      this.#retry?.cancel();
      this.#lastFailed = true;
      const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures);
      this.#failures += 1;
      const at = new Date(this.clock.now().getTime() + waitMs);
      this.#retry = this.clock.at(at, () => this.changed());
    },
  };

  async next(): Promise<IteratorResult<ReservationSignal>> {
    while (!this.#dirty && !this.#done) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#dirty = false;
    if (!this.#lastFailed) this.#failures = 0;
    this.#lastFailed = false;
    return this.#done ? { done: true, value: undefined } : { done: false, value: this.#signal };
  }

  async return(): Promise<IteratorResult<ReservationSignal>> {
    if (!this.#done) {
      this.#done = true;
      this.#retry?.cancel();
      this.#wake?.();
      this.onEnd();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
