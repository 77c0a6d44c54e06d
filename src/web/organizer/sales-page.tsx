import { useQuery } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import { formatMoney, isolated, type Money } from 'seat-map/map';
import { useSeating } from 'seat-map/react';
import { Link } from 'wouter';
import { useAccount } from '../account/viewer.js';
import { useEventChanges } from '../events/use-event-changes.js';
import { AvailabilityChangedDocument, SalesDocument } from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { useLastError } from '../network/use-last-error.js';
import { useLiveSubscription } from '../network/use-live-subscription.js';
import { useServices } from '../services.js';
import { NotFound } from '../ui/not-found.js';
import { Notice } from '../ui/notice.js';
import { useThrottled } from '../ui/use-throttled.js';
import { useTitle } from '../ui/use-title.js';
import { BookingsTable, type BookingsTableControl } from './bookings-table.js';
import { HoldBacks } from './hold-backs.js';
import { SaleControls } from './sale-controls.js';
import { SalesPlots } from './sales-plots.js';
import { SeatHistory, SeatHistoryForm } from './seat-history.js';
import './organizer.css';

/** A settled payment changes no seat, so the subscription does not report it. */
const CHECK_EVERY_MS = 5_000;
/** The figures are fetched at most once in this time, even if seats change more often. */
const REFRESH_EVERY_MS = 500;

/** The live sales of an event, for its organizer. */
export function SalesPage({ id }: { id: string }) {
  const { viewer, signIn } = useAccount();
  const { sessionEnd } = useServices();
  const sales = useQuery(SalesDocument, { variables: { id }, fetchPolicy: 'cache-and-network' });
  const lastError = useLastError(sales.error, sales.loading);
  const table = useRef<BookingsTableControl>(null);
  const [seatWithHistory, setSeatWithHistory] = useState<number>();
  const check = () => {
    void sales.refetch().catch(() => {});
    table.current?.refresh();
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

  const { revenue, refunded, pendingSeats, invitedSeats, cancelledBookings, bookedSeats } = event.sales;
  const { availableSeats, lockedSeats, offSaleSeats, totalSeats } = event.availability;
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
          note={`of ${totalSeats.toLocaleString()}${pendingSeats > 0 ? `, ${pendingSeats.toLocaleString()} pending` : ''}${invitedSeats > 0 ? `, ${invitedSeats.toLocaleString()} invited` : ''}`}
        />
        <Figure
          name="Available"
          value={availableSeats.toLocaleString()}
          note={`${lockedSeats > 0 ? lockedSeats.toLocaleString() : 'none'} held${offSaleSeats > 0 ? `, ${offSaleSeats.toLocaleString()} held back` : ''}`}
        />
        <Figure
          name="Paid back"
          value={moneyList(refunded, currency)}
          note={`${cancelledBookings.toLocaleString()} cancelled`}
        />
      </dl>
      {event.status !== 'CANCELLED' && <HoldBacks event={event} seating={seating} />}
      <SalesPlots eventId={id} sold={JSON.stringify([revenue, refunded])} />
      <BookingsTable
        eventId={id}
        timeZone={event.timeZone}
        seating={seating}
        control={table}
        onVisible={refreshSoon}
        onSeat={setSeatWithHistory}
      />
      <SeatHistoryForm seating={seating} onSeat={setSeatWithHistory} />
      {seatWithHistory !== undefined && (
        <SeatHistory
          eventId={id}
          seatNumber={seatWithHistory}
          seating={seating}
          timeZone={event.timeZone}
          onClose={() => setSeatWithHistory(undefined)}
        />
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
