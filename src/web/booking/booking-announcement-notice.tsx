import { CloseIcon } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import type { BookingAnnouncement } from './booking-announcements.js';

/** Changes of the viewer's bookings while the page is open. `useBookingAnnouncements` reads them out. */
export function BookingAnnouncementNotice({
  announcements,
  onDismiss,
}: {
  announcements: readonly BookingAnnouncement[];
  onDismiss: () => void;
}) {
  if (announcements.length === 0) return null;
  return (
    <section className="booking-news" aria-label="News of your bookings">
      {announcements.map(({ text, tone }) => (
        <Notice key={text} tone={tone}>
          {text}
        </Notice>
      ))}
      <button type="button" className="icon-button" aria-label="Dismiss the news" onClick={onDismiss}>
        <CloseIcon />
      </button>
    </section>
  );
}
