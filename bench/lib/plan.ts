import type { LoadJob, Work } from './load-job.js';
import type { Users } from './users.js';

/** One user may have so many seats by default. A caller continues as another user after that. */
const SEATS_PER_USER = 10;

/** The part of a job that is planned before it. */
export type Plan = Pick<LoadJob, 'tokens' | 'work'>;

export interface Seat {
  readonly eventId: string;
  readonly seatNumber: number;
}

/**
 * Distributes seats over callers.
 *
 * @param options `seatsPerUser` is Infinity if nothing is locked, so that one user for each caller is enough.
 *   `skippedUsers` users are left out because they have their seats of the event already.
 */
export async function planOf(
  users: Users,
  callers: number,
  seats: readonly Seat[],
  { seatsPerUser = SEATS_PER_USER, skippedUsers = 0 }: { seatsPerUser?: number; skippedUsers?: number } = {},
): Promise<Plan> {
  const usersPerCaller = Math.max(1, Math.ceil(Math.ceil(seats.length / callers) / seatsPerUser));
  const tokens = await users.tokens(callers * usersPerCaller, skippedUsers);
  return {
    tokens: Array.from({ length: callers }, (_, caller) =>
      tokens.slice(caller * usersPerCaller, (caller + 1) * usersPerCaller),
    ),
    work: seats.map(({ eventId, seatNumber }, index): Work => {
      const seatOfCaller = Math.floor(index / callers);
      return { eventId, seatNumber, caller: index % callers, user: Math.floor(seatOfCaller / seatsPerUser) };
    }),
  };
}

/** The first seats of an event. */
export const firstSeats = (eventId: string, count: number): Seat[] =>
  Array.from({ length: count }, (_, index) => ({ eventId, seatNumber: index + 1 }));
