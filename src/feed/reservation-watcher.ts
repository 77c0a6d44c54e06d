/**
 * One subscriber to one user's reservations of one event. Each turn means "read the present state and send it":
 * whatever happens while a state is being read and sent is told by one more state.
 */
export class ReservationWatcher implements AsyncIterableIterator<void> {
  /** The first state is sent at once. */
  #dirty = true;
  #wake: (() => void) | undefined;
  #done = false;

  constructor(private readonly onEnd: () => void) {}

  changed(): void {
    this.#dirty = true;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<void>> {
    while (!this.#dirty && !this.#done) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#dirty = false;
    return this.#done ? { done: true, value: undefined } : { done: false, value: undefined };
  }

  async return(): Promise<IteratorResult<void>> {
    if (!this.#done) {
      this.#done = true;
      this.#wake?.();
      this.onEnd();
    }
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
