/** Shorter waits are over before anybody could read the message. */
const SHOWN_FROM_MS = 1_500;

/** Until when calls wait because the server has asked for a pause. */
export class ServerBusyWait {
  readonly #listeners = new Set<() => void>();
  #untilMs: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** By the page's monotonic clock, in ms; null while no call waits. */
  get untilMs(): number | null {
    return this.#untilMs;
  }

  readonly begin = (waitMs: number): void => {
    if (waitMs < SHOWN_FROM_MS) return;
    const untilMs = performance.now() + waitMs;
    if (this.#untilMs !== null && this.#untilMs >= untilMs) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set(null), waitMs);
    this.#set(untilMs);
  };

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(untilMs: number | null): void {
    this.#untilMs = untilMs;
    for (const listener of this.#listeners) listener();
  }
}
