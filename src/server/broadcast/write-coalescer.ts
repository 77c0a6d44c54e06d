import type { Writable } from 'node:stream';

/**
 * Messages that are made in one turn of the event loop leave together at its end, each still by a write of its own. Made
 * and written one by one, nearly every write finds whoever reads the connection asleep again, and to wake it costs more
 * than to make the message. It is empty between turns, and has no limit but those of its transports.
 */
export class WriteCoalescer {
  #waiting: { readonly transport: Writable; readonly flushed: () => void }[] = [];

  /**
   * Keeps what is written to a transport from now on until the end of the turn, whoever writes it: nothing overtakes
   * anything.
   *
   * @param flushed called once the transport has it: it has left, unless the transport holds something
   */
  cork(transport: Writable, flushed: () => void): void {
    transport.cork();
    if (this.#waiting.length === 0) queueMicrotask(() => this.#handOver());
    this.#waiting.push({ transport, flushed });
  }

  #handOver(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { transport } of waiting) transport.uncork();
    for (const { flushed } of waiting) flushed();
  }
}
