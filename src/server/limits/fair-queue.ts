/**
 * A queue that rotates between client addresses. An address with thousands of entries delays the others no more than
 * one turn would.
 */
export class FairQueue<Waiting> {
  readonly #byAddress = new Map<string, Set<Waiting>>();
  #size = 0;

  /** How many entries wait, of all addresses. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#byAddress.size === 0;
  }

  /** How many entries of the address wait. */
  sizeOf(address: string): number {
    return this.#byAddress.get(address)?.size ?? 0;
  }

  /** Adds an entry after the others of its address, unless it is there already. */
  enqueue(address: string, waiting: Waiting): void {
    const ofAddress = this.#byAddress.get(address) ?? new Set();
    this.#byAddress.set(address, ofAddress);
    if (ofAddress.has(waiting)) return;
    ofAddress.add(waiting);
    this.#size += 1;
  }

  remove(address: string, waiting: Waiting): void {
    const ofAddress = this.#byAddress.get(address);
    if (!ofAddress?.delete(waiting)) return;
    this.#size -= 1;
    if (ofAddress.size === 0) this.#byAddress.delete(address);
  }

  /** The entries of the next address. Each is removed when it is taken; the caller takes as many as one turn may have. */
  *turn(): Generator<Waiting, void> {
    for (const [address, ofAddress] of this.#byAddress) {
      // Next time the address comes after all others.
      this.#byAddress.delete(address);
      this.#byAddress.set(address, ofAddress);
      for (const waiting of ofAddress) {
        this.remove(address, waiting);
        yield waiting;
      }
      return;
    }
  }
}
