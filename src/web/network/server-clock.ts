/**
 * The server's time, from the times in its messages: countdowns must not rest on a clock that somebody has set wrong.
 * A message is older than its arrival by however long it travelled, so the one that puts the server farthest ahead
 * travelled shortest and is believed.
 */
export class ServerClock {
  #aheadMs: number | undefined;

  /** @param monotonicMs a clock that no one sets, in ms @param wallMs the device's own, until the server has spoken */
  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    private readonly wallMs: () => number = () => Date.now(),
  ) {}

  /** @param serverTime ISO 8601, as of a message that has just arrived */
  heard(serverTime: string): void {
    const aheadMs = Date.parse(serverTime) - this.monotonicMs();
    if (this.#aheadMs === undefined || aheadMs > this.#aheadMs) this.#aheadMs = aheadMs;
  }

  /** Before that, its time is only what the device says. */
  get hasBeenHeard(): boolean {
    return this.#aheadMs !== undefined;
  }

  /** Since the epoch, in ms. */
  nowMs(): number {
    return this.#aheadMs === undefined ? this.wallMs() : this.monotonicMs() + this.#aheadMs;
  }
}
