import { useApolloClient } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import { isolated } from 'seat-map/map';
import { Link } from 'wouter';
import { AvailabilityChangedDocument, type EventSummaryFragment } from '../graphql/generated/graphql.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { calendarLeaf } from '../text/time.js';
import { EventPicture } from '../ui/event-picture.js';
import { EventTime } from '../ui/event-time.js';
import { useIsVisible } from '../ui/use-is-visible.js';
import { useHasStarted } from '../ui/use-relative-time.js';
import { priceRange } from './price-range.js';
import { saleLabel } from './sale-status.js';
import { useEventChanges } from './use-event-changes.js';

/** A shorter interruption is over before anybody could notice it. */
const QUIET_MS = 600;

/** One event of a list, with the live number of seats left. */
export function EventCard({
  event,
  withSales = false,
}: {
  event: EventSummaryFragment;
  /** Adds a link to its sales, for its organizer. */
  withSales?: boolean;
}) {
  const { clock } = useServices().seats;
  const hasStarted = useHasStarted(event.eventDate);
  const card = useRef<HTMLLIElement>(null);
  const isVisible = useIsVisible(card);
  const client = useApolloClient();
  /** The connection was lost since the last message. */
  const [isStale, setStale] = useState(false);
  const becomesStale = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(becomesStale.current), []);
  useLiveSubscription(AvailabilityChangedDocument, {
    variables: { eventId: event.id },
    // The list may be long, and a socket has a limited number of subscriptions.
    isWanted: isVisible,
    ignoreResults: true,
    onLost: () => {
      becomesStale.current ??= setTimeout(() => setStale(true), QUIET_MS);
    },
    onData: ({ seatAvailabilityChanged: { availability, serverTime } }) => {
      clock.receive(serverTime);
      clearTimeout(becomesStale.current);
      becomesStale.current = undefined;
      setStale(false);
      // The list and the event's page both show the cached event.
      client.cache.modify({
        id: client.cache.identify({ __typename: 'Event', id: event.id }) ?? '',
        fields: { availability: () => availability },
      });
    },
  });
  useEventChanges(event.id, isVisible);
  const isCancelled = event.status === 'CANCELLED';
  const label = hasStarted && !isCancelled ? null : saleLabel(event);
  const { availableSeats, totalSeats } = event.availability;
  const { month, day } = calendarLeaf(event.eventDate, event.timeZone);
  const share = totalSeats === 0 ? 0 : availableSeats / totalSeats;
  return (
    <li ref={card}>
      <Link href={`/events/${event.id}`} className="event-card">
        <span className="event-card-front">
          <EventPicture url={event.imageUrl} className="event-card-picture" />
          <span className="leaf" aria-hidden="true">
            <span className="leaf-month">{month}</span>
            <span className="leaf-day">{day}</span>
          </span>
        </span>
        <span className="event-card-text">
          <span className="event-card-name">
            <bdi>{event.name}</bdi>
          </span>
          <span className="muted">
            <EventTime eventDate={event.eventDate} timeZone={event.timeZone} />
          </span>
          {event.venue != null && (
            <span className="muted">
              <bdi>{event.venue}</bdi>
            </span>
          )}
          {event.description != null && (
            <span className="event-card-description">
              <bdi>{event.description}</bdi>
            </span>
          )}
          <span className="muted">{priceRange(event.sections)}</span>
          {label !== null && <span className="badge">{label}</span>}
          {event.cancellation?.reason != null && (
            <bdi className="muted event-card-reason">{event.cancellation.reason}</bdi>
          )}
        </span>
        {!hasStarted && !isCancelled && (
          <span className={`event-card-seats ${isStale ? 'stale' : ''}`}>
            <span>
              <strong className="number">{availableSeats.toLocaleString()}</strong>
              <span className="muted">
                {' '}
                of {totalSeats.toLocaleString()} {isStale ? 'were left' : 'left'}
              </span>
            </span>
            <span className="meter" aria-hidden="true">
              <span style={{ width: `${share * 100}%` }} />
            </span>
          </span>
        )}
      </Link>
      {withSales && (
        <Link
          href={`/events/${event.id}/sales`}
          className="event-card-sales"
          aria-label={`Sales of ${isolated(event.name)}`}
        >
          Sales
        </Link>
      )}
    </li>
  );
}
