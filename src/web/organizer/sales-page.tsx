import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { statusLabel } from '../booking/booking-card.js';
import {
  AvailabilityChangedDocument,
  type BookingDetailsFragment,
  EventBookingsDocument,
  SalesDocument,
} from '../graphql/generated/graphql.js';
import { Seating } from '../map/seating.js';
import { messageOf } from '../network/api-error.js';
import { useLastFault } from '../network/use-last-error.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { isolated } from '../text/isolated.js';
import { formatMoney, type Money } from '../text/money.js';
import { formatDate } from '../text/time.js';
import { Nothing } from '../ui/not-found.js';
import { Notice } from '../ui/notice.js';
import { ShowMore } from '../ui/show-more.js';
import { useIsSeen } from '../ui/use-is-visible.js';
import { useTitle } from '../ui/use-title.js';
import './organizer.css';

const PAGE_SIZE = 25;
/** A settled payment changes no seat, so the map does not tell of it. */
const CHECK_EVERY_MS = 5_000;
/** However often seats change, the sums are asked for no more often than this. */
const REFRESH_EVERY_MS = 500;

/** What the organizer has sold, live. */
export function SalesPage({ id }: { id: string }) {
  const { viewer, signIn } = useAccount();
  const client = useApolloClient();
  const { sessionEnd } = useServices();
  const sales = useQuery(SalesDocument, { variables: { id }, fetchPolicy: 'cache-and-network' });
  const fault = useLastFault(sales.error, sales.loading);
  const bookings = useQuery(EventBookingsDocument, {
    variables: { id, first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
  });
  /** What the pages of the list that are on the screen come behind; the first page is always looked at. */
  const seenPages = useRef(new Set<string>());
  const check = () => {
    void sales.refetch().catch(() => {});
    void bookings.refetch().catch(() => {});
    for (const after of seenPages.current) {
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
  useEffect(() => {
    // Nobody sees an event's sales who is not signed in.
    if (!viewer) return;
    const timer = setInterval(() => refresh.current(), CHECK_EVERY_MS);
    return () => clearInterval(timer);
  }, [viewer]);
  const event = sales.data?.event;
  useTitle(event ? `Sales of ${isolated(event.name)}` : 'Sales');
  // biome-ignore lint/correctness/useExhaustiveDependencies: an event's sections never change, its figures do.
  const seating = useMemo(() => (event ? new Seating(event.sections, event.totalSeats) : null), [event?.id]);

  // Figures that are told no more: a session that has run out is told by nothing else, where anybody may ask.
  const wasTold = useRef(false);
  useEffect(() => {
    if (event?.sales) wasTold.current = true;
    else if (event && wasTold.current) {
      wasTold.current = false;
      sessionEnd.sessionEnded();
    }
  }, [event, sessionEnd]);

  if (sales.data && !event)
    return <Nothing title="There is no such event" why="Its address may be mistyped." />;
  if (!event?.sales || seating === null) {
    return (
      <div className="page">
        <h1>Sales</h1>
        {fault !== undefined ? (
          <Notice tone="warning" alert>
            {messageOf(fault)}
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
        <Link href={`/events/${id}`} className="button">
          Live map
        </Link>
      </div>
      {fault !== undefined && (
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
                  seenPages={seenPages.current}
                  onSeen={refreshSoon}
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

/** The list cut as it was loaded. */
function pagesOf(
  edges: readonly Edge[],
): { at: number; after: string | undefined; edges: readonly Edge[] }[] {
  const pages = [];
  for (let at = 0; at < edges.length; at += PAGE_SIZE) {
    pages.push({ at, after: edges[at - 1]?.cursor, edges: edges.slice(at, at + PAGE_SIZE) });
  }
  return pages;
}

/** A page of the list, which is kept up for as long as it is on the screen. @param seenPages it is in there meanwhile */
function BookingRows({
  after,
  bookings,
  seating,
  timeZone,
  seenPages,
  onSeen,
}: {
  after: string | undefined;
  bookings: readonly BookingDetailsFragment[];
  seating: Seating;
  /** The venue's. */
  timeZone: string;
  seenPages: Set<string>;
  onSeen: () => void;
}) {
  const rows = useRef<HTMLTableSectionElement>(null);
  const isSeen = useIsSeen(rows);
  const tell = useRef(onSeen);
  tell.current = onSeen;
  useEffect(() => {
    if (!isSeen || after === undefined) return;
    seenPages.add(after);
    tell.current();
    return () => void seenPages.delete(after);
  }, [isSeen, after, seenPages]);
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

/** At once, and then at most once in a while, the last call never lost. */
function useThrottled(work: () => void, everyMs: number): () => void {
  const latest = useRef(work);
  latest.current = work;
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; isWanted: boolean }>({
    timer: undefined,
    isWanted: false,
  });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return () => {
    const rest = () => {
      state.current.timer = setTimeout(() => {
        state.current.timer = undefined;
        if (!state.current.isWanted) return;
        state.current.isWanted = false;
        latest.current();
        rest();
      }, everyMs);
    };
    if (state.current.timer !== undefined) {
      state.current.isWanted = true;
      return;
    }
    latest.current();
    rest();
  };
}
