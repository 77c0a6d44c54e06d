import type { Environment } from '../lib/environment.js';
import { LOCK } from '../lib/operations.js';
import { firstSeats, planOf } from '../lib/plan.js';
import type { ServerProcess } from '../lib/processes.js';
import { type Caller, overHttp } from '../lib/transports.js';
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

/** Locks the seat with this index in the plan. */
type LockSeat = (index: number) => Promise<Granted>;

/**
 * Locks seats of an event at a steady pace, one after the other from `firstSeat` on.
 *
 * @throws the first refusal
 */
export async function lockAtPace(
  environment: Pick<Environment, 'users'>,
  server: ServerProcess,
  eventId: string,
  { perSecond, durationMs, firstSeat = 1 }: { perSecond: number; durationMs: number; firstSeat?: number },
): Promise<Granted[]> {
  const seats = Math.ceil((perSecond * durationMs) / 1000);
  return withCallers(
    environment,
    server,
    eventId,
    seats,
    CALLERS,
    (lock) => atPace(perSecond, seats, lock),
    firstSeat,
  );
}

/**
 * Opens a connection for each caller, and closes them once `work` is done.
 *
 * @param seats how many seats `work` may lock, from `firstSeat` on
 */
export async function withCallers<Result>(
  { users }: Pick<Environment, 'users'>,
  server: ServerProcess,
  eventId: string,
  seats: number,
  callerCount: number,
  work: (lock: LockSeat) => Promise<Result>,
  firstSeat = 1,
): Promise<Result> {
  const numbered = firstSeats(eventId, seats).map((seat) => ({
    ...seat,
    seatNumber: seat.seatNumber + firstSeat - 1,
  }));
  const plan = await planOf(users, callerCount, numbered);
  const { callers, close } = await overHttp([server.url], plan.tokens);
  try {
    return await work(async (index) => {
      const { caller, user, seatNumber } = plan.work[index] as (typeof plan.work)[number];
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
