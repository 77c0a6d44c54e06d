import { callAll } from './call-all.js';

/** After the last listener has left, a store stays open this long for the next one, e.g. that of the next page. */
const IDLE_MS_MAX = 1_000;

/**
 * A value that changes by itself while somebody listens. Its shape is what useSyncExternalStore of React needs, and what
 * stores of other frameworks are made of. Can be iterated with `for await`, which skips values that are outdated.
 */
export abstract class Store<Snapshot, Change = void> {
  readonly #listeners = new Set<(change: Change) => void>();
  #isOpen = false;
  #closing: ReturnType<typeof setTimeout> | undefined;

  /** Another object only if something has changed. */
  abstract readonly getSnapshot: () => Snapshot;

  /** Opens it for the first listener, and closes it after the last one. */
  readonly subscribe = (listener: (change: Change) => void): (() => void) => {
    // A function of its own: the same listener may subscribe twice.
    const added = (change: Change) => listener(change);
    this.#listeners.add(added);
    clearTimeout(this.#closing);
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.open();
    }
    return () => {
      if (!this.#listeners.delete(added) || this.#listeners.size > 0) return;
      this.#closing = setTimeout(() => this.#close(), IDLE_MS_MAX);
    };
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<Snapshot, never> {
    let wake = () => {};
    const stop = this.subscribe(() => wake());
    try {
      let last: Snapshot | undefined;
      for (;;) {
        const now = this.getSnapshot();
        if (now === last) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else {
          last = now;
          yield now;
        }
      }
    } finally {
      stop();
    }
  }

  /** Closes it at once, and forgets its listeners. */
  dispose(): void {
    this.#listeners.clear();
    this.#close();
  }

  protected get isOpen(): boolean {
    return this.#isOpen;
  }

  protected notify(change: Change): void {
    callAll(this.#listeners, change);
  }

  protected abstract open(): void;
  protected abstract close(): void;

  #close(): void {
    clearTimeout(this.#closing);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.close();
  }
}
