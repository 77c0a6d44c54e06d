/** Seats in a binary heap, ordered by an instant of each. At most 12 bytes a seat. */
export class ExpiryHeap {
  readonly #seats: number[] = [];
  /** Of each seat in the heap, counted from 1; 0 for all others. */
  readonly #places: Int32Array;

  /** @param instants by seat number; whoever changes one calls `add` or `remove` */
  constructor(private readonly instants: Float64Array) {
    this.#places = new Int32Array(instants.length);
  }

  /** The seat with the earliest instant. */
  get first(): number | undefined {
    return this.#seats[0];
  }

  /** Adds the seat, or moves it where its changed instant belongs. */
  add(seat: number): void {
    if (this.#places[seat] === 0) this.#put(this.#seats.length, seat);
    this.#rise((this.#places[seat] as number) - 1);
    this.#sink((this.#places[seat] as number) - 1);
  }

  remove(seat: number): void {
    const place = (this.#places[seat] as number) - 1;
    if (place === -1) return;
    this.#places[seat] = 0;
    const last = this.#seats.pop() as number;
    if (last === seat) return;
    this.#put(place, last);
    this.add(last);
  }

  #rise(from: number): void {
    const seat = this.#seats[from] as number;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#instantAt(parent) <= (this.instants[seat] as number)) break;
      this.#put(place, this.#seats[parent] as number);
      place = parent;
    }
    this.#put(place, seat);
  }

  #sink(from: number): void {
    const seat = this.#seats[from] as number;
    let place = from;
    for (let child = 2 * place + 1; child < this.#seats.length; child = 2 * place + 1) {
      if (this.#instantAt(child + 1) < this.#instantAt(child)) child += 1;
      if (this.#instantAt(child) >= (this.instants[seat] as number)) break;
      this.#put(place, this.#seats[child] as number);
      place = child;
    }
    this.#put(place, seat);
  }

  #instantAt(place: number): number {
    const seat = this.#seats[place];
    return seat === undefined ? Number.POSITIVE_INFINITY : (this.instants[seat] as number);
  }

  #put(place: number, seat: number): void {
    this.#seats[place] = seat;
    this.#places[seat] = place + 1;
  }
}
