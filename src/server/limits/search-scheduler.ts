import { DomainError } from '../../core/errors.js';
import { FairQueue } from './fair-queue.js';

/** Searches of one process that the database does at a time. Each reads all upcoming events, and keeps a core busy. */
const AT_ONCE_MAX = 2;
/** Searches that wait for their turn: of one address, and of all. */
const WAITING_OF_ADDRESS_MAX = 20;
const WAITING_MAX = 1_000;
/** When a refused caller may ask again. */
const RETRY_AFTER_MS = 1_000;

/** Runs few searches at a time, so that the database stays free for buyers, and rotates between client addresses. */
export class SearchScheduler {
  readonly #queue = new FairQueue<() => void>();
  #running = 0;

  /** @throws TOO_BUSY if too many wait */
  async run<Answer>(address: string, search: () => Promise<Answer>): Promise<Answer> {
    await this.#slot(address);
    try {
      return await search();
    } finally {
      this.#running -= 1;
      this.#beginNext();
    }
  }

  #slot(address: string): Promise<void> {
    if (this.#queue.size >= WAITING_MAX || this.#queue.sizeOf(address) >= WAITING_OF_ADDRESS_MAX)
      throw new DomainError('TOO_BUSY', 'Too many people search at this moment. Try again soon.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    return new Promise((begin) => {
      this.#queue.enqueue(address, begin);
      this.#beginNext();
    });
  }

  #beginNext(): void {
    while (this.#running < AT_ONCE_MAX) {
      const [begin] = this.#queue.turn();
      if (begin === undefined) return;
      this.#running += 1;
      begin();
    }
  }
}
