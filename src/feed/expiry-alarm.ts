import type { Alarm, Clock } from '../core/clock.js';

/** Locks that were created by the hundred expire by the hundred: at least this long between two checks. */
const EXPIRY_CHECK_INTERVAL_MS = 20;

/** Calls back when the next lock of a map expires. */
export class ExpiryAlarm {
  #alarm: Alarm | undefined;
  #lastCheckMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly onExpiry: () => void,
  ) {}

  /** Replaces the alarm. @param next when the next lock expires; null: none is locked */
  schedule(next: Date | null): void {
    this.#alarm?.cancel();
    if (next === null || this.#closed) return;
    // The clock may have been set back since the last check.
    const lastCheckMs = Math.min(this.#lastCheckMs, this.clock.now().getTime());
    const at = new Date(Math.max(next.getTime(), lastCheckMs + EXPIRY_CHECK_INTERVAL_MS));
    this.#alarm = this.clock.at(at, () => {
      this.#lastCheckMs = this.clock.now().getTime();
      this.onExpiry();
    });
  }

  close(): void {
    this.#closed = true;
    this.#alarm?.cancel();
  }
}
