import { setTimeout as wait } from 'node:timers/promises';
import { monotonicMs } from '../core/clock.js';
import type { Log } from '../core/log.js';

/** Between an answer of the database and the next question. */
const PROBE_EVERY_MS = 500;
/** After a question that failed. */
const PROBE_RETRY_MS = 100;
/** A primary that has not answered for so long is away: it died, froze, is being elected, or is of no use for new work. */
export const UNAVAILABLE_AFTER_MS = 1_500;

/**
 * Whether the database is away, asked of it all the time, so that nobody new has to wait to find out. It is a circuit
 * breaker with a sensor of its own: a batch is tried for ten seconds before it has an outcome to be judged by, and
 * what is in a batch before an election is meant to outlast it.
 */
export class DatabaseProbe {
  #isUnavailable = false;
  readonly #closed = new AbortController();

  constructor(
    private readonly question: () => Promise<unknown>,
    private readonly log: Log,
  ) {
    void this.#run();
  }

  get isUnavailable(): boolean {
    return this.#isUnavailable;
  }

  /** A question that is under way ends with the connection. */
  close(): void {
    this.#closed.abort();
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      await this.#probe();
      await this.#wait(PROBE_EVERY_MS);
    }
  }

  /** Returns once there was an answer, however often it takes to ask. */
  async #probe(): Promise<void> {
    const { signal } = this.#closed;
    const startMs = monotonicMs();
    let isAnswered = false;
    const late = setTimeout(() => {
      // An answer may be there already, behind whatever kept this process from looking.
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
    return this.question().then(
      () => true,
      () => false,
    );
  }

  #wait(ms: number): Promise<void> {
    return wait(ms, undefined, { ref: false, signal: this.#closed.signal }).catch(() => undefined);
  }
}
