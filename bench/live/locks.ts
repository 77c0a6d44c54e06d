import type { Environment } from '../environment.js';
import { LOCK } from '../operations.js';
import { firstSeats, planOf, type Seat } from '../plan.js';
import type { ServerProcess } from '../processes.js';
import { type Caller, overHttp } from '../transports.js';
import { atPace } from './pace.js';

/** Who has no connection free waits for one; at the paces here, hardly anybody does. */
const CALLERS = 32;

/** One lock that was granted. Milliseconds since 1970. */
export interface Granted {
  readonly seatNumber: number;
  readonly beganMs: number;
  readonly answeredMs: number;
  readonly expiresMs: number;
}

/**
 * Locks seats of an event at a steady pace, one after the other from `firstSeat` on.
 *
 * @throws the first refusal
 */
export async function lockAtPace(
  { users }: Pick<Environment, 'users'>,
  server: ServerProcess,
  eventId: string,
  { perSecond, durationMs, firstSeat = 1 }: { perSecond: number; durationMs: number; firstSeat?: number },
): Promise<Granted[]> {
  const seats: Seat[] = firstSeats(eventId, Math.ceil((perSecond * durationMs) / 1000)).map((seat) => ({
    ...seat,
    seatNumber: seat.seatNumber + firstSeat - 1,
  }));
  const { tokens, work } = await planOf(users, CALLERS, seats);
  const { callers, close } = await overHttp([server.url], tokens);
  try {
    return await atPace(perSecond, work.length, async (index): Promise<Granted> => {
      const { caller, user, seatNumber } = work[index] as (typeof work)[number];
      const beganMs = Date.now();
      const input = { eventId, seatNumber };
      const { lockSeat } = await (callers[caller] as Caller).call(LOCK, { input }, user);
      const { expiresAt } = lockSeat as { expiresAt: string };
      return { seatNumber, beganMs, answeredMs: Date.now(), expiresMs: Date.parse(expiresAt) };
    });
  } finally {
    await close();
  }
}
