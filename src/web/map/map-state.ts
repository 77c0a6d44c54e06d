import {
  AVAILABLE,
  BOOKED,
  LOCKED,
  SEAT_FEATURES,
  type Seating,
  type SeatStates,
  type Status,
} from 'seat-map/map';
import type { SeatFeature } from '../../catalog/seating-plan.js';
import type { SeatMapQuery, SeatUpdatesSubscription } from '../graphql/generated/graphql.js';

export type MapStart = NonNullable<SeatMapQuery['event']>['seatMap'];
export type SeatUpdate = SeatUpdatesSubscription['seatAvailabilityChanged'];

/** The result of applying a message. */
export type Applied =
  /** The seats whose status changed. */
  | { readonly kind: 'applied'; readonly changed: readonly number[] }
  /** The map has these changes already. */
  | { readonly kind: 'known' }
  /** Versions are missing: subscribe again with the map's version as `since`. */
  | { readonly kind: 'gap' };

const OF_LETTER: Readonly<Record<string, Status>> = { A: AVAILABLE, L: LOCKED, B: BOOKED };
const OF_NAME: Readonly<Record<string, Status>> = { AVAILABLE, LOCKED, BOOKED };
/** The server may add statuses. A seat with an unknown status is not available. */
const statusOfLetter = (letter: string | undefined): Status => OF_LETTER[letter ?? ''] ?? BOOKED;
const statusOfName = (name: string): Status => OF_NAME[name] ?? BOOKED;

/** A map at one version, one byte per seat. SNAPSHOT and CHANGES move it to other versions. */
export class MapState implements SeatStates {
  #version: number;
  readonly #statuses: Uint8Array;
  // Counted with every change, so that no message needs a pass over 100,000 seats.
  readonly #freeOfSection: number[];
  readonly #freeOfFeature: Map<SeatFeature, number>;
  readonly #freedOfSection: number[];
  readonly #sectionOf: Uint16Array;

  constructor(
    private readonly seating: Seating,
    start: MapStart,
  ) {
    const { sections, totalSeats } = seating;
    this.#version = start.version;
    this.#statuses = new Uint8Array(totalSeats);
    this.#sectionOf = new Uint16Array(totalSeats);
    this.#freeOfFeature = new Map(
      SEAT_FEATURES.map((feature) => [feature, seating.seatsWith(feature).length]),
    );
    this.#freedOfSection = sections.map(() => 0);
    for (const { firstSeatNumber, lastSeatNumber, index } of sections) {
      this.#sectionOf.fill(index, firstSeatNumber - 1, lastSeatNumber);
    }
    this.#freeOfSection = sections.map(
      ({ firstSeatNumber, lastSeatNumber }) => lastSeatNumber - firstSeatNumber + 1,
    );
    for (let seat = 1; seat <= totalSeats; seat++) {
      this.#set(seat, statusOfLetter(start.statuses[seat - 1]));
    }
  }

  get version(): number {
    return this.#version;
  }

  get totalSeats(): number {
    return this.#statuses.length;
  }

  statusOf(seatNumber: number): Status {
    return this.#statuses[seatNumber - 1] as Status;
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

  apply(update: SeatUpdate): Applied {
    if (update.kind === 'SNAPSHOT') return this.#replace(update);
    if (update.previousVersion !== this.#version) {
      return { kind: update.version <= this.#version ? 'known' : 'gap' };
    }
    this.#version = update.version;
    const changed: number[] = [];
    for (const { seatNumber, status } of update.seats) {
      if (this.#set(seatNumber, statusOfName(status))) changed.push(seatNumber);
    }
    return { kind: 'applied', changed };
  }

  #replace(update: SeatUpdate): Applied {
    this.#version = update.version;
    const statuses = new Uint8Array(this.totalSeats);
    for (const { seatNumber, status } of update.seats) statuses[seatNumber - 1] = statusOfName(status);
    const changed: number[] = [];
    for (let seat = 1; seat <= this.totalSeats; seat++) {
      if (this.#set(seat, statuses[seat - 1] as Status)) changed.push(seat);
    }
    return { kind: 'applied', changed };
  }

  #set(seatNumber: number, status: Status): boolean {
    const before = this.#statuses[seatNumber - 1];
    if (before === undefined || before === status) return false;
    this.#statuses[seatNumber - 1] = status;
    const freed = Number(status === AVAILABLE);
    const more = freed - Number(before === AVAILABLE);
    const section = this.#sectionOf[seatNumber - 1] as number;
    this.#freeOfSection[section] = (this.#freeOfSection[section] as number) + more;
    this.#freedOfSection[section] = (this.#freedOfSection[section] as number) + freed;
    for (const feature of this.seating.featuresOf(seatNumber)) {
      this.#freeOfFeature.set(feature, this.freeWith(feature) + more);
    }
    return true;
  }
}
