/** Shorter ones are over before anybody has read of them. */
const SHOWN_FROM_MS = 1_500;

/** Until when a call that somebody waits for is held back because the server has asked for it. */
export class ServerBusyWait {
  readonly #listeners = new Set<() => void>();
  #untilMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** By the page's monotonic clock, in ms; null while nothing waits. */
  get untilMs(): number | null {
    return this.#untilMs;
  }

  readonly begin = (waitMs: number): void => {
    if (waitMs < SHOWN_FROM_MS) return;
    const untilMs = performance.now() + waitMs;
    if (this.#untilMs !== null && this.#untilMs >= untilMs) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(null), waitMs);
    this.#tell(untilMs);
  };

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #tell(untilMs: number | null): void {
    this.#untilMs = untilMs;
    for (const listener of this.#listeners) listener();
  }
}
