/** A free run. */
export interface Run {
  readonly first: number;
  readonly length: number;
}

/**
 * Divides seats over runs, so that as few runs as possible are used. Runs are added one by one; the first ones are preferred.
 * Each gives seats from one of its ends.
 */
export class Split<R extends Run = Run> {
  readonly #runs: R[] = [];
  /** The fewest runs that give exactly so many seats, with the runs so far. */
  readonly #fewest: number[];
  /** By run and number of seats: how many of them the run gives. */
  readonly #given: Uint16Array[] = [];

  constructor(
    private readonly quantity: number,
    private readonly leavesOrphans: boolean,
  ) {
    this.#fewest = [0, ...Array(quantity).fill(Number.POSITIVE_INFINITY)];
  }

  get isPossible(): boolean {
    return (this.#fewest[this.quantity] as number) < Number.POSITIVE_INFINITY;
  }

  add(run: R): void {
    const given = new Uint16Array(this.quantity + 1);
    for (let sum = this.quantity; sum > 0; sum--) {
      for (let seats = Math.min(sum, run.length); seats > 0; seats--) {
        if (!this.leavesOrphans && run.length - seats === 1) continue;
        const runs = (this.#fewest[sum - seats] as number) + 1;
        if (runs >= (this.#fewest[sum] as number)) continue;
        this.#fewest[sum] = runs;
        given[sum] = seats;
      }
    }
    this.#runs.push(run);
    this.#given.push(given);
  }

  /** How many seats each run gives; runs that give none are left out. */
  parts(): { readonly run: R; readonly seats: number }[] {
    const parts: { run: R; seats: number }[] = [];
    let left = this.quantity;
    for (let index = this.#runs.length - 1; index >= 0 && left > 0; index--) {
      const seats = this.#given[index]?.[left] as number;
      if (seats === 0) continue;
      parts.push({ run: this.#runs[index] as R, seats });
      left -= seats;
    }
    return parts;
  }
}
