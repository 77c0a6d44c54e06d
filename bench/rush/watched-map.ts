import type { SeatMapAnswer, SeatUpdateAnswer } from './operations.js';

interface TakenSeat {
  readonly letter: 'L' | 'B' | 'X';
  /** Milliseconds since 1970 by the server's clock; null if it does not become available by itself. */
  readonly expiresMs: number | null;
}

const LETTERS = { LOCKED: 'L', BOOKED: 'B', OFF_SALE: 'X' } as const;

/** A client's seat map, built from messages, with checks of their versions. */
export class WatchedMap {
  /** Null until the first message. */
  version: number | null = null;
  readonly #taken = new Map<number, TakenSeat>();
  /** How far the server's clock is ahead of this one. Transfer time makes it seem later, never earlier. */
  #aheadMs = Number.NEGATIVE_INFINITY;

  /**
   * @param nowMs by this machine's clock, milliseconds since 1970
   * @returns the error of a wrong message, which is not applied, or null
   */
  apply(update: SeatUpdateAnswer, nowMs: number): string | null {
    const { kind, version, previousVersion, serverTime } = update;
    if (kind === 'CHANGES' && previousVersion !== this.version) {
      return `changes of ${previousVersion} came to a map of ${this.version}`;
    }
    if (this.version !== null && version < this.version) return `${version} came after ${this.version}`;
    if (kind === 'SNAPSHOT') this.#taken.clear();
    for (const { seatNumber, status, lockedUntil } of update.seats) {
      if (status === 'AVAILABLE') this.#taken.delete(seatNumber);
      else {
        this.#taken.set(seatNumber, {
          letter: LETTERS[status],
          expiresMs: lockedUntil === null ? null : Date.parse(lockedUntil),
        });
      }
    }
    this.version = version;
    this.#aheadMs = Math.max(this.#aheadMs, Date.parse(serverTime) - nowMs);
    return null;
  }

  /** The map as letters, like `SeatMap.statuses`. An expired lock counts as free. */
  statuses(totalSeats: number, nowMs: number): string {
    const serverMs = nowMs + this.#aheadMs;
    const letters: string[] = new Array(totalSeats).fill('A');
    for (const [seatNumber, { letter, expiresMs }] of this.#taken) {
      if (expiresMs === null || expiresMs > serverMs) letters[seatNumber - 1] = letter;
    }
    return letters.join('');
  }

  /** @returns the numbers of the seats at which this map is wrong */
  differences({ statuses }: SeatMapAnswer, nowMs: number): number[] {
    const own = this.statuses(statuses.length, nowMs);
    if (own === statuses) return [];
    return [...statuses].flatMap((letter, index) => (letter === own[index] ? [] : [index + 1]));
  }
}
