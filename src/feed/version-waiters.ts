/** How long to wait for the change stream to deliver a known version before the database is read instead. */
export const STREAM_LAG_MS_MAX = 1_000;

/** Callers that wait until a live map has reached a version. */
export class VersionWaiters {
  readonly #waiters = new Set<{ readonly version: number; readonly done: () => void }>();
  #closed = false;

  /** Returns once `release` is called with this version or a later one, and after STREAM_LAG_MS_MAX at the latest. */
  wait(version: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timeout);
        this.#waiters.delete(waiter);
        resolve();
      };
      const waiter = { version, done };
      const timeout = setTimeout(done, STREAM_LAG_MS_MAX);
      this.#waiters.add(waiter);
    });
  }

  release(reached: number): void {
    for (const { version, done } of this.#waiters) if (version <= reached) done();
  }

  /** Releases everybody and sets no timer any more. */
  close(): void {
    this.#closed = true;
    this.release(Number.POSITIVE_INFINITY);
  }
}
