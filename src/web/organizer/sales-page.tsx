import { useQuery, useSubscription } from '@apollo/client/react';
import { useEffect, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { statusWords } from '../booking/booking-card.js';
import {
  AvailabilityChangedDocument,
  EventBookingsDocument,
  SalesDocument,
} from '../graphql/generated/graphql.js';
import { Seating } from '../map/seating.js';
import { messageOf } from '../network/refusal.js';
import { useRestart } from '../network/use-restart.js';
import { formatMoney, type Money } from '../text/money.js';
import { formatDate } from '../text/time.js';
import { Notice } from '../ui/notice.js';
import { useTitle } from '../ui/use-title.js';
import './organizer.css';

const PAGE_SIZE = 25;
/** A settled payment changes no seat, so the map does not tell of it. */
const LOOK_EVERY_MS = 5_000;
/** However often seats change, the sums are asked for no more often than this. */
const REFRESH_EVERY_MS = 500;

/** What the organizer has sold, live. */
export function SalesPage({ id }: { id: string }) {
  const { viewer, signIn } = useAccount();
  const sales = useQuery(SalesDocument, {
    variables: { id },
    fetchPolicy: 'cache-and-network',
    pollInterval: LOOK_EVERY_MS,
  });
  const bookings = useQuery(EventBookingsDocument, {
    variables: { id, first: PAGE_SIZE },
    fetchPolicy: 'cache-and-network',
    pollInterval: LOOK_EVERY_MS,
  });
  const refreshSoon = useThrottled(() => {
    void sales.refetch().catch(() => {});
    void bookings.refetch().catch(() => {});
  }, REFRESH_EVERY_MS);
  useRestart(
    useSubscription(AvailabilityChangedDocument, {
      variables: { eventId: id },
      ignoreResults: true,
      onData: refreshSoon,
    }),
  );
  const event = sales.data?.event;
  useTitle(event ? `Sales of ${event.name}` : 'Sales');
  // biome-ignore lint/correctness/useExhaustiveDependencies: an event's sections never change, its figures do.
  const seating = useMemo(() => (event ? new Seating(event.sections, event.totalSeats) : null), [event?.id]);

  if (!event?.sales || seating === null) {
    return (
      <div className="page">
        <h1>Sales</h1>
        {sales.error ? (
          <Notice tone="warning" alert>
            {messageOf(sales.error)}
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
        <Link href={`/events/${id}`}>{event.name}</Link>
      </p>
      <div className="page-head">
        <h1>Sales</h1>
        <Link href={`/events/${id}`} className="button">
          Live map
        </Link>
      </div>
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
              <tbody>
                {list.edges.map(({ node }) => {
                  const price = seating.priceOf(node.seatNumber);
                  return (
                    <tr key={node.id}>
                      <td>{seating.nameOf(node.seatNumber)}</td>
                      <td className="number">{price ? formatMoney(price) : 'named by the buyer'}</td>
                      <td>
                        <span className={`badge badge-${node.status.toLowerCase()}`}>
                          {statusWords(node)}
                        </span>
                      </td>
                      <td>{formatDate(node.createdAt)}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </section>
          {list.pageInfo.hasNextPage && (
            <button
              type="button"
              className="button wide"
              onClick={() =>
                void bookings
                  .fetchMore({ variables: { id, first: PAGE_SIZE, after: list.pageInfo.endCursor } })
                  .catch(() => {})
              }
            >
              Show more
            </button>
          )}
        </>
      )}
    </div>
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
