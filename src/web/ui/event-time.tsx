import { formatDate, fromNow } from '../text/time.js';
import { useByClock } from './use-relative-time.js';

/** When an event is, in its venue's zone, and how far away that is. */
export function EventTime({ eventDate, timeZone }: { eventDate: string; timeZone: string }) {
  const distance = useByClock((nowMs) => (nowMs === null ? null : fromNow(eventDate, nowMs, timeZone)));
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
