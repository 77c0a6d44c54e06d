/** What was started, so that it can be ended in reverse order. */
export class Closers {
  readonly #closers: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  get areClosing(): boolean {
    return this.#closing !== undefined;
  }

  add(closer: () => unknown): void {
    this.#closers.push(closer);
  }

  /** Ends everything. It may be called twice, and while things are still being started. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (let closer = this.#closers.pop(); closer !== undefined; closer = this.#closers.pop()) {
      try {
        await closer();
      } catch {
        // A failure here must not keep the rest from being ended.
      }
    }
  }
}

export function opened<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The environment is not open.');
  return value;
}
