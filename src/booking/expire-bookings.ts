import type { Booking } from './booking.js';
import { endBooking } from './cancel-booking.js';
import type { ExpireBookings, Expired } from './commands.js';
import type { Draft } from './draft.js';

/** Bookings that one expire command ends at most; the sweep asks again while there are more. Few, as of locks. */
export const BOOKINGS_EXPIRED_AT_ONCE_MAX = 25;

export const expireBookingsCommand = (eventId: string): ExpireBookings => ({
  kind: 'expireBookings',
  eventId,
});

/** Cancels PENDING bookings whose time is up and frees their seats. Their payment stays pending. */
export function expireBookings(draft: Draft, now: Date): Expired {
  const overdueOf = (bookings: Iterable<Booking>) =>
    [...bookings].filter(
      ({ status, expiresAt }) => status === 'pending' && expiresAt !== null && expiresAt <= now,
    );
  // Other commands of the batch may have loaded more.
  const overdue = overdueOf(draft.bookingsBeforeCommand()).slice(0, BOOKINGS_EXPIRED_AT_ONCE_MAX);
  for (const booking of overdue) endBooking(draft, booking, 'expired', now);
  // Some of those that were loaded may have been ended by others in the batch, which cancelled or settled them.
  const loaded = overdueOf(draft.bookingsBeforeBatch()).length;
  return { ended: overdue.length, hasMore: loaded >= BOOKINGS_EXPIRED_AT_ONCE_MAX };
}
