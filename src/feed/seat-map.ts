import { type SeatAvailability, seatAvailability } from '../booking/availability.js';
import type { SeatState, SeatStatus } from '../booking/change.js';

/** One byte a seat: the letter that the map's text shows. */
const LETTER: Readonly<Record<SeatStatus, number>> = {
  available: 'A'.charCodeAt(0),
  locked: 'L'.charCodeAt(0),
  booked: 'B'.charCodeAt(0),
};
const { available: AVAILABLE, booked: BOOKED } = LETTER;

/** A whole map as the database had it at one instant. */
export interface SeatMapSnapshot {
  readonly totalSeats: number;
  readonly version: number;
  /** Seats with a live lock, lapsed ones included; every other seat is available. */
  readonly taken: Iterable<SeatState>;
}

/**
 * The seats of one event at one version. A locked seat turns available by itself once its lock has lapsed: callers
 * say `expire(now)` before they read, and the batch that writes the lapse down later changes nothing here.
 */
export class SeatMap {
  readonly totalSeats: number;
  #version: number;
  readonly #letters: Uint8Array;
  readonly #lockedUntil = new Map<number, Date>();
  /** Seats whose lock lapsed while no batch has written that down yet. */
  readonly #expired = new Set<number>();
  #bookedSeats = 0;
  /** No lock lapses before; may be too early, never too late. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #text: string | undefined;

  constructor({ totalSeats, version, taken }: SeatMapSnapshot) {
    this.totalSeats = totalSeats;
    this.#version = version;
    this.#letters = new Uint8Array(totalSeats).fill(AVAILABLE);
    for (const seat of taken) this.#set(seat);
  }

  get version(): number {
    return this.#version;
  }

  /** When the next lock lapses, or null while none is locked. */
  get nextExpiry(): Date | null {
    return Number.isFinite(this.#nextExpiryMs) ? new Date(this.#nextExpiryMs) : null;
  }

  /** Whether a lapse still has to be written down. */
  get hasUnrecordedExpiry(): boolean {
    return this.#expired.size > 0;
  }

  /** @returns how many lapses it writes down */
  apply(version: number, seats: readonly SeatState[]): number {
    const unwritten = this.#expired.size;
    this.#version = version;
    let takenOver = 0;
    for (const seat of seats) {
      if (seat.status !== 'available' && this.#expired.has(seat.seatNumber)) takenOver += 1;
      this.#set(seat);
    }
    this.#text = undefined;
    return unwritten - this.#expired.size - takenOver;
  }

  /** @returns whether a lock lapsed that had not by the last call */
  expire(now: Date): boolean {
    if (now.getTime() < this.#nextExpiryMs) return false;
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    let lapsed = false;
    for (const [seatNumber, until] of this.#lockedUntil) {
      if (until > now) {
        this.#nextExpiryMs = Math.min(this.#nextExpiryMs, until.getTime());
        continue;
      }
      this.#lockedUntil.delete(seatNumber);
      this.#letters[seatNumber - 1] = AVAILABLE;
      this.#expired.add(seatNumber);
      this.#text = undefined;
      lapsed = true;
    }
    return lapsed;
  }

  availability(): SeatAvailability {
    return seatAvailability(this.totalSeats, this.#lockedUntil.size, this.#bookedSeats);
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

  /** One letter a seat in seat order: A available, L locked, B booked. */
  statuses(): string {
    this.#text ??= Buffer.from(this.#letters.buffer).toString('latin1');
    return this.#text;
  }

  #set({ seatNumber, status, lockedUntil }: SeatState): void {
    const index = seatNumber - 1;
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
  }
}
