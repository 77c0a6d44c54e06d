import type { SeatMapQuery, SeatUpdatesSubscription } from '../graphql/generated/graphql.js';
import type { Section } from './seating.js';

/** A seat's status, in one byte. */
export const AVAILABLE = 0;
export const LOCKED = 1;
export const BOOKED = 2;
export const STATUSES = [AVAILABLE, LOCKED, BOOKED] as const;
export type Status = (typeof STATUSES)[number];

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
export class MapState {
  #version: number;
  readonly #statuses: Uint8Array;
  /** Free seats of each section, updated with every change so that 100,000 seats need not be counted. */
  readonly #freeOfSection: number[];
  readonly #sectionOf: Uint16Array;

  constructor(sections: readonly Section[], totalSeats: number, start: MapStart) {
    this.#version = start.version;
    this.#statuses = new Uint8Array(totalSeats);
    this.#sectionOf = new Uint16Array(totalSeats);
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
    const section = this.#sectionOf[seatNumber - 1] as number;
    const free = (this.#freeOfSection[section] as number) + Number(status === AVAILABLE);
    this.#freeOfSection[section] = free - Number(before === AVAILABLE);
    return true;
  }
}
