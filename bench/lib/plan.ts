import type { LoadJob, Work } from './load-job.js';
import type { Users } from './users.js';

/** As many as one user may have by default; each caller goes on as another user after that. */
const SEATS_PER_USER = 10;

/** Who does what: the part of a job that is worked out before it. */
export type Plan = Pick<LoadJob, 'tokens' | 'work'>;

export interface Seat {
  readonly eventId: string;
  readonly seatNumber: number;
}

/**
 * Shares seats out among callers in turn.
 *
 * @param options `seatsPerUser` is Infinity where nothing is taken, so that one user a caller is enough;
 * `skippedUsers` are left out, where they have had their seats of the event
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
      const turn = Math.floor(index / callers);
      return { eventId, seatNumber, caller: index % callers, user: Math.floor(turn / seatsPerUser) };
    }),
  };
}

/** The seats of an event from the first one on. */
export const firstSeats = (eventId: string, count: number): Seat[] =>
  Array.from({ length: count }, (_, index) => ({ eventId, seatNumber: index + 1 }));
