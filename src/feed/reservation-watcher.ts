import type { Alarm, Clock } from '../core/clock.js';

/** How soon a state that could not be read is read again, twice as long after each time that it could not. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

/** "Read the present state and send it." */
export interface ReservationSignal {
  /** The state could not be read: there will be another turn in a moment, whether or not anything changes. */
  failed(): void;
}

/**
 * One subscriber to one user's reservations of one event: a turn at once, and one whenever something changed. Whatever
 * happens while a state is being read and sent is told by one more state.
 */
export class ReservationWatcher implements AsyncIterableIterator<ReservationSignal> {
  /** The first state is sent at once. */
  #dirty = true;
  #wake: (() => void) | undefined;
  #done = false;
  #retry: Alarm | undefined;
  #lastFailed = false;
  /** In a row. */
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
