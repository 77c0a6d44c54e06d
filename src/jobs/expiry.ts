import type { Commands, Expired } from '../booking/commands.js';
import { expireBookingsCommand } from '../booking/expire-bookings.js';
import { expireLocksCommand } from '../booking/expire-locks.js';
import type { BookingReads } from '../booking/reads.js';
import type { Clock } from '../core/clock.js';

/** Events swept at a time; each is one command in its event's queue. */
const EVENTS_AT_ONCE_MAX = 16;

/** Writes down the lapses of all events. @returns how many locks it ended */
export async function expireLapsedLocks(
  commands: Commands,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithLapsedLocks(clock.now());
  return sweep(eventIds, (eventId) => commands.submit(expireLocksCommand(eventId)));
}

/** Cancels all PENDING bookings whose time is up. @returns how many it cancelled */
export async function expireOverdueBookings(
  commands: Commands,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithOverdueBookings(clock.now());
  return sweep(eventIds, (eventId) => commands.submit(expireBookingsCommand(eventId)));
}

/** One event's fault keeps no other from being swept; it is thrown at the end. */
async function sweep(
  eventIds: readonly string[],
  expire: (eventId: string) => Promise<Expired>,
): Promise<number> {
  const left = [...eventIds];
  const faults: unknown[] = [];
  let ended = 0;
  const worker = async () => {
    for (let eventId = left.pop(); eventId !== undefined; eventId = left.pop()) {
      try {
        for (let more = true; more; ) {
          const expired = await expire(eventId);
          ended += expired.ended;
          more = expired.more;
        }
      } catch (fault) {
        faults.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: EVENTS_AT_ONCE_MAX }, worker));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} events could not be swept`);
  return ended;
}
