/**
 * Documents that are new are read one at a time, with everything else in between, and each address has its turn: to read
 * one takes some milliseconds, and hundreds can come in one piece.
 */
export class DocumentTurns {
  readonly #waiting = new Map<string, (() => void)[]>();
  #isGiving = false;

  /** Returns when one may be read, which has to be done at once. */
  turn(address: string): Promise<void> {
    return new Promise((resolve) => {
      const ofAddress = this.#waiting.get(address);
      if (ofAddress === undefined) this.#waiting.set(address, [resolve]);
      else ofAddress.push(resolve);
      this.#giveNext();
    });
  }

  #giveNext(): void {
    if (this.#isGiving || this.#waiting.size === 0) return;
    this.#isGiving = true;
    setImmediate(() => {
      this.#isGiving = false;
      for (const [address, ofAddress] of this.#waiting) {
        ofAddress.shift()?.();
        // It comes again behind the others.
        this.#waiting.delete(address);
        if (ofAddress.length > 0) this.#waiting.set(address, ofAddress);
        break;
      }
      this.#giveNext();
    });
  }
}
