import type { Alarm, Clock } from '../core/clock.js';

/** How soon a state that could not be read is read again. */
const READ_AGAIN_MS = 1_000;

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
      const at = new Date(this.clock.now().getTime() + READ_AGAIN_MS);
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
