import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';

/** What has become of a booking, in a word or two. */
export function statusLabel({
  status,
  paymentStatus,
  isInvitation,
}: Pick<BookingDetailsFragment, 'status' | 'paymentStatus'> & { readonly isInvitation?: boolean }) {
  if (status === 'PENDING') return 'Payment pending';
  if (status === 'CONFIRMED') return 'Booked';
  if (isInvitation) return 'Cancelled';
  if (paymentStatus === 'REFUNDED') return 'Cancelled, paid back';
  if (paymentStatus === 'FAILED') return 'Cancelled, card declined';
  return 'Cancelled';
}
