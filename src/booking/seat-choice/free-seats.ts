import type { SeatingGeometry } from '../../catalog/seating-geometry.js';
import { bitsFor, clearBit, hasBit, nextBit, previousBit, setBit } from './bits.js';

/**
 * The free seats of an event. Ordinary seats are kept as *free runs*: longest sequences of free neighbouring seats. Runs are
 * found by section and length. A change costs at most a walk along one run. At most 17 bytes a seat.
 */
export class FreeSeats {
  /** Free places of a standing section; free ordinary seats of another one. */
  readonly inSection: Int32Array;
  /** Free ordinary seats. */
  readonly inRow: Int32Array;
  readonly #free: Uint32Array;
  /** At a run's first seat its last one, and at its last seat its first one. */
  readonly #otherEnd: Int32Array;
  /** Runs of one section and length are a doubly linked list through their first seats; 0 ends it. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** The first run of each list. The lists of a section begin at #lists[section], by length. */
  readonly #heads: Int32Array;
  readonly #lists: Int32Array;
  /** The lists that are not empty. */
  readonly #filled: Uint32Array;

  constructor(
    readonly geometry: SeatingGeometry,
    isFree: (seatNumber: number) => boolean,
  ) {
    const { totalSeats, sectionCount, longestRun } = geometry;
    this.#free = bitsFor(totalSeats + 1);
    this.#otherEnd = new Int32Array(totalSeats + 2);
    this.#next = new Int32Array(totalSeats + 2);
    this.#previous = new Int32Array(totalSeats + 2);
    this.inSection = new Int32Array(sectionCount);
    this.inRow = new Int32Array(geometry.rowFirst.length);
    this.#lists = new Int32Array(sectionCount + 1);
    for (let section = 0; section < sectionCount; section++) {
      this.#lists[section + 1] = (this.#lists[section] as number) + (longestRun[section] as number) + 1;
    }
    const lists = this.#lists[sectionCount] as number;
    this.#heads = new Int32Array(lists);
    this.#filled = bitsFor(lists);
    for (let seat = 1; seat <= totalSeats; seat++) if (isFree(seat)) setBit(this.#free, seat);
    this.#linkAll();
  }

  has(seatNumber: number): boolean {
    return hasBit(this.#free, seatNumber);
  }

  add(seatNumber: number): void {
    if (this.has(seatNumber)) return;
    setBit(this.#free, seatNumber);
    if (!this.#count(seatNumber, 1)) return;
    const joinsPrevious = this.#joinsFree(seatNumber - 1);
    const joinsNext = this.#joinsFree(seatNumber);
    const first = joinsPrevious ? (this.#otherEnd[seatNumber - 1] as number) : seatNumber;
    const last = joinsNext ? (this.#otherEnd[seatNumber + 1] as number) : seatNumber;
    if (joinsPrevious) this.#unlink(first, seatNumber - 1);
    if (joinsNext) this.#unlink(seatNumber + 1, last);
    this.#link(first, last);
  }

  remove(seatNumber: number): void {
    if (!this.has(seatNumber)) return;
    clearBit(this.#free, seatNumber);
    if (!this.#count(seatNumber, -1)) return;
    let first = seatNumber;
    while (this.geometry.joinsNext(first - 1) && this.has(first - 1)) first -= 1;
    const last = this.#otherEnd[first] as number;
    this.#unlink(first, last);
    if (first < seatNumber) this.#link(first, seatNumber - 1);
    if (seatNumber < last) this.#link(seatNumber + 1, last);
  }

  /** @returns the first free seat from one seat to another, or -1 */
  nextFree(from: number, last: number): number {
    return nextBit(this.#free, from, last);
  }

  /** The first seat of a free run; 0 if there is none. The order of runs of one length depends on what happened before. */
  firstRun(section: number, length: number): number {
    return this.#heads[(this.#lists[section] as number) + length] as number;
  }

  /** The next free run of the same section and length; 0 after the last one. */
  runAfter(firstSeat: number): number {
    return this.#next[firstSeat] as number;
  }

  endOfRun(firstSeat: number): number {
    return this.#otherEnd[firstSeat] as number;
  }

  /** The smallest length of a free run that is at least `length`; 0 if there is none. */
  nextLength(section: number, length: number): number {
    const list = this.#lists[section] as number;
    const found = nextBit(this.#filled, list + length, (this.#lists[section + 1] as number) - 1);
    return found === -1 ? 0 : found - list;
  }

  /** How many people can sit together; in a standing section, how many can enter. */
  largestBlock(section: number): number {
    if (this.geometry.isStanding(section)) return this.inSection[section] as number;
    const list = this.#lists[section] as number;
    const found = previousBit(this.#filled, (this.#lists[section + 1] as number) - 1, list);
    return found === -1 ? 0 : found - list;
  }

  hasFreeBefore(seatNumber: number): boolean {
    return this.geometry.isBesideNext(seatNumber - 1) && this.has(seatNumber - 1);
  }

  hasFreeAfter(seatNumber: number): boolean {
    return this.geometry.isBesideNext(seatNumber) && this.has(seatNumber + 1);
  }

  #linkAll(): void {
    let first = 0;
    for (let seat = this.nextFree(1, this.geometry.totalSeats); seat !== -1; ) {
      if (this.#count(seat, 1)) {
        if (!this.#joinsFree(seat - 1)) first = seat;
        if (!this.#joinsFree(seat)) this.#link(first, seat);
      }
      seat = this.nextFree(seat + 1, this.geometry.totalSeats);
    }
  }

  /** The seat and the next one are in the same free run. */
  #joinsFree(seatNumber: number): boolean {
    return this.geometry.joinsNext(seatNumber) && this.has(seatNumber) && this.has(seatNumber + 1);
  }

  /** @returns whether the seat is part of a free run */
  #count(seatNumber: number, difference: 1 | -1): boolean {
    const { geometry } = this;
    const section = geometry.sectionOf[seatNumber] as number;
    const row = geometry.rowOf[seatNumber] as number;
    if (row !== -1 && !geometry.isOrdinary(seatNumber)) return false;
    this.inSection[section] = (this.inSection[section] as number) + difference;
    if (row === -1) return false;
    this.inRow[row] = (this.inRow[row] as number) + difference;
    return true;
  }

  #link(first: number, last: number): void {
    this.#otherEnd[first] = last;
    this.#otherEnd[last] = first;
    const list = this.#listOf(first, last);
    const head = this.#heads[list] as number;
    this.#next[first] = head;
    this.#previous[first] = 0;
    if (head === 0) setBit(this.#filled, list);
    else this.#previous[head] = first;
    this.#heads[list] = first;
  }

  #unlink(first: number, last: number): void {
    const list = this.#listOf(first, last);
    const next = this.#next[first] as number;
    const previous = this.#previous[first] as number;
    if (next !== 0) this.#previous[next] = previous;
    if (previous !== 0) this.#next[previous] = next;
    else {
      this.#heads[list] = next;
      if (next === 0) clearBit(this.#filled, list);
    }
  }

  #listOf(first: number, last: number): number {
    return (this.#lists[this.geometry.sectionOf[first] as number] as number) + last - first + 1;
  }
}
