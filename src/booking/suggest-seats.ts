import { type Event, priceOfSeat, priceOfSection } from '../catalog/event.js';
import { placeOf } from '../catalog/place.js';
import type { SeatingPlan } from '../catalog/seating-plan.js';
import { DomainError } from '../core/errors.js';
import type { LockSeats } from './commands.js';
import type { Lock } from './lock.js';
import { SeatsTaken } from './lock-seats.js';
import { nearestFreeSeats } from './nearest-free-seats.js';

/** The seats of one event as they are now. */
export interface FreeSeats {
  isAvailable(seatNumber: number): boolean;
}

/** Reads the seats of an event as they are now; null if there is no such event. */
export type ReadFreeSeats = <Result>(
  eventId: string,
  read: (seats: FreeSeats) => Result,
) => Promise<Result | null>;

/**
 * Adds to the refusal of taken seats where they are, and the free seats nearest to them, with their prices. This happens after the transaction:
 * a suggestion may be taken before the client reads it, so it needs no lock.
 */
export async function withSuggestions(
  answer: Promise<readonly Lock[]>,
  { eventId, seatNumbers }: LockSeats,
  readFreeSeats: ReadFreeSeats,
  readPlan: (event: Event) => Promise<SeatingPlan>,
): Promise<readonly Lock[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof SeatsTaken)) throw error;
    const { taken, event } = error;
    const wanted = new Set(seatNumbers);
    const plan = await readPlan(event);
    const nearest = (seats: FreeSeats) =>
      nearestFreeSeats(
        {
          plan,
          priceOf: (section) => priceOfSection(event, section),
          isFree: (seat) => !wanted.has(seat) && seats.isAvailable(seat),
        },
        taken,
      );
    // If the map cannot be read, the answer has no suggestions.
    const suggestedSeats = (await readFreeSeats(eventId, nearest).catch(() => null)) ?? [];
    const labelOf = (seatNumber: number) => placeOf(event, plan, seatNumber)?.label ?? String(seatNumber);
    const suggestions = suggestedSeats.map((seatNumber) => ({
      seatNumber,
      label: labelOf(seatNumber),
      price: priceOfSeat(event, seatNumber),
    }));
    const labels = taken.map(labelOf);
    const message =
      labels.length === 1 ? `${labels[0]} is taken.` : `These seats are taken: ${labels.join('; ')}.`;
    throw new DomainError(error.code, message, { ...error.details, suggestedSeats, suggestions });
  }
}
