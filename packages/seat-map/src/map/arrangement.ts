import type { Bounds } from './geometry.js';

/** Tilts are rounded to this many degrees, so that few different images of a seat are needed. */
const TILT_STEP = 5;
/** A square that is turned further looks like a diamond, which means that somebody holds the seat. */
const TILT_MAX = 30;

/** Where everything of a plan is drawn. x is 0 in the middle of the stage's front, and y grows away from the stage. */
export interface Arrangement {
  readonly seats: SeatPositions;
  /** By index of the section: where its name goes, before the bend. */
  readonly nameSpots: readonly NameSpot[];
  /** By index of a standing section. */
  readonly areas: ReadonlyMap<number, Bounds>;
  /** How strongly rows bend around the stage: a point is lifted by this, times the square of its distance from the middle. */
  readonly bend: number;
}

export interface NameSpot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** By seat number minus 1. */
export class SeatPositions {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** How far a seat is turned, in degrees. After a quarter turn a square looks the same. */
  readonly tilt: Int8Array;

  constructor(totalSeats: number) {
    this.x = new Float32Array(totalSeats);
    this.y = new Float32Array(totalSeats);
    this.tilt = new Int8Array(totalSeats);
  }

  put(seatNumber: number, x: number, y: number, tilt = 0): void {
    this.x[seatNumber - 1] = x;
    this.y[seatNumber - 1] = y;
    const quarter = tilt - 90 * Math.round(tilt / 90);
    const rounded = TILT_STEP * Math.round(quarter / TILT_STEP);
    this.tilt[seatNumber - 1] = Math.max(-TILT_MAX, Math.min(TILT_MAX, rounded));
  }

  /** The box around the middles of some seats. */
  boxOf(firstSeat: number, lastSeat: number): Bounds {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = firstSeat - 1; at < lastSeat; at++) {
      const [x, y] = [this.x[at] as number, this.y[at] as number];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    return { left, top, right, bottom };
  }
}
