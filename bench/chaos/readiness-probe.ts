import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from './call-history.js';

const ASK_EVERY_MS = 200;
/** Longer than any of its checks may take. */
const ANSWER_MS_MAX = 3_000;

/** A load balancer's view of one server: asks /readyz all the time. */
export class ReadinessWatch {
  readonly #looks: { readonly atMs: number; readonly ready: boolean }[] = [];
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(private readonly url: string) {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** @returns how long after an instant it first said so; null: it did not */
  saidAfterMs(ready: boolean, instantMs: number): number | null {
    const look = this.#looks.find(({ atMs, ready: said }) => atMs >= instantMs && said === ready);
    return look === undefined ? null : look.atMs - instantMs;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const ready = await fetch(new URL('/readyz', this.url), { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
        .then(async (response) => {
          await response.arrayBuffer();
          return response.status === 200;
        })
        .catch(() => false);
      this.#looks.push({ atMs: nowMs(), ready });
      await wait(ASK_EVERY_MS);
    }
  }
}
