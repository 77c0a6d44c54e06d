import type { Bounds, Point } from './geometry.js';

/** A smaller cell would hold less than one seat. */
const CELL_MIN = 2;
/** In a hall with much space between its seats, cells are larger, so that there are not many more cells than seats. */
const SEATS_PER_CELL = 4;

/** Finds seats by where they are: a grid whose cells list their seats. */
export class SeatIndex {
  readonly #cell: number;
  readonly #columns: number;
  readonly #rows: number;
  /** The seats cell by cell, and where each cell begins among them. */
  readonly #seats: Uint32Array;
  readonly #starts: Uint32Array;

  /** @param x by seat number minus 1, as y @param seats the numbers of the seats that can be found */
  constructor(
    private readonly x: Float32Array,
    private readonly y: Float32Array,
    private readonly box: Bounds,
    seats: Uint32Array,
  ) {
    const [width, height] = [box.right - box.left, box.bottom - box.top];
    this.#cell = Math.max(CELL_MIN, Math.sqrt((width * height * SEATS_PER_CELL) / Math.max(1, seats.length)));
    this.#columns = Math.max(1, Math.ceil(width / this.#cell));
    this.#rows = Math.max(1, Math.ceil(height / this.#cell));
    this.#starts = new Uint32Array(this.#columns * this.#rows + 1);
    for (const seat of seats) this.#count(this.#cellOf(seat) + 1, 1);
    for (let cell = 1; cell < this.#starts.length; cell++)
      this.#count(cell, this.#starts[cell - 1] as number);
    const next = this.#starts.slice();
    this.#seats = new Uint32Array(seats.length);
    for (const seat of seats) {
      const cell = this.#cellOf(seat);
      this.#seats[next[cell] as number] = seat;
      next[cell] = (next[cell] as number) + 1;
    }
  }

  /** The seat whose middle is nearest to the point, or null if none is this near. */
  nearest({ x, y }: Point, distanceMax: number): number | null {
    let nearest: number | null = null;
    let least = distanceMax;
    const around = {
      left: x - distanceMax,
      right: x + distanceMax,
      top: y - distanceMax,
      bottom: y + distanceMax,
    };
    this.visit(around, (seat) => {
      const distance = Math.hypot((this.x[seat - 1] as number) - x, (this.y[seat - 1] as number) - y);
      if (distance > least || (distance === least && nearest !== null)) return;
      least = distance;
      nearest = seat;
    });
    return nearest;
  }

  /** Calls with every seat whose middle is in the box, and with some beside it. */
  visit({ left, top, right, bottom }: Bounds, call: (seatNumber: number) => void): void {
    const lastColumn = this.#column(right);
    const lastRow = this.#row(bottom);
    for (let row = this.#row(top); row <= lastRow; row++) {
      for (let column = this.#column(left); column <= lastColumn; column++) {
        const cell = row * this.#columns + column;
        const end = this.#starts[cell + 1] as number;
        for (let at = this.#starts[cell] as number; at < end; at++) call(this.#seats[at] as number);
      }
    }
  }

  #count(cell: number, more: number): void {
    this.#starts[cell] = (this.#starts[cell] as number) + more;
  }

  #cellOf(seat: number): number {
    return this.#row(this.y[seat - 1] as number) * this.#columns + this.#column(this.x[seat - 1] as number);
  }

  #column(x: number): number {
    return Math.max(0, Math.min(this.#columns - 1, Math.floor((x - this.box.left) / this.#cell)));
  }

  #row(y: number): number {
    return Math.max(0, Math.min(this.#rows - 1, Math.floor((y - this.box.top) / this.#cell)));
  }
}
