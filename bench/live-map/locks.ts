import type { Environment } from '../lib/environment.js';
import { LOCK } from '../lib/operations.js';
import { firstSeats, planOf } from '../lib/plan.js';
import type { ServerProcess } from '../lib/server-process.js';
import { type Caller, overHttp } from '../lib/transports.js';
import { atPace } from './pace.js';

/** A call waits for a free connection. At the paces here that hardly happens. */
const CALLERS = 32;

/** A granted lock. Milliseconds since 1970. */
export interface Granted {
  readonly seatNumber: number;
  readonly startedMs: number;
  readonly answeredMs: number;
  readonly expiresMs: number;
}

/** Locks the seat at this index of the plan. */
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
 * @param seats number of seats that `work` may lock, from `firstSeat` on
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
      const startedMs = Date.now();
      const input = { eventId, seatNumber };
      const { lockSeat } = await (callers[caller] as Caller).call(LOCK, { input }, user);
      const { expiresAt } = lockSeat as { expiresAt: string };
      return { seatNumber, startedMs, answeredMs: Date.now(), expiresMs: Date.parse(expiresAt) };
    });
  } finally {
    await close();
  }
}
