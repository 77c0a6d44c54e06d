import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from './call-history.js';

const PROBE_EVERY_MS = 200;
/** Longer than any check of the server may take. */
const ANSWER_MS_MAX = 3_000;

/** Reads `/readyz` all the time, like a load balancer. */
export class ReadinessProbe {
  readonly #answers: { readonly atMs: number; readonly ready: boolean }[] = [];
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(private readonly url: string) {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** @returns how long after an instant `/readyz` first had this answer; null if it never had */
  answeredAfterMs(ready: boolean, instantMs: number): number | null {
    const first = this.#answers.find(({ atMs, ready: answer }) => atMs >= instantMs && answer === ready);
    return first === undefined ? null : first.atMs - instantMs;
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const ready = await fetch(new URL('/readyz', this.url), { signal: AbortSignal.timeout(ANSWER_MS_MAX) })
        .then(async (response) => {
          await response.arrayBuffer();
          return response.status === 200;
        })
        .catch(() => false);
      this.#answers.push({ atMs: nowMs(), ready });
      await wait(PROBE_EVERY_MS);
    }
  }
}
