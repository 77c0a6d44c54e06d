import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { formatMoney, isolated, type Money, type Seating } from 'seat-map/map';
import { useSeating } from 'seat-map/react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { statusLabel } from '../booking/booking-card.js';
import { useEventChanges } from '../events/use-event-changes.js';
import {
  AvailabilityChangedDocument,
  type BookingDetailsFragment,
  EventBookingsDocument,
  SalesDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useLastError } from '../network/use-last-error.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { formatDate } from '../text/time.js';
import { NotFound } from '../ui/not-found.js';
import { Notice } from '../ui/notice.js';
import { ShowMore } from '../ui/show-more.js';
import { useIsVisible } from '../ui/use-is-visible.js';
import { useThrottled } from '../ui/use-throttled.js';
import { useTitle } from '../ui/use-title.js';
import { SaleControls } from './sale-controls.js';
import './organizer.css';

const PAGE_SIZE = 25;
/** A settled payment changes no seat, so the subscription does not report it. */
const CHECK_EVERY_MS = 5_000;
/** The figures are fetched at most once in this time, even if seats change more often. */
const REFRESH_EVERY_MS = 500;

/** The live sales of an event, for its organizer. */
export function SalesPage({ id }: { id: string }) {
  const { viewer, signIn } = useAccount();
  const client = useApolloClient();
  const { sessionEnd } = useServices();
  const sales = useQuery(SalesDocument, { variables: { id }, fetchPolicy: 'cache-and-network' });
  const lastError = useLastError(sales.error, sales.loading);
  const bookings = useQuery(EventBookingsDocument, {
    variables: { id, first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
  });
  /** Cursors before the pages of the list that are on the screen. The first page is always fetched. */
  const visiblePages = useRef(new Set<string>());
  const check = () => {
    void sales.refetch().catch(() => {});
    void bookings.refetch().catch(() => {});
    for (const after of visiblePages.current) {
      void client
        .query({
          query: EventBookingsDocument,
          variables: { id, first: PAGE_SIZE, after },
          fetchPolicy: 'network-only',
        })
        .catch(() => {});
    }
  };
  const refreshSoon = useThrottled(check, REFRESH_EVERY_MS);
  useLiveSubscription(AvailabilityChangedDocument, {
    variables: { eventId: id },
    ignoreResults: true,
    onData: refreshSoon,
  });
  const refresh = useRef(refreshSoon);
  refresh.current = refreshSoon;
  useEventChanges(id);
  useEffect(() => {
    // Without a viewer there are no sales to see.
    if (!viewer) return;
    const timer = setInterval(() => refresh.current(), CHECK_EVERY_MS);
    return () => clearInterval(timer);
  }, [viewer]);
  const event = sales.data?.event;
  useTitle(event ? `Sales of ${isolated(event.name)}` : 'Sales');
  const seating = useSeating(event);

  // The query is public, so an expired session causes no error: the sales just become null.
  const hadSales = useRef(false);
  useEffect(() => {
    if (event?.sales) hadSales.current = true;
    else if (event && hadSales.current) {
      hadSales.current = false;
      sessionEnd.sessionEnded();
    }
  }, [event, sessionEnd]);

  if (sales.data && !event)
    return <NotFound title="There is no such event" why="Its address may be mistyped." />;
  if (!event?.sales || seating === undefined) {
    return (
      <div className="page">
        <h1>Sales</h1>
        {lastError !== undefined ? (
          <Notice tone="warning" alert>
            {messageOf(lastError)}
          </Notice>
        ) : sales.loading || viewer === undefined ? (
          <p className="muted">Loading…</p>
        ) : (
          <p className="empty">
            Only the event’s organizer sees its sales.{' '}
            {viewer === null ? (
              <button type="button" className="button primary" onClick={() => signIn()}>
                Sign in
              </button>
            ) : (
              <Link href={`/events/${id}`}>Look at the event</Link>
            )}
          </p>
        )}
      </div>
    );
  }

  const { revenue, refunded, pendingSeats, cancelledBookings, bookedSeats } = event.sales;
  const { availableSeats, lockedSeats, totalSeats } = event.availability;
  const list = bookings.data?.event?.bookings;
  const currency = event.sections.find(({ price }) => price)?.price?.currency ?? 'USD';
  return (
    <div className="page">
      <p className="crumb">
        <Link href={`/events/${id}`}>
          <bdi>{event.name}</bdi>
        </Link>
      </p>
      <div className="page-head">
        <h1>Sales</h1>
        <div className="row">
          <Link href={`/events/${id}/check-in`} className="button">
            Check-in
          </Link>
          <Link href={`/events/${id}`} className="button">
            Live map
          </Link>
        </div>
      </div>
      <SaleControls event={event} />
      {lastError !== undefined && (
        <Notice tone="warning">Not live: what is sold may have changed. Asking again…</Notice>
      )}
      <dl className="figures">
        <Figure name="Revenue" value={moneyList(revenue, currency)} />
        <Figure
          name="Seats sold"
          value={bookedSeats.toLocaleString()}
          note={`of ${totalSeats.toLocaleString()}${pendingSeats > 0 ? `, ${pendingSeats.toLocaleString()} pending` : ''}`}
        />
        <Figure
          name="Available"
          value={availableSeats.toLocaleString()}
          note={lockedSeats > 0 ? `${lockedSeats.toLocaleString()} held` : 'none held'}
        />
        <Figure
          name="Paid back"
          value={moneyList(refunded, currency)}
          note={`${cancelledBookings.toLocaleString()} cancelled`}
        />
      </dl>
      <h2>Bookings</h2>
      {list?.edges.length === 0 && (
        <p className="empty">No bookings yet. They appear here as they are made.</p>
      )}
      {list != null && list.edges.length > 0 && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on a phone, also by keyboard. */}
          <section className="table-scroll" tabIndex={0} aria-label="Bookings">
            <table>
              <thead>
                <tr>
                  <th scope="col">Seat</th>
                  <th scope="col">Price</th>
                  <th scope="col">Status</th>
                  <th scope="col">Booked</th>
                </tr>
              </thead>
              {pagesOf(list.edges).map(({ at, after, edges }) => (
                <BookingRows
                  key={at}
                  after={after}
                  bookings={edges.map(({ node }) => node)}
                  seating={seating}
                  timeZone={event.timeZone}
                  visiblePages={visiblePages.current}
                  onVisible={refreshSoon}
                />
              ))}
            </table>
          </section>
          {list.pageInfo.hasNextPage && (
            <ShowMore
              load={() =>
                bookings.fetchMore({ variables: { id, first: PAGE_SIZE, after: list.pageInfo.endCursor } })
              }
            />
          )}
        </>
      )}
    </div>
  );
}

interface Edge {
  readonly cursor: string;
  readonly node: BookingDetailsFragment;
}

/** Cuts the list into pages as they were loaded. */
function pagesOf(
  edges: readonly Edge[],
): { at: number; after: string | undefined; edges: readonly Edge[] }[] {
  const pages = [];
  for (let at = 0; at < edges.length; at += PAGE_SIZE) {
    pages.push({ at, after: edges[at - 1]?.cursor, edges: edges.slice(at, at + PAGE_SIZE) });
  }
  return pages;
}

/** One page of the list. While it is on the screen it is in `visiblePages`, and so refreshed. */
function BookingRows({
  after,
  bookings,
  seating,
  timeZone,
  visiblePages,
  onVisible,
}: {
  after: string | undefined;
  bookings: readonly BookingDetailsFragment[];
  seating: Seating;
  /** IANA name, the venue's. */
  timeZone: string;
  visiblePages: Set<string>;
  onVisible: () => void;
}) {
  const rows = useRef<HTMLTableSectionElement>(null);
  const isVisible = useIsVisible(rows);
  const latest = useRef(onVisible);
  latest.current = onVisible;
  useEffect(() => {
    if (!isVisible || after === undefined) return;
    visiblePages.add(after);
    latest.current();
    return () => void visiblePages.delete(after);
  }, [isVisible, after, visiblePages]);
  return (
    <tbody ref={rows}>
      {bookings.map((booking) => {
        const price = seating.priceOf(booking.seatNumber);
        return (
          <tr key={booking.id}>
            <td>{seating.nameOf(booking.seatNumber)}</td>
            <td className="number">{price ? formatMoney(price) : 'named by the buyer'}</td>
            <td>
              <span className={`badge badge-${booking.status.toLowerCase()}`}>{statusLabel(booking)}</span>
            </td>
            <td>{formatDate(booking.createdAt, timeZone, 'short')}</td>
          </tr>
        );
      })}
    </tbody>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note?: string }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{value}</span>
        {note !== undefined && <span className="muted">{note}</span>}
      </dd>
    </div>
  );
}

function moneyList(sums: readonly Money[], currency: string): string {
  return sums.length === 0
    ? formatMoney({ amount: 0, currency })
    : sums.map((sum) => formatMoney(sum)).join(' + ');
}
