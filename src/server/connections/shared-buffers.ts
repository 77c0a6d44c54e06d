/**
 * Counts buffers that wait for several sockets. Such a buffer is in memory once, until the last socket has drained.
 * Each socket counts its share of it.
 */
export class SharedBuffers {
  readonly #holders = new Map<Buffer, number>();

  hold(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) this.#holders.set(buffer, (this.#holders.get(buffer) ?? 0) + 1);
  }

  release(buffers: readonly Buffer[]): void {
    for (const buffer of buffers) {
      const holders = (this.#holders.get(buffer) ?? 1) - 1;
      if (holders > 0) this.#holders.set(buffer, holders);
      else this.#holders.delete(buffer);
    }
  }

  /** Bytes of the buffer, divided by the number of sockets that it waits for. */
  shareOf(buffer: Buffer): number {
    return buffer.length / (this.#holders.get(buffer) ?? 1);
  }
}
