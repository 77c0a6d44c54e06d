import type { SeatingGeometry } from '../catalog/seating-geometry.js';
import { ExpiryHeap } from './seat-choice/expiry-heap.js';
import { FreeSeats } from './seat-choice/free-seats.js';
import type { SeatState } from './seat-state.js';

const AVAILABLE = 0;
const FOR_EVER = Number.POSITIVE_INFINITY;

/**
 * Which seats of one event are free, as recorded at one version and as the time is. It depends on these alone, and not on
 * what happened before. At most 40 bytes a seat, besides the plan's geometry.
 */
export class Occupancy {
  readonly free: FreeSeats;
  /** Until when the seat is taken, in milliseconds, as recorded. */
  readonly #takenUntil: Float64Array;
  /** The seats whose locks have not expired. */
  readonly #expiries: ExpiryHeap;
  #nowMs = Number.NEGATIVE_INFINITY;
  #checkpoint: { readonly version: number; readonly before: SeatBefore[] } | null = null;

  /**
   * Until `advanceTo` is called, no lock has expired.
   * @param version the event's version that `taken` belongs to; whoever records the next one sets it
   * @param taken every seat that is not available, in any order
   */
  constructor(
    readonly geometry: SeatingGeometry,
    public version: number,
    taken: Iterable<SeatState>,
  ) {
    this.#takenUntil = new Float64Array(geometry.totalSeats + 2);
    this.#expiries = new ExpiryHeap(this.#takenUntil);
    for (const seat of taken) {
      const until = takenUntil(seat);
      this.#takenUntil[seat.seatNumber] = until;
      if (until > AVAILABLE && until < FOR_EVER) this.#expiries.add(seat.seatNumber);
    }
    this.free = new FreeSeats(geometry, (seat) => this.#takenUntil[seat] === AVAILABLE);
  }

  /** Frees the seats whose locks have expired by then. An earlier time than before changes nothing. */
  advanceTo(now: Date): void {
    this.#nowMs = Math.max(this.#nowMs, now.getTime());
    for (let seat = this.#expiries.first; seat !== undefined; seat = this.#expiries.first) {
      if ((this.#takenUntil[seat] as number) > this.#nowMs) return;
      this.#expiries.remove(seat);
      this.free.add(seat);
    }
  }

  isFree(seatNumber: number): boolean {
    return this.free.has(seatNumber);
  }

  /** The lock has expired, and no batch has recorded this yet. */
  isRecordedAsLocked(seatNumber: number): boolean {
    return this.isFree(seatNumber) && this.#takenUntil[seatNumber] !== AVAILABLE;
  }

  set(seat: SeatState): void {
    const { seatNumber } = seat;
    this.#checkpoint?.before.push({ seatNumber, takenUntil: this.#takenUntil[seatNumber] as number });
    this.#record(seatNumber, takenUntil(seat));
  }

  /** What `set` changes from now on, and the version, can be undone until the next checkpoint. */
  checkpoint(): void {
    this.#checkpoint = { version: this.version, before: [] };
  }

  /** Back to the last checkpoint. The time stays. */
  rollback(): void {
    if (this.#checkpoint === null) throw new Error('There is no checkpoint to go back to.');
    const { version, before } = this.#checkpoint;
    this.#checkpoint = null;
    this.version = version;
    for (const { seatNumber, takenUntil } of before.reverse()) this.#record(seatNumber, takenUntil);
  }

  /**
   * How many people can sit together in one of these sections. Wheelchair and companion seats do not count. All free places
   * of a standing section are one block.
   * @param sections null for all
   */
  largestFreeBlock(sections: Iterable<number> | null): number {
    let largest = 0;
    for (const section of sections ?? Array(this.geometry.sectionCount).keys()) {
      largest = Math.max(largest, this.free.largestBlock(section));
    }
    return largest;
  }

  #record(seatNumber: number, until: number): void {
    this.#takenUntil[seatNumber] = until;
    if (until <= this.#nowMs || until === AVAILABLE) {
      this.#expiries.remove(seatNumber);
      this.free.add(seatNumber);
    } else {
      if (until === FOR_EVER) this.#expiries.remove(seatNumber);
      else this.#expiries.add(seatNumber);
      this.free.remove(seatNumber);
    }
  }
}

interface SeatBefore {
  readonly seatNumber: number;
  readonly takenUntil: number;
}

/** A seat that does not become available by itself is taken for ever, whatever its status. */
function takenUntil({ status, lockedUntil }: SeatState): number {
  if (status === 'available') return AVAILABLE;
  return lockedUntil === null ? FOR_EVER : lockedUntil.getTime();
}
