/** What waits for a turn, each address in its turn: one that brings thousands keeps nobody else waiting for longer than one would. */
export class FairQueue<Waiting> {
  readonly #byAddress = new Map<string, Set<Waiting>>();

  get isEmpty(): boolean {
    return this.#byAddress.size === 0;
  }

  /** Behind what waits of the same address; once, however often it is said. */
  enqueue(address: string, waiting: Waiting): void {
    const ofAddress = this.#byAddress.get(address);
    if (ofAddress === undefined) this.#byAddress.set(address, new Set([waiting]));
    else ofAddress.add(waiting);
  }

  /** Whose turn it is waits no longer. */
  dequeue(): Waiting | undefined {
    for (const [address, ofAddress] of this.#byAddress) {
      // It comes again behind the others.
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
