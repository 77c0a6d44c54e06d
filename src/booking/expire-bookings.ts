import { endBooking } from './cancel-booking.js';
import type { ExpireBookings, Expired } from './commands.js';
import type { Draft } from './draft.js';

/** Bookings that one expire command ends at most; the sweep asks again while there are more. */
export const BOOKINGS_EXPIRED_AT_ONCE_MAX = 1_000;

export const expireBookingsCommand = (eventId: string): ExpireBookings => ({
  kind: 'expireBookings',
  eventId,
});

/** Cancels PENDING bookings whose time is up and frees their seats. Their payment stays pending. */
export function expireBookings(draft: Draft, now: Date): Expired {
  const overdue = [...draft.bookingsBefore()].filter(
    (booking) => booking.status === 'pending' && booking.expiresAt !== null && booking.expiresAt <= now,
  );
  for (const booking of overdue) endBooking(draft, booking, 'expired', now);
  return { ended: overdue.length, more: overdue.length >= BOOKINGS_EXPIRED_AT_ONCE_MAX };
}
