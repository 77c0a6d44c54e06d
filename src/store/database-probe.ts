import { setTimeout as wait } from 'node:timers/promises';
import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';

/** From an answer to the next probe. */
const PROBE_EVERY_MS = 500;
/** From a failed probe to the next one. */
const PROBE_RETRY_MS = 100;
/** After this long without an answer the database counts as unavailable: it died, froze, holds an election or is too slow. */
export const UNAVAILABLE_AFTER_MS = 1_500;

/**
 * Probes continuously whether the database is available, so that new work is refused at once while it is not. It is a
 * circuit breaker with its own probe. The results of batches would tell too late: a batch is retried for ten seconds, as
 * work that was accepted before an election should survive it.
 */
export class DatabaseProbe {
  #isUnavailable = false;
  readonly #closed = new AbortController();

  constructor(
    private readonly ping: () => Promise<unknown>,
    private readonly log: Log,
  ) {
    void this.#run();
  }

  get isUnavailable(): boolean {
    return this.#isUnavailable;
  }

  /** A probe in progress ends with the connection. */
  close(): void {
    this.#closed.abort();
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      await this.#probe();
      await this.#wait(PROBE_EVERY_MS);
    }
  }

  /** Returns after the first answer, however many attempts that takes. */
  async #probe(): Promise<void> {
    const { signal } = this.#closed;
    const startMs = monotonicMs();
    let isAnswered = false;
    const late = setTimeout(() => {
      // If this process was blocked, an answer may have arrived and be next in the event loop.
      setImmediate(() => {
        if (isAnswered || signal.aborted) return;
        this.#isUnavailable = true;
        this.log.warn(
          { ms: UNAVAILABLE_AFTER_MS },
          'The database does not answer; new work is refused until it does',
        );
      });
    }, UNAVAILABLE_AFTER_MS);
    while (!signal.aborted && !(await this.#succeeds())) await this.#wait(PROBE_RETRY_MS);
    isAnswered = true;
    clearTimeout(late);
    if (!this.#isUnavailable || signal.aborted) return;
    this.#isUnavailable = false;
    this.log.info({ awayMs: Math.round(monotonicMs() - startMs) }, 'The database answers again');
  }

  async #succeeds(): Promise<boolean> {
    return this.ping().then(
      () => true,
      () => false,
    );
  }

  #wait(ms: number): Promise<void> {
    return wait(ms, undefined, { ref: false, signal: this.#closed.signal }).catch(() => undefined);
  }
}
