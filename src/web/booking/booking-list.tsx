import { Fragment } from 'react';
import type { Seating } from 'seat-map/map';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import { BookingCard } from './booking-card.js';
import { PendingPayment } from './pending-payment.js';
import './booking.css';

/** Bookings of one event. A pending payment appears once, after the last of its bookings. */
export function BookingList({
  bookings,
  seating,
  timeZone,
  isSimulated,
  unpaid,
}: {
  bookings: readonly BookingDetailsFragment[];
  seating: Seating;
  /** IANA name, the venue's. */
  timeZone: string;
  /** Whether the user may answer in place of the card network. */
  isSimulated: boolean;
  /** A payment that the user has still to make, and what opens its form. */
  unpaid?: { readonly paymentId: string; readonly onPay: () => void } | undefined;
}) {
  const lastOfPayment = new Map(bookings.map(({ id, paymentId }) => [paymentId, id]));
  return (
    <ul className="bookings">
      {bookings.map((booking) => (
        <Fragment key={booking.id}>
          <BookingCard booking={booking} seating={seating} />
          {booking.status === 'PENDING' && lastOfPayment.get(booking.paymentId) === booking.id && (
            <PendingPayment
              booking={booking}
              timeZone={timeZone}
              isSimulated={isSimulated}
              onPay={unpaid?.paymentId === booking.paymentId ? unpaid.onPay : undefined}
            />
          )}
        </Fragment>
      ))}
    </ul>
  );
}
