import { useEffect, useRef } from 'react';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { useAnnounce } from '../ui/announcer.js';
import { bookingNews } from './booking-news.js';

/** Says what becomes of bookings that are there already: a card network answers whenever it does. */
export function useBookingNews(bookings: readonly BookingDetailsFragment[], seating: Seating): void {
  const announce = useAnnounce();
  const before = useRef(bookings);
  useEffect(() => {
    for (const news of bookingNews(before.current, bookings, (seat) => seating.nameOf(seat))) {
      announce(news, 'assertive');
    }
    before.current = bookings;
  }, [bookings, seating, announce]);
}
