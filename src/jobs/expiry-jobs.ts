import type { BookingReads } from '../booking/booking-reads.js';
import type { Commands, ExpireBookings, ExpirePayments } from '../booking/commands.js';
import { expireBookingsCommand } from '../booking/expire-bookings.js';
import { expirePaymentsCommand } from '../booking/expire-payments.js';
import type { Clock } from '../core/clock.js';
import type { EventExpiry } from './event-expiry.js';

/** Events that a run works on at a time; each has one command in its event's queue. */
const EVENTS_AT_ONCE_MAX = 16;
/** How long a run waits for one event. Its work continues, and the next run waits for it again. */
export const EVENT_RUN_MS_MAX = 10_000;

/** Records the expired locks of all events. @returns how many locks were ended, without events that took too long */
export async function recordExpiredLocks(
  eventExpiry: Pick<EventExpiry, 'recordExpiries'>,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithExpiredLocks(clock.now());
  return forEachEvent(eventIds, (eventId) => withRunLimit(eventExpiry.recordExpiries(eventId)));
}

/** Cancels all overdue PENDING bookings. @returns how many */
export async function cancelOverdueBookings(
  commands: Commands,
  reads: BookingReads,
  clock: Clock,
): Promise<number> {
  const eventIds = await reads.eventsWithOverdueBookings(clock.now());
  return forEachEvent(eventIds, (eventId) => expireAll(commands, expireBookingsCommand(eventId)));
}

/** Fails all overdue PENDING payments. @returns how many */
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

/** Handles every event, even if one fails; the faults are thrown at the end. */
export async function forEachEvent(
  eventIds: readonly string[],
  expire: (eventId: string) => Promise<number>,
): Promise<number> {
  const left = [...eventIds];
  const faults: unknown[] = [];
  let ended = 0;
  const worker = async () => {
    for (let eventId = left.pop(); eventId !== undefined; eventId = left.pop()) {
      try {
        // Not `ended += await …`: other workers add to it while this one waits.
        const endedHere = await expire(eventId);
        ended += endedHere;
      } catch (fault) {
        faults.push(fault);
      }
    }
  };
  await Promise.all(Array.from({ length: EVENTS_AT_ONCE_MAX }, worker));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} events could not be handled`);
  return ended;
}

export async function withRunLimit(ended: Promise<number>): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(0), EVENT_RUN_MS_MAX);
  });
  return Promise.race([ended, tooLong]).finally(() => clearTimeout(timer));
}
