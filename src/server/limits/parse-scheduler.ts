import { FairQueue } from './fair-queue.js';

/**
 * Documents that are new are read one at a time, with everything else in between, and each address has its turn: to read
 * one takes some milliseconds, and hundreds can come in one piece.
 */
export class ParseScheduler {
  readonly #turns = new FairQueue<() => void>();
  #isScheduled = false;

  /** Returns when one may be read, which has to be done at once. */
  slot(address: string): Promise<void> {
    return new Promise((resolve) => {
      this.#turns.enqueue(address, resolve);
      this.#runNext();
    });
  }

  #runNext(): void {
    if (this.#isScheduled || this.#turns.isEmpty) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turns.dequeue()?.();
      this.#runNext();
    });
  }
}
