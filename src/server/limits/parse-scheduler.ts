import { FairQueue } from './fair-queue.js';

/**
 * Parses one new document in each iteration of the event loop, and rotates between client addresses. A document takes some
 * milliseconds, and hundreds can arrive in one read. p-limit and p-queue do not rotate.
 */
export class ParseScheduler {
  readonly #queue = new FairQueue<() => void>();
  #isScheduled = false;

  /** Resolves when one document may be parsed, which has to be done at once. */
  slot(address: string): Promise<void> {
    return new Promise((resolve) => {
      this.#queue.enqueue(address, resolve);
      this.#runNext();
    });
  }

  #runNext(): void {
    if (this.#isScheduled || this.#queue.isEmpty) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const [parse] = this.#queue.turn();
      parse?.();
      this.#runNext();
    });
  }
}
