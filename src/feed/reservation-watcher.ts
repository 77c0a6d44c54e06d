import type { Alarm, Clock } from '../core/clock.js';

/** How soon a state that could not be read is read again, twice as long after each time that it could not. */
const READ_AGAIN_MS = 1_000;
const READ_AGAIN_MS_MAX = 30_000;

/** "Read the present state and send it." */
export interface ReservationTurn {
  /** The state could not be read: there will be another turn in a moment, whether or not anything changes. */
  failed(): void;
}

/**
 * One subscriber to one user's reservations of one event: a turn at once, and one whenever something changed. Whatever
 * happens while a state is being read and sent is told by one more state.
 */
export class ReservationWatcher implements AsyncIterableIterator<ReservationTurn> {
  /** The first state is sent at once. */
  #dirty = true;
  #wake: (() => void) | undefined;
  #done = false;
  #again: Alarm | undefined;
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

  readonly #turn: ReservationTurn = {
    failed: () => {
      if (this.#done) return;
      this.#again?.cancel();
      this.#lastFailed = true;
      const waitMs = Math.min(READ_AGAIN_MS_MAX, READ_AGAIN_MS * 2 ** this.#failures);
      this.#failures += 1;
      const at = new Date(this.clock.now().getTime() + waitMs);
      this.#again = this.clock.at(at, () => this.changed());
    },
  };

  async next(): Promise<IteratorResult<ReservationTurn>> {
    while (!this.#dirty && !this.#done) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#dirty = false;
    if (!this.#lastFailed) this.#failures = 0;
    this.#lastFailed = false;
    return this.#done ? { done: true, value: undefined } : { done: false, value: this.#turn };
  }

  async return(): Promise<IteratorResult<ReservationTurn>> {
    if (!this.#done) {
      this.#done = true;
      this.#again?.cancel();
      this.#wake?.();
      this.onEnd();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
