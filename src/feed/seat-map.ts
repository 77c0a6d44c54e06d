import { type SeatAvailability, seatAvailability } from '../booking/availability.js';
import type { SeatState, SeatStatus } from '../booking/seat-state.js';
import { SeatDigest } from './seat-digest.js';

/** One byte per seat: its letter in `statuses`. */
const LETTER: Readonly<Record<SeatStatus, number>> = {
  available: 'A'.charCodeAt(0),
  locked: 'L'.charCodeAt(0),
  booked: 'B'.charCodeAt(0),
  offSale: 'X'.charCodeAt(0),
};
const { available: AVAILABLE, locked: LOCKED, booked: BOOKED, offSale: OFF_SALE } = LETTER;
const STATUS = new Map(Object.entries(LETTER).map(([status, letter]) => [letter, status as SeatStatus]));

/** @param seatsWith by letter */
const availabilityFrom = (totalSeats: number, seatsWith: Uint32Array): SeatAvailability =>
  seatAvailability(
    totalSeats,
    seatsWith[LOCKED] as number,
    seatsWith[BOOKED] as number,
    seatsWith[OFF_SALE] as number,
  );

/** A whole map as the database had it at one instant. */
export interface SeatMapSnapshot {
  readonly totalSeats: number;
  readonly version: number;
  /** Who alone may see the event; null once it is published. */
  readonly draftOf: string | null;
  /** Seats with a live lock, expired ones included. Every other seat is available. */
  readonly taken: Iterable<SeatState>;
}

/**
 * The seats of one event at one version. A locked or held-back seat becomes available when its lock expires: callers call
 * `expire(now)` before they read. The batch that records the expiry later changes nothing here.
 */
export class SeatMap {
  readonly totalSeats: number;
  #version: number;
  readonly #letters: Uint8Array;
  /** Of seats that become available by themselves. */
  readonly #lockedUntil = new Map<number, Date>();
  /** Seats whose lock has expired, until a batch records the expiry. */
  readonly #expired = new Set<number>();
  /** How many seats are in which state, by letter. */
  readonly #seatsWith = new Uint32Array(128);
  /** No lock expires before this. May be too early, never too late. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #statuses: string | undefined;
  readonly #digest = new SeatDigest();

  constructor({ totalSeats, version, taken }: Omit<SeatMapSnapshot, 'draftOf'>) {
    this.totalSeats = totalSeats;
    this.#version = version;
    this.#letters = new Uint8Array(totalSeats).fill(AVAILABLE);
    this.#seatsWith[AVAILABLE] = totalSeats;
    for (const seat of taken) this.#set(seat);
  }

  get version(): number {
    return this.#version;
  }

  /** When the next lock expires, or null if none will. */
  get nextExpiry(): Date | null {
    return Number.isFinite(this.#nextExpiryMs) ? new Date(this.#nextExpiryMs) : null;
  }

  get hasUnrecordedExpiry(): boolean {
    return this.#expired.size > 0;
  }

  /** @returns how many expiries the change records, without those of seats that were taken again */
  apply(version: number, seats: readonly SeatState[]): number {
    const unrecorded = this.#expired.size;
    this.#version = version;
    let takenAgain = 0;
    for (const seat of seats) {
      if (seat.status !== 'available' && this.#expired.has(seat.seatNumber)) takenAgain += 1;
      this.#set(seat);
    }
    this.#statuses = undefined;
    return unrecorded - this.#expired.size - takenAgain;
  }

  /** @returns whether a lock has expired since the last call */
  expire(now: Date): boolean {
    if (now.getTime() < this.#nextExpiryMs) return false;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    let hasExpired = false;
    for (const [seatNumber, until] of this.#lockedUntil) {
      if (until > now) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, until.getTime());
        continue;
      }
      this.#toggleInDigest(seatNumber);
      this.#lockedUntil.delete(seatNumber);
      this.#setLetter(seatNumber, AVAILABLE);
      this.#expired.add(seatNumber);
      this.#statuses = undefined;
      hasExpired = true;
    }
    return hasExpired;
  }

  availability(): SeatAvailability {
    return availabilityFrom(this.totalSeats, this.#seatsWith);
  }

  /** Of a range of seats. */
  availabilityOf(firstSeatNumber: number, seats: number): SeatAvailability {
    const seatsWith = new Uint32Array(this.#seatsWith.length);
    for (const letter of this.#letters.subarray(firstSeatNumber - 1, firstSeatNumber - 1 + seats)) {
      seatsWith[letter] = (seatsWith[letter] as number) + 1;
    }
    return availabilityFrom(seats, seatsWith);
  }

  isAvailable(seatNumber: number): boolean {
    return this.#letters[seatNumber - 1] === AVAILABLE;
  }

  seat(seatNumber: number): SeatState {
    const status = STATUS.get(this.#letters[seatNumber - 1] as number) as SeatStatus;
    return { seatNumber, status, lockedUntil: this.#lockedUntil.get(seatNumber) ?? null };
  }

  /** Every seat that is not available, in seat order. */
  takenSeats(): SeatState[] {
    const taken: SeatState[] = [];
    for (let index = 0; index < this.#letters.length; index++) {
      if (this.#letters[index] !== AVAILABLE) taken.push(this.seat(index + 1));
    }
    return taken;
  }

  /** One letter per seat in seat order: A available, L locked, B booked, X off sale. */
  statuses(): string {
    this.#statuses ??= Buffer.from(this.#letters.buffer).toString('latin1');
    return this.#statuses;
  }

  /** A checksum of the seats that are not available. A lock or hold-back counts until it expires, recorded or not. */
  digest(): string {
    return this.#digest.toString();
  }

  #set({ seatNumber, status, lockedUntil }: SeatState): void {
    this.#toggleInDigest(seatNumber);
    this.#setLetter(seatNumber, LETTER[status]);
    this.#expired.delete(seatNumber);
    if (lockedUntil !== null) {
      this.#lockedUntil.set(seatNumber, lockedUntil);
      this.#nextExpiryMs = Math.min(this.#nextExpiryMs, lockedUntil.getTime());
    } else {
      this.#lockedUntil.delete(seatNumber);
    }
    this.#toggleInDigest(seatNumber);
  }

  #setLetter(seatNumber: number, letter: number): void {
    const before = this.#letters[seatNumber - 1] as number;
    this.#seatsWith[before] = (this.#seatsWith[before] as number) - 1;
    this.#seatsWith[letter] = (this.#seatsWith[letter] as number) + 1;
    this.#letters[seatNumber - 1] = letter;
  }

  /** With the seat's present status: takes it out before a change, and puts it in after it. */
  #toggleInDigest(seatNumber: number): void {
    const letter = this.#letters[seatNumber - 1] as number;
    if (letter === AVAILABLE) return;
    this.#digest.toggle(seatNumber, letter, this.#lockedUntil.get(seatNumber)?.getTime() ?? 0);
  }
}
