import { formatDate, fromNow } from '../text/time.js';
import { useRelativeTime } from './use-relative-time.js';

/** An event's date in its venue's time zone, and how far away it is. */
export function EventTime({ eventDate, timeZone }: { eventDate: string; timeZone: string }) {
  const distance = useRelativeTime((nowMs) => (nowMs === null ? null : fromNow(eventDate, nowMs, timeZone)));
  return (
    <>
      <time dateTime={eventDate}>{formatDate(eventDate, timeZone)}</time>
      {distance !== null && (
        <>
          {' '}
          <span aria-hidden="true">·</span> {distance}
        </>
      )}
    </>
  );
}
