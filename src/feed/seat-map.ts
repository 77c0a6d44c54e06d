import { type SeatAvailability, seatAvailability } from '../booking/availability.js';
import type { SeatState, SeatStatus } from '../booking/seat-state.js';
import { SeatDigest } from './seat-digest.js';

/** One byte per seat: its letter in `statuses`. */
const LETTER: Readonly<Record<SeatStatus, number>> = {
  available: 'A'.charCodeAt(0),
  locked: 'L'.charCodeAt(0),
  booked: 'B'.charCodeAt(0),
};
const { available: AVAILABLE, locked: LOCKED, booked: BOOKED } = LETTER;

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
 * The seats of one event at one version. A locked seat becomes available when its lock expires: callers call
 * `expire(now)` before they read. The batch that records the expiry later changes nothing here.
 */
export class SeatMap {
  readonly totalSeats: number;
  #version: number;
  readonly #letters: Uint8Array;
  readonly #lockedUntil = new Map<number, Date>();
  /** Seats whose lock has expired, until a batch records the expiry. */
  readonly #expired = new Set<number>();
  #bookedSeats = 0;
  /** No lock expires before this. May be too early, never too late. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #statuses: string | undefined;
  readonly #digest = new SeatDigest();

  constructor({ totalSeats, version, taken }: Omit<SeatMapSnapshot, 'draftOf'>) {
    this.totalSeats = totalSeats;
    this.#version = version;
    this.#letters = new Uint8Array(totalSeats).fill(AVAILABLE);
    for (const seat of taken) this.#set(seat);
  }

  get version(): number {
    return this.#version;
  }

  /** When the next lock expires, or null if no seat is locked. */
  get nextExpiry(): Date | null {
    return Number.isFinite(this.#nextExpiryMs) ? new Date(this.#nextExpiryMs) : null;
  }

  get hasUnrecordedExpiry(): boolean {
    return this.#expired.size > 0;
  }

  /** @returns how many expiries the change records, without those of seats that were locked or booked again */
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
      this.#digest.toggle(seatNumber, LOCKED, until.getTime());
      this.#lockedUntil.delete(seatNumber);
      this.#letters[seatNumber - 1] = AVAILABLE;
      this.#expired.add(seatNumber);
      this.#statuses = undefined;
      hasExpired = true;
    }
    return hasExpired;
  }

  availability(): SeatAvailability {
    return seatAvailability(this.totalSeats, this.#lockedUntil.size, this.#bookedSeats);
  }

  /** Of a range of seats. */
  availabilityOf(firstSeatNumber: number, seats: number): SeatAvailability {
    let bookedSeats = 0;
    let freeSeats = 0;
    for (let index = firstSeatNumber - 1; index < firstSeatNumber - 1 + seats; index++) {
      if (this.#letters[index] === BOOKED) bookedSeats += 1;
      else if (this.#letters[index] === AVAILABLE) freeSeats += 1;
    }
    return seatAvailability(seats, seats - freeSeats - bookedSeats, bookedSeats);
  }

  isAvailable(seatNumber: number): boolean {
    return this.#letters[seatNumber - 1] === AVAILABLE;
  }

  seat(seatNumber: number): SeatState {
    const letter = this.#letters[seatNumber - 1];
    if (letter === BOOKED) return { seatNumber, status: 'booked', lockedUntil: null };
    const lockedUntil = this.#lockedUntil.get(seatNumber);
    if (lockedUntil !== undefined) return { seatNumber, status: 'locked', lockedUntil };
    return { seatNumber, status: 'available', lockedUntil: null };
  }

  /** Every seat that is not available, in seat order. */
  takenSeats(): SeatState[] {
    const taken: SeatState[] = [];
    for (let index = 0; index < this.#letters.length; index++) {
      if (this.#letters[index] !== AVAILABLE) taken.push(this.seat(index + 1));
    }
    return taken;
  }

  /** One letter per seat in seat order: A available, L locked, B booked. */
  statuses(): string {
    this.#statuses ??= Buffer.from(this.#letters.buffer).toString('latin1');
    return this.#statuses;
  }

  /** A checksum of the seats that are not available. A lock counts until it expires, recorded or not. */
  digest(): string {
    return this.#digest.toString();
  }

  #set({ seatNumber, status, lockedUntil }: SeatState): void {
    const index = seatNumber - 1;
    this.#toggleInDigest(seatNumber);
    if (this.#letters[index] === BOOKED) this.#bookedSeats -= 1;
    this.#letters[index] = LETTER[status];
    this.#expired.delete(seatNumber);
    if (status === 'booked') this.#bookedSeats += 1;
    if (status === 'locked' && lockedUntil !== null) {
      this.#lockedUntil.set(seatNumber, lockedUntil);
      this.#nextExpiryMs = Math.min(this.#nextExpiryMs, lockedUntil.getTime());
    } else {
      this.#lockedUntil.delete(seatNumber);
    }
    this.#toggleInDigest(seatNumber);
  }

  /** With the seat's present status: takes it out before a change, and puts it in after it. */
  #toggleInDigest(seatNumber: number): void {
    const letter = this.#letters[seatNumber - 1] as number;
    if (letter === AVAILABLE) return;
    this.#digest.toggle(seatNumber, letter, this.#lockedUntil.get(seatNumber)?.getTime() ?? 0);
  }
}
