import { AddressTurns } from './address-turns.js';

/**
 * Documents that are new are read one at a time, with everything else in between, and each address has its turn: to read
 * one takes some milliseconds, and hundreds can come in one piece.
 */
export class DocumentTurns {
  readonly #turns = new AddressTurns<() => void>();
  #isGiving = false;

  /** Returns when one may be read, which has to be done at once. */
  turn(address: string): Promise<void> {
    return new Promise((resolve) => {
      this.#turns.wait(address, resolve);
      this.#giveNext();
    });
  }

  #giveNext(): void {
    if (this.#isGiving || this.#turns.isEmpty) return;
    this.#isGiving = true;
    setImmediate(() => {
      this.#isGiving = false;
      this.#turns.next()?.();
      this.#giveNext();
    });
  }
}
