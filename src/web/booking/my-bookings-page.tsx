import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useSeating } from 'seat-map/react';
import { Link } from 'wouter';
import { ForViewer } from '../account/for-viewer.js';
import { useAccount } from '../account/viewer.js';
import {
  type EventSummaryFragment,
  MyBookingsDocument,
  MyBookingsOfEventDocument,
  type MyBookingsQuery,
} from '../graphql/generated/graphql.js';
import { useLastError } from '../network/use-last-error.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useRefetchAfterFailure } from '../network/use-refetch-after-failure.js';
import { useServices } from '../services.js';
import { EventTime } from '../ui/event-time.js';
import { PagedList } from '../ui/paged-list.js';
import { useIsVisible } from '../ui/use-is-visible.js';
import { useTitle } from '../ui/use-title.js';
import { BookingAnnouncementNotice } from './booking-announcement-notice.js';
import { BookingList } from './booking-list.js';
import { useBookingAnnouncements } from './use-booking-announcements.js';

const PAGE_SIZE = 30;

type Booking = NonNullable<MyBookingsQuery['me']['bookings']>['edges'][number]['node'];

/** All bookings of the viewer, by event, newest first. */
export function MyBookingsPage() {
  useTitle('My bookings');
  const { viewer } = useAccount();
  const { data, loading, error, fetchMore, refetch } = useQuery(MyBookingsDocument, {
    variables: { first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    skip: !viewer,
  });
  const bookings = viewer ? data?.me.bookings : undefined;
  // Once the list is loaded, EventBookings refetches it after failures.
  useRefetchAfterFailure({
    error: bookings === undefined && viewer ? error : undefined,
    loading,
    refetch,
  });
  const lastError = useLastError(viewer ? error : undefined, loading);
  const groups = useMemo(() => byEvent(bookings?.edges.map(({ node }) => node) ?? []), [bookings]);
  return (
    <div className="page narrow">
      <h1>My bookings</h1>
      <ForViewer to="see what you have booked">
        <PagedList
          list={bookings}
          isLoading={loading}
          error={lastError}
          refetch={refetch}
          loadAfter={(after) => fetchMore({ variables: { first: PAGE_SIZE, after } })}
          empty={
            <>
              You have booked nothing yet. <Link href="/">See what is on</Link>
            </>
          }
        >
          {() =>
            groups.map(({ event, bookings: ofEvent }) => (
              <EventBookings key={event.id} event={event} bookings={ofEvent} onNew={refetch} />
            ))
          }
        </PagedList>
      </ForViewer>
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
  const seating = useSeating(event);
  const section = useRef<HTMLElement>(null);
  // The list may be long, and a socket has a limited number of subscriptions.
  const isVisible = useIsVisible(section);
  // Its messages update the bookings in the cache, and so in the list. A booking that the list lacks is fetched.
  const { clock } = useServices().seats;
  const live = useLiveSubscription(MyBookingsOfEventDocument, {
    variables: { eventId: event.id },
    isWanted: isVisible && viewer != null,
    onData: ({ myReservationsChanged }) => clock.receive(myReservationsChanged.serverTime),
  });
  const { announcements, dismissAnnouncements } = useBookingAnnouncements(bookings, seating, viewer?.id);
  const known = new Set(bookings.map(({ id }) => id));
  const newest = Math.max(...bookings.map(({ createdAt }) => Date.parse(createdAt)));
  const missing = (live?.myReservationsChanged.bookings ?? [])
    .filter(({ id, createdAt }) => !known.has(id) && Date.parse(createdAt) >= newest)
    .map(({ id }) => id)
    .join(' ');
  const [lastError, setLastError] = useState<unknown>();
  const fetchNew = () => onNew().then(() => setLastError(undefined), setLastError);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each new booking; after a failure the retry below repeats it.
  useEffect(() => {
    if (missing !== '' && lastError === undefined) void fetchNew();
  }, [missing]);
  useRefetchAfterFailure({ error: missing === '' ? undefined : lastError, refetch: fetchNew });
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
      <BookingAnnouncementNotice announcements={announcements} onDismiss={dismissAnnouncements} />
      {seating && (
        <BookingList
          bookings={bookings}
          seating={seating}
          timeZone={event.timeZone}
          isSimulated={event.paymentProvider === 'SIMULATED'}
        />
      )}
    </section>
  );
}

/** Events in the order of their newest booking. Bookings made together are sorted by seat. */
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
