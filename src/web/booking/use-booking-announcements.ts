import { useEffect, useRef, useState } from 'react';
import type { Seating } from 'seat-map/map';
import { useAnnounce } from 'seat-map/react';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import { type BookingAnnouncement, bookingAnnouncements } from './booking-announcements.js';

/** Announcements shown at a time; older ones disappear. */
const ANNOUNCEMENTS_MAX = 3;

/** Announces changes of known bookings, and keeps those to be shown until they are dismissed. */
export function useBookingAnnouncements(
  bookings: readonly BookingDetailsFragment[],
  /** Undefined until it is known. */
  seating: Seating | undefined,
  viewerId: string | undefined,
): { announcements: readonly BookingAnnouncement[]; dismissAnnouncements: () => void } {
  const announce = useAnnounce();
  const [kept, setKept] = useState<{
    viewerId: string | undefined;
    announcements: readonly BookingAnnouncement[];
  }>();
  const before = useRef(bookings);
  useEffect(() => {
    if (seating === undefined) return;
    const announcements = bookingAnnouncements(before.current, bookings, (seat) => seating.nameOf(seat));
    before.current = bookings;
    for (const { text } of announcements) announce(text, 'assertive');
    const shown = announcements.filter(({ isShown }) => isShown);
    if (shown.length === 0) return;
    setKept((earlier) => {
      const before = earlier !== undefined && earlier.viewerId === viewerId ? earlier.announcements : [];
      return { viewerId, announcements: [...before, ...shown].slice(-ANNOUNCEMENTS_MAX) };
    });
  }, [bookings, seating, viewerId, announce]);
  return {
    announcements: kept !== undefined && kept.viewerId === viewerId ? kept.announcements : [],
    dismissAnnouncements: () => setKept(undefined),
  };
}
