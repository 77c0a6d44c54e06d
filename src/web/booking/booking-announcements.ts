import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';

type Known = Pick<BookingDetailsFragment, 'id' | 'seatNumber' | 'status' | 'paymentStatus'>;

export interface BookingAnnouncement {
  readonly text: string;
  readonly tone: 'good' | 'warning';
  /** Whether it is also shown. A confirmed booking is cancelled only by its user, who sees the result anyway. */
  readonly isShown: boolean;
}

/** Announcements for bookings whose status changed. A new booking gets none, as its user has just made it. */
export function bookingAnnouncements(
  before: readonly Known[],
  now: readonly Known[],
  nameOf: (seatNumber: number) => string,
): BookingAnnouncement[] {
  const then = new Map(before.map(({ id, status }) => [id, status]));
  const changed = now.filter(({ id, status }) => then.has(id) && then.get(id) !== status);
  const wasPending = ({ id }: Known) => then.get(id) === 'PENDING';
  const names = (of: readonly Known[]) => of.map(({ seatNumber }) => nameOf(seatNumber)).join('; ');
  const confirmed = changed.filter(({ status }) => status === 'CONFIRMED');
  const cancelled = changed.filter(({ status }) => status === 'CANCELLED');
  const declined = cancelled.filter(({ paymentStatus }) => paymentStatus === 'FAILED');
  const late = cancelled.filter(
    (booking) => wasPending(booking) && ['COMPLETED', 'REFUNDED'].includes(booking.paymentStatus),
  );
  const others = cancelled.filter((booking) => !declined.includes(booking) && !late.includes(booking));
  const announcements: BookingAnnouncement[] = [];
  const add = (of: readonly Known[], text: string, tone: BookingAnnouncement['tone'], isShown = true) => {
    if (of.length > 0) announcements.push({ text: `${text}: ${names(of)}.`, tone, isShown });
  };
  add(confirmed, 'The payment has come through. Booked', 'good');
  add(declined, 'The card network declined the payment. No longer booked', 'warning');
  add(late, 'The payment is paid back. No longer booked', 'warning');
  add(others, 'Cancelled', 'warning', others.some(wasPending));
  return announcements;
}
