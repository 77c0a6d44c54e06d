import { callAll } from './call-all.js';

/** A message that is late by no more than this is taken for slower, and ignored. */
const LATE_MS_MAX = 2_000;
/** After this time even a late message is used: the server's clock may have been set back a little. */
const FASTEST_MS_MAX = 60_000;
/** After a resume without a message for this long, the device's own clock is used. */
export const ANSWER_AFTER_RESUME_MS_MAX = 1_000;

interface Measurement {
  /** The server's time, and both clocks of the device when it arrived. */
  readonly serverMs: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/**
 * The server's time, from its messages. Between two messages it advances with `performance.now()`, because a device's own
 * clock may be set by hand. But `performance.now()` may stop while the device sleeps, so after a resume the time is in doubt until
 * the next message.
 */
export class ServerClock {
  #measured: Measurement | undefined;
  #doubtedAtMs: number | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param monotonicMs a clock that cannot be set, in ms @param wallMs the device's clock, in ms */
  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly wallMs: () => number = () => Date.now(),
  ) {}

  /** @param serverTime ISO 8601, from a message that has just arrived */
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
    callAll(this.#listeners);
  }

  /** Calls back after every new measurement. */
  onReceive(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The device may have slept since the last message. */
  doubt(): void {
    this.#doubtedAtMs = this.monotonicMs();
  }

  /** Before the first message, the time is only the device's. */
  get hasReceived(): boolean {
    return this.#measured !== undefined;
  }

  /** In ms since the epoch. */
  nowMs(): number {
    if (this.#measured === undefined) return this.wallMs();
    const monotonicMs = this.monotonicMs();
    const elapsedMs = monotonicMs - this.#measured.monotonicMs;
    const isUnanswered =
      this.#doubtedAtMs !== undefined && monotonicMs - this.#doubtedAtMs >= ANSWER_AFTER_RESUME_MS_MAX;
    // Devices sleep far more often than their clocks are set, and a hold must not seem longer than it is.
    const passedMs = isUnanswered ? Math.max(elapsedMs, this.wallMs() - this.#measured.wallMs) : elapsedMs;
    return this.#measured.serverMs + passedMs;
  }
}
