/** A message that is older than an earlier one by no more than this is believed to have been under way for longer. */
const LATE_MS_MAX = 2_000;
/** After that the newest message is believed all the same: the server's clock may have been put back a little. */
const FASTEST_MS_MAX = 60_000;
/** How long after a wake-up the server has to say what time it is, before the device's own clock is believed. */
export const ANSWER_AFTER_WAKE_MS_MAX = 1_000;

interface Measurement {
  /** The server's time, and what both clocks of the device said as it came. */
  readonly serverMs: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * The server's time, from the times in its messages. Between two messages `performance.now()` counts on, because a
 * device's own clock may be set by hand. It may stand still while the device sleeps, so that after a wake-up the time is
 * in doubt until the server has said it anew.
 */
export class ServerClock {
  #measured: Measurement | undefined;
  #doubtedAtMs: number | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param monotonicMs a clock that nobody sets, in ms @param wallMs the device's own */
  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly wallMs: () => number = () => Date.now(),
  ) {}

  /** @param serverTime ISO 8601, as of a message that has just arrived */
  receive(serverTime: string): void {
    const serverMs = Date.parse(serverTime);
    if (Number.isNaN(serverMs)) return;
    const monotonicMs = this.monotonicMs();
    const before = this.#measured;
    if (before !== undefined && this.#doubtedAtMs === undefined) {
      const elapsedMs = monotonicMs - before.monotonicMs;
      const lateMs = before.serverMs + elapsedMs - serverMs;
      if (lateMs > 0 && lateMs <= LATE_MS_MAX && elapsedMs <= FASTEST_MS_MAX) return;
    }
    this.#measured = { serverMs, monotonicMs, wallMs: this.wallMs() };
    this.#doubtedAtMs = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** Calls back when the server's time was measured anew. */
  onReceive(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The device may have slept since the last message. */
  doubt(): void {
    this.#doubtedAtMs = this.monotonicMs();
  }

  /** Before that, its time is only what the device says. */
  get hasReceived(): boolean {
    return this.#measured !== undefined;
  }

  /** Since the epoch, in ms. */
  nowMs(): number {
    if (this.#measured === undefined) return this.wallMs();
    const monotonicMs = this.monotonicMs();
    const elapsedMs = monotonicMs - this.#measured.monotonicMs;
    const isUnanswered =
      this.#doubtedAtMs !== undefined && monotonicMs - this.#doubtedAtMs >= ANSWER_AFTER_WAKE_MS_MAX;
    // Far more devices sleep than have their clock set: a hold must not look longer than it is.
    const pastMs = isUnanswered ? Math.max(elapsedMs, this.wallMs() - this.#measured.wallMs) : elapsedMs;
    return this.#measured.serverMs + pastMs;
  }
}
