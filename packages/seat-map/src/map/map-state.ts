import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';
import { AVAILABLE, type Status } from '../core/seat-status.js';
import { SEAT_FEATURES } from './seat-features.js';
import type { SeatStates } from './seat-states.js';
import type { Seating } from './seating.js';

/** The statuses of a live map, with its free seats counted by section and by feature. */
export class MapState implements SeatStates {
  /** As counted. The live map changes its own array in place. */
  readonly #counted: Uint8Array;
  // Counted with every change, so that no message needs a pass over 100,000 seats.
  readonly #freeOfSection: number[];
  readonly #freeOfFeature: Map<SeatFeature, number>;
  readonly #freedOfSection: number[];
  readonly #sectionOf: Uint16Array;

  /** @param statuses by seat number - 1 */
  constructor(
    private readonly seating: Seating,
    readonly statuses: Uint8Array,
  ) {
    const { sections, totalSeats } = seating;
    this.#counted = statuses.slice();
    this.#sectionOf = new Uint16Array(totalSeats);
    this.#freeOfFeature = new Map(
      SEAT_FEATURES.map((feature) => [feature, freeAmong(seating.seatsWith(feature), statuses)]),
    );
    this.#freedOfSection = sections.map(() => 0);
    for (const { firstSeatNumber, lastSeatNumber, index } of sections) {
      this.#sectionOf.fill(index, firstSeatNumber - 1, lastSeatNumber);
    }
    this.#freeOfSection = sections.map(({ firstSeatNumber, lastSeatNumber }) => {
      let free = 0;
      for (let index = firstSeatNumber - 1; index < lastSeatNumber; index++) {
        if (statuses[index] === AVAILABLE) free += 1;
      }
      return free;
    });
  }

  get totalSeats(): number {
    return this.statuses.length;
  }

  statusOf(seatNumber: number): Status {
    return this.statuses[seatNumber - 1] as Status;
  }

  freeInSection(index: number): number {
    return this.#freeOfSection[index] ?? 0;
  }

  freeWith(feature: SeatFeature): number {
    return this.#freeOfFeature.get(feature) ?? 0;
  }

  /** How often a seat of the section has become free. While this is the same, nothing new can be had there. */
  freedInSection(index: number): number {
    return this.#freedOfSection[index] ?? 0;
  }

  /** @param changed the seats whose status in `statuses` may have changed */
  changed(changed: readonly number[]): void {
    for (const seat of changed) this.#count(seat);
  }

  #count(seatNumber: number): void {
    const [before, status] = [this.#counted[seatNumber - 1], this.statuses[seatNumber - 1]];
    if (before === undefined || status === undefined || before === status) return;
    this.#counted[seatNumber - 1] = status;
    const freed = Number(status === AVAILABLE);
    const more = freed - Number(before === AVAILABLE);
    const section = this.#sectionOf[seatNumber - 1] as number;
    this.#freeOfSection[section] = (this.#freeOfSection[section] as number) + more;
    this.#freedOfSection[section] = (this.#freedOfSection[section] as number) + freed;
    for (const feature of this.seating.featuresOf(seatNumber)) {
      this.#freeOfFeature.set(feature, this.freeWith(feature) + more);
    }
  }
}

const freeAmong = (seats: readonly number[], statuses: Uint8Array): number =>
  seats.filter((seat) => statuses[seat - 1] === AVAILABLE).length;
