/**
 * The seats of a hall with one section of rows of one length, and what the rules say about them, found by plain searches. The
 * checks use it and not the product's rules.
 */
export class PlainHall {
  readonly #taken = new Set<number>();

  constructor(
    readonly seats: number,
    readonly seatsPerRow: number,
  ) {}

  isFree = (seat: number): boolean => seat >= 1 && seat <= this.seats && !this.#taken.has(seat);

  get freeSeats(): number {
    return this.seats - this.#taken.size;
  }

  take(seats: readonly number[]): void {
    for (const seat of seats) this.#taken.add(seat);
  }

  release(seats: readonly number[]): void {
    for (const seat of seats) this.#taken.delete(seat);
  }

  /** The blocks of so many free neighbours, each by its first seat, in the order of the seat numbers. */
  *blocks(quantity: number): Generator<number> {
    for (let first = 1; first + quantity - 1 <= this.seats; first++) {
      const block = seatsFrom(first, quantity);
      if (this.isBlock(block) && block.every(this.isFree)) yield first;
    }
  }

  hasBlock(quantity: number): boolean {
    return !this.blocks(quantity).next().done;
  }

  /** The seats follow one another in one row. */
  isBlock(seats: readonly number[]): boolean {
    const sorted = [...seats].sort((a, b) => a - b);
    const [first = 0] = sorted;
    const isSequence = sorted.every((seat, index) => seat === first + index);
    return isSequence && this.#rowOf(first) === this.#rowOf(sorted.at(-1) ?? first);
  }

  /** Free seats without a free neighbour. */
  singles(): number[] {
    return seatsFrom(1, this.seats).filter((seat) => this.isFree(seat) && !this.#hasFreeNeighbour(seat));
  }

  /** The free seats that would newly have no free neighbour if these seats were taken. */
  orphansLeft(seats: readonly number[]): number[] {
    const beside = [...new Set(seats.flatMap((seat) => [seat - 1, seat + 1]))];
    const withNeighbour = beside.filter((seat) => this.isFree(seat) && this.#hasFreeNeighbour(seat));
    this.take(seats);
    const orphans = withNeighbour.filter((seat) => this.isFree(seat) && !this.#hasFreeNeighbour(seat));
    this.release(seats);
    return orphans;
  }

  /**
   * Whether so many free seats can be taken without leaving an orphan.
   *
   * @param asBlock only by a block of neighbours
   */
  canAvoidOrphans(quantity: number, asBlock: boolean): boolean {
    for (const first of this.blocks(quantity)) {
      if (this.orphansLeft(seatsFrom(first, quantity)).length === 0) return true;
    }
    return !asBlock && this.#sumsWithoutOrphans(quantity).has(quantity);
  }

  /** How many seats can be taken from all free runs together, up to `most`, without leaving an orphan. */
  #sumsWithoutOrphans(most: number): Set<number> {
    let sums = new Set([0]);
    for (const length of this.#runLengths()) {
      const parts = seatsFrom(1, length).filter((part) => length - part !== 1);
      const further = [...sums].flatMap((sum) => parts.map((part) => sum + part));
      sums = new Set([...sums, ...further.filter((sum) => sum <= most)]);
    }
    return sums;
  }

  #runLengths(): number[] {
    const lengths: number[] = [];
    for (let seat = 1; seat <= this.seats; seat++) {
      if (!this.isFree(seat)) continue;
      if (this.#areFreeNeighbours(seat - 1, seat)) lengths.push((lengths.pop() as number) + 1);
      else lengths.push(1);
    }
    return lengths;
  }

  #hasFreeNeighbour = (seat: number): boolean =>
    this.#areFreeNeighbours(seat - 1, seat) || this.#areFreeNeighbours(seat, seat + 1);

  #areFreeNeighbours = (seat: number, next: number): boolean =>
    this.isFree(seat) && this.isFree(next) && this.#rowOf(seat) === this.#rowOf(next);

  #rowOf = (seat: number): number => Math.floor((seat - 1) / this.seatsPerRow);
}

export const seatsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
