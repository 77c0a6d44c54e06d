import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands, ExpireBookings, ExpirePayments } from '../booking/commands.js';
import { expireBookingsCommand } from '../booking/expire-bookings.js';
import { expirePaymentsCommand } from '../booking/expire-payments.js';
import type { Clock } from '../core/clock.js';
import type { EventExpiry } from './event-expiry.js';

/** Events swept at a time; each is one command in its event's queue. */
const EVENTS_AT_ONCE_MAX = 16;
/** How long a run stays with one event. Its sweep goes on, and the next run comes back to it. */
export const EVENT_RUN_MS_MAX = 10_000;

/** Writes down the lapses of all events. @returns how many locks it ended, as far as it stayed to see */
export async function recordExpiredLocks(
  sweeps: Pick<EventExpiry, 'recordExpiries'>,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithExpiredLocks(clock.now());
  return forEachEvent(eventIds, (eventId) => withRunLimit(sweeps.recordExpiries(eventId)));
}

/** Cancels all PENDING bookings whose time is up. @returns how many it cancelled */
export async function cancelOverdueBookings(
  commands: Commands,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithOverdueBookings(clock.now());
  return forEachEvent(eventIds, (eventId) => expireAll(commands, expireBookingsCommand(eventId)));
}

/** Fails all PENDING payments that have waited for too long. @returns how many it failed */
export async function failOverduePayments(
  commands: Commands,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithOverduePayments(clock.now());
  return forEachEvent(eventIds, (eventId) => expireAll(commands, expirePaymentsCommand(eventId)));
}

async function expireAll(commands: Commands, command: ExpireBookings | ExpirePayments): Promise<number> {
  for (let ended = 0; ; ) {
    const expired = await commands.submit(command);
    ended += expired.ended;
    if (!expired.hasMore) return ended;
  }
}

/** One event's fault keeps no other from being swept; it is thrown at the end. */
async function forEachEvent(
  eventIds: readonly string[],
  expire: (eventId: string) => Promise<number>,
): Promise<number> {
  const left = [...eventIds];
  const faults: unknown[] = [];
  let ended = 0;
  const worker = async () => {
    for (let eventId = left.pop(); eventId !== undefined; eventId = left.pop()) {
      try {
        // Only then added: others add theirs meanwhile.
        const endedHere = await expire(eventId);
        ended += endedHere;
      } catch (fault) {
        faults.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: EVENTS_AT_ONCE_MAX }, worker));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} events could not be swept`);
  return ended;
}

async function withRunLimit(ended: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(0), EVENT_RUN_MS_MAX);
  });
  return Promise.race([ended, tooLong]).finally(() => clearTimeout(timer));
}
