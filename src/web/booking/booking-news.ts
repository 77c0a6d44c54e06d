import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';

type Known = Pick<BookingDetailsFragment, 'id' | 'seatNumber' | 'status' | 'paymentStatus'>;

/** What has become of bookings, in sentences; a booking that was not there before is no news, whoever made it knows. */
export function bookingNews(
  before: readonly Known[],
  now: readonly Known[],
  nameOf: (seatNumber: number) => string,
): string[] {
  const then = new Map(before.map(({ id, status }) => [id, status]));
  const changed = now.filter(({ id, status }) => then.has(id) && then.get(id) !== status);
  const names = (of: readonly Known[]) => of.map(({ seatNumber }) => nameOf(seatNumber)).join('; ');
  const confirmed = changed.filter(({ status }) => status === 'CONFIRMED');
  const cancelled = changed.filter(({ status }) => status === 'CANCELLED');
  const declined = cancelled.filter(({ paymentStatus }) => paymentStatus === 'FAILED');
  const others = cancelled.filter(({ paymentStatus }) => paymentStatus !== 'FAILED');
  return [
    confirmed.length > 0 && `The payment has come through. Booked: ${names(confirmed)}.`,
    declined.length > 0 && `The card network declined the payment. No longer booked: ${names(declined)}.`,
    others.length > 0 && `Cancelled: ${names(others)}.`,
  ].filter((words) => words !== false);
}
