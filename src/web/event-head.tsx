import { Link } from 'wouter';
import type { EventQuery } from './graphql/generated/graphql.js';
import { viewersDate } from './text/time.js';
import { EventPicture } from './ui/event-picture.js';
import { EventTime } from './ui/event-time.js';

/** What the event is called, and when it takes place. */
export function EventHead({ event }: { event: NonNullable<EventQuery['event']> }) {
  const viewersTime = viewersDate(event.eventDate, event.timeZone);
  return (
    <div className="event-head">
      <EventPicture url={event.imageUrl} className="event-picture" />
      <div className="event-head-text">
        <h1>
          <bdi>{event.name}</bdi>
        </h1>
        <p className="muted">
          <EventTime eventDate={event.eventDate} timeZone={event.timeZone} />
        </p>
        {event.venue != null && (
          <p className="muted">
            <bdi>{event.venue}</bdi>
          </p>
        )}
        {viewersTime !== null && <p className="muted">Your time: {viewersTime}</p>}
        {event.description != null && (
          <p className="event-description">
            <bdi>{event.description}</bdi>
          </p>
        )}
      </div>
      {event.sales && (
        <Link href={`/events/${event.id}/sales`} className="button">
          Sales
        </Link>
      )}
    </div>
  );
}
