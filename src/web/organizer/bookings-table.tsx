import { useApolloClient, useQuery } from '@apollo/client/react';
import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { formatMoney, isolated, type Seating } from 'seat-map/map';
import { statusLabel } from '../booking/booking-status.js';
import { EventBookingsDocument, type SoldBookingFragment } from '../graphql/generated/graphql.js';
import { formatDate } from '../text/time.js';
import { Field } from '../ui/field.js';
import { ShowMore } from '../ui/show-more.js';
import { useIsVisible } from '../ui/use-is-visible.js';

const PAGE_SIZE = 25;
/** How long after the last letter the bookings are searched. */
const TYPING_MS = 300;

/** Fetches what is on the screen again. */
export interface BookingsTableControl {
  readonly refresh: () => void;
}

/** All bookings of an event, newest first, or those that a search finds. */
export function BookingsTable({
  eventId,
  timeZone,
  seating,
  control,
  onVisible,
  onSeat,
}: {
  eventId: string;
  /** IANA name, the venue's. */
  timeZone: string;
  seating: Seating;
  control: RefObject<BookingsTableControl | null>;
  /** A further page came on the screen. */
  onVisible: () => void;
  onSeat: (seatNumber: number) => void;
}) {
  const client = useApolloClient();
  const [typed, setTyped] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => setSearch(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  });
  const variables = { id: eventId, first: PAGE_SIZE, search: search === '' ? null : search };
  const bookings = useQuery(EventBookingsDocument, { variables, fetchPolicy: 'cache-and-network' });
  /** Cursors before the pages of the list that are on the screen. The first page is always fetched. */
  const visiblePages = useRef(new Set<string>());
  useImperativeHandle(control, () => ({
    refresh() {
      void bookings.refetch().catch(() => {});
      for (const after of visiblePages.current) {
        void client
          .query({
            query: EventBookingsDocument,
            variables: { ...variables, after },
            fetchPolicy: 'network-only',
          })
          .catch(() => {});
      }
    },
  }));
  const list = bookings.data?.event?.bookings;
  return (
    <section className="sales-part" aria-labelledby="bookings-title">
      <div className="bookings-head">
        <h2 id="bookings-title">Bookings</h2>
        <a className="button" href={`/events/${eventId}/bookings.csv`} download>
          All as CSV
        </a>
      </div>
      <search>
        <form onSubmit={(event) => event.preventDefault()}>
          <Field
            label="Search"
            type="search"
            maxLength={300}
            hint="Reference, e-mail address, place such as “Stalls C 12”, seat number or booking id."
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </form>
      </search>
      <div role="status">
        {list?.edges.length === 0 && (
          <p className="empty">
            {search === ''
              ? 'No bookings yet. They appear here as they are made.'
              : 'No booking is found by this. The history of a seat, below, also shows holds that ended.'}
          </p>
        )}
      </div>
      {list != null && list.edges.length > 0 && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways on a phone, also by keyboard. */}
          <section className="table-scroll" tabIndex={0} aria-label="List of bookings">
            <table className="sold-bookings">
              <thead>
                <tr>
                  <th scope="col">Seat</th>
                  <th scope="col">Paid</th>
                  <th scope="col">Status</th>
                  <th scope="col">Booked</th>
                  <th scope="col">Buyer</th>
                </tr>
              </thead>
              {pagesOf(list.edges).map(({ at, after, edges }) => (
                <BookingRows
                  key={at}
                  after={after}
                  bookings={edges.map(({ node }) => node)}
                  seating={seating}
                  timeZone={timeZone}
                  visiblePages={visiblePages.current}
                  onVisible={onVisible}
                  onSeat={onSeat}
                />
              ))}
            </table>
          </section>
          {list.pageInfo.hasNextPage && (
            <ShowMore
              load={() => bookings.fetchMore({ variables: { ...variables, after: list.pageInfo.endCursor } })}
            />
          )}
        </>
      )}
    </section>
  );
}

interface Edge {
  readonly cursor: string;
  readonly node: SoldBookingFragment;
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
  onSeat,
}: {
  after: string | undefined;
  bookings: readonly SoldBookingFragment[];
  seating: Seating;
  timeZone: string;
  visiblePages: Set<string>;
  onVisible: () => void;
  onSeat: (seatNumber: number) => void;
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
      {bookings.map(({ payment, ...booking }) => {
        return (
          <tr key={booking.id}>
            <td>
              <button
                type="button"
                className="link"
                title="History of this seat"
                onClick={() => onSeat(booking.seatNumber)}
              >
                {seating.nameOf(booking.seatNumber)}
              </button>
            </td>
            <td className="number">{booking.isInvitation ? 'Invitation' : formatMoney(booking.price)}</td>
            <td>
              <span className={`badge badge-${booking.status.toLowerCase()}`}>{statusLabel(booking)}</span>
            </td>
            <td>{formatDate(booking.createdAt, timeZone, 'short')}</td>
            <td>
              <span className="buyer-line number">{payment.reference}</span>
              {payment.contactEmail != null && (
                <span className="buyer-line">{isolated(payment.contactEmail)}</span>
              )}
            </td>
          </tr>
        );
      })}
    </tbody>
  );
}
