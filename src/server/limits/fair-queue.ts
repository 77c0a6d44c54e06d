/**
 * A queue that rotates between client addresses. An address with thousands of entries delays the others no more than
 * one entry would.
 */
export class FairQueue<Waiting> {
  readonly #byAddress = new Map<string, Set<Waiting>>();

  get isEmpty(): boolean {
    return this.#byAddress.size === 0;
  }

  /** Adds an entry after the others of its address, unless it is there already. */
  enqueue(address: string, waiting: Waiting): void {
    const ofAddress = this.#byAddress.get(address);
    if (ofAddress === undefined) this.#byAddress.set(address, new Set([waiting]));
    else ofAddress.add(waiting);
  }

  dequeue(): Waiting | undefined {
    for (const [address, ofAddress] of this.#byAddress) {
      // Next time the address comes after all others.
      this.#byAddress.delete(address);
      for (const waiting of ofAddress) {
        ofAddress.delete(waiting);
        if (ofAddress.size > 0) this.#byAddress.set(address, ofAddress);
        return waiting;
      }
    }
    return undefined;
  }
}
