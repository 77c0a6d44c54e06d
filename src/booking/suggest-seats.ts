import { DomainError } from '../core/errors.js';
import { nearestFreeSeats } from './availability.js';
import type { LockSeats } from './commands.js';
import type { Lock } from './lock.js';

/** Farther from a lost seat nobody is offered one: a nearly sold-out hall is not searched from end to end. */
const REACH_MAX = 2_500;

/** The seats of one event as they are now. */
export interface FreeSeats {
  readonly totalSeats: number;
  isAvailable(seatNumber: number): boolean;
}

/** Looks at the seats of an event as they are now; null when there is no such event. */
export type LookAtSeats = <Seen>(eventId: string, see: (seats: FreeSeats) => Seen) => Promise<Seen | null>;

/**
 * Answers a lost seat with the free ones nearest to it. After the decision and outside of it: a suggestion is worth
 * no transaction, and may be gone by the time it is read.
 */
export async function withSuggestions(
  answer: Promise<readonly Lock[]>,
  { eventId, seatNumbers }: LockSeats,
  look: LookAtSeats,
): Promise<readonly Lock[]> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'SEAT_UNAVAILABLE') throw error;
    const lost = error.details.seatNumbers as readonly number[];
    const nearest = (seats: FreeSeats) => {
      const isFree = (seatNumber: number) => seats.isAvailable(seatNumber);
      return nearestFreeSeats(lost, seats.totalSeats, isFree, new Set(seatNumbers), REACH_MAX);
    };
    // Whatever keeps the seats from being looked at, this one is lost all the same, and that is the answer.
    const suggestedSeats = (await look(eventId, nearest).catch(() => null)) ?? [];
    throw new DomainError(error.code, error.message, { ...error.details, suggestedSeats });
  }
}
