import { priceOfSeat } from '../catalog/event.js';
import { DomainError } from '../core/errors.js';
import type { LockSeats } from './commands.js';
import type { Lock } from './lock.js';
import { SeatsTaken } from './lock-seats.js';
import { nearestFreeSeats } from './nearest-free-seats.js';

/** The seats of one event as they are now. */
export interface FreeSeats {
  isAvailable(seatNumber: number): boolean;
}

/** Looks at the seats of an event as they are now; null when there is no such event. */
export type ReadFreeSeats = <Result>(
  eventId: string,
  read: (seats: FreeSeats) => Result,
) => Promise<Result | null>;

/**
 * Answers a lost seat with the free ones nearest to it and what they cost. After the decision and outside of it: a
 * suggestion is worth no transaction, and may be gone by the time it is read.
 */
export async function withSuggestions(
  answer: Promise<readonly Lock[]>,
  { eventId, seatNumbers }: LockSeats,
  readFreeSeats: ReadFreeSeats,
): Promise<readonly Lock[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SeatsTaken)) throw error;
    const { taken, event } = error;
    const wanted = new Set(seatNumbers);
    const nearest = (seats: FreeSeats) =>
      nearestFreeSeats({ ...event, isFree: (seat) => !wanted.has(seat) && seats.isAvailable(seat) }, taken);
    // A map that cannot be read costs the suggestions, not the answer: the seat is lost all the same.
    const suggestedSeats = (await readFreeSeats(eventId, nearest).catch(() => null)) ?? [];
    const suggestions = suggestedSeats.map((seatNumber) => ({
      seatNumber,
      price: priceOfSeat(event, seatNumber),
    }));
    throw new DomainError(error.code, error.message, { ...error.details, suggestedSeats, suggestions });
  }
}
