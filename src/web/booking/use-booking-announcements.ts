import { useEffect, useRef, useState } from 'react';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import type { Seating } from '../map/seating.js';
import { useAnnounce } from '../ui/announcer.js';
import { bookingAnnouncements, type News } from './booking-announcements.js';

/** The newest that are shown at a time. */
const NEWS_MAX = 3;

/** Announces what becomes of bookings that are there already, and keeps what is to be shown of it until it is dismissed. */
export function useBookingAnnouncements(
  bookings: readonly BookingDetailsFragment[],
  seating: Seating,
  viewerId: string | undefined,
): { news: readonly News[]; forgetNews: () => void } {
  const announce = useAnnounce();
  const [kept, setKept] = useState<{ viewerId: string | undefined; news: readonly News[] }>();
  const before = useRef(bookings);
  useEffect(() => {
    const news = bookingAnnouncements(before.current, bookings, (seat) => seating.nameOf(seat));
    before.current = bookings;
    for (const { words } of news) announce(words, 'assertive');
    const shown = news.filter(({ isShown }) => isShown);
    if (shown.length === 0) return;
    setKept((earlier) => {
      const before = earlier !== undefined && earlier.viewerId === viewerId ? earlier.news : [];
      return { viewerId, news: [...before, ...shown].slice(-NEWS_MAX) };
    });
  }, [bookings, seating, viewerId, announce]);
  return {
    news: kept !== undefined && kept.viewerId === viewerId ? kept.news : [],
    forgetNews: () => setKept(undefined),
  };
}
