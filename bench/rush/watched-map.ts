import type { SeatMapAnswer, SeatUpdateAnswer } from './operations.js';

interface TakenSeat {
  readonly letter: 'L' | 'B';
  /** Milliseconds since 1970 by the server's clock; null for a booked seat. */
  readonly expiresMs: number | null;
}

/** A seat map as a client keeps it: made of the messages alone, with their versions held to what the contract says. */
export class WatchedMap {
  /** Null until the first message: nothing is known. */
  version: number | null = null;
  readonly #taken = new Map<number, TakenSeat>();
  /** How far the server's clock is ahead of this one. A message on its way makes it look late, never early. */
  #aheadMs = Number.NEGATIVE_INFINITY;

  /**
   * @param nowMs by this machine's clock, milliseconds since 1970
   * @returns what is wrong with the message, which is then not applied; null for a right one
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
          letter: status === 'BOOKED' ? 'B' : 'L',
          expiresMs: lockedUntil === null ? null : Date.parse(lockedUntil),
        });
      }
    }
    this.version = version;
    this.#aheadMs = Math.max(this.#aheadMs, Date.parse(serverTime) - nowMs);
    return null;
  }

  /** Letters as `SeatMap.statuses` has them; a lock is over when its time is, whether or not anybody has said so. */
  statuses(totalSeats: number, nowMs: number): string {
    const serverMs = nowMs + this.#aheadMs;
    const letters: string[] = new Array(totalSeats).fill('A');
    for (const [seatNumber, { letter, expiresMs }] of this.#taken) {
      if (expiresMs === null || expiresMs > serverMs) letters[seatNumber - 1] = letter;
    }
    return letters.join('');
  }

  /** @returns seat numbers at which this map says another thing than the truth */
  differences({ statuses }: SeatMapAnswer, nowMs: number): number[] {
    const own = this.statuses(statuses.length, nowMs);
    if (own === statuses) return [];
    return [...statuses].flatMap((letter, index) => (letter === own[index] ? [] : [index + 1]));
  }
}
