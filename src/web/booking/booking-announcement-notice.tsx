import { Cross } from '../ui/close-icon.js';
import { Notice } from '../ui/notice.js';
import type { News } from './booking-announcements.js';

/** What has become of the viewer's bookings while the page was open. It is announced where it is heard of. */
export function BookingNews({ news, onDismiss }: { news: readonly News[]; onDismiss: () => void }) {
  if (news.length === 0) return null;
  return (
    <section className="booking-news" aria-label="News of your bookings">
      {news.map(({ words, tone }) => (
        <Notice key={words} tone={tone}>
          {words}
        </Notice>
      ))}
      <button type="button" className="icon-button" aria-label="Dismiss the news" onClick={onDismiss}>
        <Cross />
      </button>
    </section>
  );
}
