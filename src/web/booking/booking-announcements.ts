import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';

type Known = Pick<BookingDetailsFragment, 'id' | 'seatNumber' | 'status' | 'paymentStatus'>;

export interface News {
  readonly words: string;
  readonly tone: 'good' | 'warning';
  /** Whether it is shown, too. A booking that was confirmed is cancelled by its own user, who sees it happen. */
  readonly isShown: boolean;
}

/** What has become of bookings, in sentences; a booking that was not there before is no news, whoever made it knows. */
export function bookingAnnouncements(
  before: readonly Known[],
  now: readonly Known[],
  nameOf: (seatNumber: number) => string,
): News[] {
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
  const news: News[] = [];
  const add = (of: readonly Known[], words: string, tone: News['tone'], isShown = true) => {
    if (of.length > 0) news.push({ words: `${words}: ${names(of)}.`, tone, isShown });
  };
  add(confirmed, 'The payment has come through. Booked', 'good');
  add(declined, 'The card network declined the payment. No longer booked', 'warning');
  add(late, 'The payment is paid back. No longer booked', 'warning');
  add(others, 'Cancelled', 'warning', others.some(wasPending));
  return news;
}
