/**
 * What messages have in common that wait for several sockets: it is in memory once, however many have not read it, and
 * goes with the last of them. Each is held to have its share of it.
 */
export class SharedBuffers {
  readonly #holders = new Map<Buffer, number>();

  hold(parts: readonly Buffer[]): void {
    for (const part of parts) this.#holders.set(part, (this.#holders.get(part) ?? 0) + 1);
  }

  release(parts: readonly Buffer[]): void {
    for (const part of parts) {
      const left = (this.#holders.get(part) ?? 1) - 1;
      if (left > 0) this.#holders.set(part, left);
      else this.#holders.delete(part);
    }
  }

  shareOf(part: Buffer): number {
    return part.length / (this.#holders.get(part) ?? 1);
  }
}
