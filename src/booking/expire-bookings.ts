import type { Booking } from './booking.js';
import { endBooking } from './cancel-booking.js';
import type { ExpireBookings, Expired } from './commands.js';
import type { Draft } from './draft.js';

/** How many bookings one expire command cancels; the job repeats it while there are more. Few, for the same reason as locks. */
export const BOOKINGS_EXPIRED_AT_ONCE_MAX = 25;

export const expireBookingsCommand = (eventId: string): ExpireBookings => ({
  kind: 'expireBookings',
  eventId,
});

/** Cancels overdue PENDING bookings and frees their seats. Their payments stay pending. */
export function expireBookings(draft: Draft, now: Date): Expired {
  const overdueOf = (bookings: Iterable<Booking>) =>
    [...bookings].filter(
      ({ status, expiresAt }) => status === 'pending' && expiresAt !== null && expiresAt <= now,
    );
  // More may be loaded, for other commands of the batch.
  const overdue = overdueOf(draft.bookingsBeforeCommand()).slice(0, BOOKINGS_EXPIRED_AT_ONCE_MAX);
  for (const booking of overdue) endBooking(draft, booking, 'expired', now);
  // Earlier commands of the batch may have ended some of the loaded ones, so those before the batch are counted.
  const loaded = overdueOf(draft.bookingsBeforeBatch()).length;
  return { ended: overdue.length, hasMore: loaded >= BOOKINGS_EXPIRED_AT_ONCE_MAX };
}
