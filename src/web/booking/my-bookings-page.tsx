import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import {
  type EventSummaryFragment,
  MyBookingsDocument,
  type MyBookingsQuery,
} from '../graphql/generated/graphql.js';
import { Seating } from '../map/seating.js';
import { FetchFault } from '../network/fetch-error.js';
import { useLastFault } from '../network/use-last-error.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { EventTime } from '../ui/event-time.js';
import { ShowMore } from '../ui/show-more.js';
import { useIsSeen } from '../ui/use-is-visible.js';
import { useTitle } from '../ui/use-title.js';
import { BookingNews } from './booking-announcement-notice.js';
import { BookingList } from './booking-list.js';
import { useBookingAnnouncements } from './use-booking-announcements.js';
import { useReservations } from './use-reservations.js';

const PAGE_SIZE = 30;

type Booking = NonNullable<MyBookingsQuery['me']['bookings']>['edges'][number]['node'];

/** All that the viewer has booked, by event, newest first. */
export function MyBookingsPage() {
  useTitle('My bookings');
  const { viewer, signIn } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyBookingsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
  });
  const bookings = viewer ? data?.me.bookings : undefined;
  // What is missing from a list that is there, its events ask for.
  useRefetchAfterFailure({
    error: bookings === undefined && viewer ? error : undefined,
    loading,
    refetch,
  });
  const fault = useLastFault(viewer ? error : undefined, loading);
  const groups = useMemo(() => byEvent(bookings?.edges.map(({ node }) => node) ?? []), [bookings]);
  return (
    <div className="page narrow">
      <h1>My bookings</h1>
      {viewer === null && (
        <p className="empty">
          Sign in to see what you have booked.{' '}
          <button type="button" className="button primary" onClick={() => signIn()}>
            Sign in
          </button>
        </p>
      )}
      {fault !== undefined && viewer && <FetchFault fault={fault} refetch={refetch} />}
      {viewer && bookings === undefined && loading && fault === undefined && (
        <p className="muted">Loading…</p>
      )}
      {bookings?.edges.length === 0 && (
        <p className="empty">
          You have booked nothing yet. <Link href="/">See what is on</Link>
        </p>
      )}
      {groups.map(({ event, bookings: ofEvent }) => (
        <EventBookings key={event.id} event={event} bookings={ofEvent} onNew={refetch} />
      ))}
      {bookings?.pageInfo.hasNextPage && (
        <ShowMore
          load={() => fetchMore({ variables: { first: PAGE_SIZE, after: bookings.pageInfo.endCursor } })}
        />
      )}
    </div>
  );
}

function EventBookings({
  event,
  bookings,
  onNew,
}: {
  event: EventSummaryFragment;
  bookings: readonly Booking[];
  onNew: () => Promise<unknown>;
}) {
  const { viewer } = useAccount();
  const seating = useMemo(
    () => new Seating(event.sections, event.totalSeats),
    [event.sections, event.totalSeats],
  );
  const section = useRef<HTMLElement>(null);
  // A list may be long, and a socket has so many subscriptions and no more.
  const isSeen = useIsSeen(section);
  // What it tells changes the bookings in the cache, and so those in the list; one that is not there yet is fetched.
  const { reservations } = useReservations(event.id, isSeen ? viewer?.id : undefined);
  const { news, forgetNews } = useBookingAnnouncements(bookings, seating, viewer?.id);
  const known = new Set(bookings.map(({ id }) => id));
  const newest = Math.max(...bookings.map(({ createdAt }) => Date.parse(createdAt)));
  const missing = reservations.bookings
    .filter(({ id, createdAt }) => !known.has(id) && Date.parse(createdAt) >= newest)
    .map(({ id }) => id)
    .join(' ');
  const [fault, setFault] = useState<unknown>();
  const ask = () => onNew().then(() => setFault(undefined), setFault);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each arrival, and where it failed after a pause.
  useEffect(() => {
    if (missing !== '' && fault === undefined) void ask();
  }, [missing]);
  useRefetchAfterFailure({ error: missing === '' ? undefined : fault, refetch: ask });
  return (
    <section ref={section} className="booked-event">
      <h2>
        <Link href={`/events/${event.id}`}>
          <bdi>{event.name}</bdi>
        </Link>
      </h2>
      <p className="muted">
        <EventTime eventDate={event.eventDate} timeZone={event.timeZone} />
      </p>
      <BookingNews news={news} onDismiss={forgetNews} />
      <BookingList bookings={bookings} seating={seating} timeZone={event.timeZone} />
    </section>
  );
}

/** In the order of each event's newest booking; what was booked together, by seat. */
function byEvent(bookings: readonly Booking[]): { event: EventSummaryFragment; bookings: Booking[] }[] {
  const groups = new Map<string, { event: EventSummaryFragment; bookings: Booking[] }>();
  for (const booking of bookings) {
    const group = groups.get(booking.eventId) ?? { event: booking.event, bookings: [] };
    group.bookings.push(booking);
    groups.set(booking.eventId, group);
  }
  for (const { bookings: ofEvent } of groups.values()) {
    ofEvent.sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt) || a.seatNumber - b.seatNumber);
  }
  return [...groups.values()];
}
