import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useAccount } from './account/viewer.js';
import { BookingList } from './booking/booking-list.js';
import { settled } from './booking/checkout.js';
import { CheckoutDialog } from './booking/checkout-dialog.js';
import { countdown as countdownOf } from './booking/countdown.js';
import { HeldPanel } from './booking/held-panel.js';
import { holdingAt, ownSeats } from './booking/holding.js';
import { PicksPanel } from './booking/picks-panel.js';
import { useBookingNews } from './booking/use-booking-news.js';
import { useCheckout } from './booking/use-checkout.js';
import { usePicks } from './booking/use-picks.js';
import { useReservations } from './booking/use-reservations.js';
import { EventDocument, type EventQuery } from './graphql/generated/graphql.js';
import { Layout } from './map/layout.js';
import { Legend } from './map/legend.js';
import type { LiveMap } from './map/live-map.js';
import { NotLive } from './map/not-live.js';
import { SeatMap, type SeatMapControl } from './map/seat-map.js';
import { Seating } from './map/seating.js';
import { SectionList } from './map/section-list.js';
import { useLiveMap } from './map/use-live-map.js';
import { messageOf } from './network/refusal.js';
import { useServices } from './services.js';
import { formatDate, fromNow } from './text/time.js';
import { useAnnounce } from './ui/announcer.js';
import { Nothing } from './ui/nothing.js';
import { Notice } from './ui/notice.js';
import { useNow } from './ui/use-now.js';
import { useTitle } from './ui/use-title.js';
import './event-page.css';

type Event = NonNullable<EventQuery['event']>;

/** One event: its map, and what the viewer picks, holds and has booked. */
export function EventPage({ id }: { id: string }) {
  const { data, previousData, loading, error, refetch } = useQuery(EventDocument, { variables: { id } });
  const event = (data ?? previousData)?.event;
  if (event) return <EventView event={event as Event} />;
  if (!loading && !error)
    return <Nothing title="There is no such event" why="Its address may be mistyped." />;
  return (
    <div className="page">
      {loading ? (
        <p className="muted">Loading…</p>
      ) : (
        <Notice tone="warning" alert>
          {messageOf(error)}{' '}
          <button type="button" className="link" onClick={() => void refetch().catch(() => {})}>
            Try again
          </button>
        </Notice>
      )}
    </div>
  );
}

function EventView({ event }: { event: Event }) {
  useTitle(event.name);
  const announce = useAnnounce();
  const { clock: serverClock } = useServices();
  const { viewer } = useAccount();
  // Sections never change: a refreshed event must not make another map.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const layout = useMemo(() => new Layout(new Seating(event.sections, event.totalSeats)), [event.id]);
  const { seating } = layout;
  const map = useLiveMap(event.id, seating);
  const isLive = useIsLive(map);
  const mapControl = useRef<SeatMapControl>(null);

  const heldHere = useRef(false);
  const { reservations, add } = useReservations(event.id, viewer?.id);
  useBookingNews(reservations.bookings, seating);
  const mayTick = reservations.locks.some(({ status }) => status === 'ACTIVE');
  const nowMs = useNow(mayTick);
  const holding = holdingAt(reservations, nowMs);
  const holdingKey = JSON.stringify([holding.locks, holding.bookings]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the holding is made anew with every tick; its key is not.
  const had = useMemo(() => ownSeats(holding, []), [holdingKey]);
  const { picks, isLocking, fault, pick, forgetLost, hold, holdInstead } = usePicks(
    map,
    seating,
    had,
    (locks) => {
      heldHere.current = true;
      add(locks);
    },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const own = useMemo(() => ownSeats(holding, picks.seats), [holdingKey, picks.seats]);

  const checkout = useCheckout(event.id, viewer?.id, isLive);
  const [isPaying, setPaying] = useState(false);
  const checkoutState =
    checkout.state.kind === 'over'
      ? { ...checkout.state, outcome: settled(checkout.state.outcome, reservations.bookings) }
      : checkout.state;
  const isCheckoutShown = isPaying || checkout.state.kind !== 'ready';
  const clock = holding.endsAtMs === null ? undefined : countdownOf(holding.endsAtMs, nowMs);

  // The hold ended by itself: neither paid nor given back.
  const [hasLapsed, setLapsed] = useState(false);
  const endedAtMs = useRef<number | null>(null);
  useEffect(() => {
    const endsAtMs = holding.endsAtMs;
    if (endsAtMs !== null) setLapsed(false);
    // Not the time of the last tick: the message that tells of the end may come before the next one.
    else if (endedAtMs.current !== null && endedAtMs.current <= serverClock.nowMs()) {
      setLapsed(true);
      announce('Your hold has ended. The seats are free again.', 'assertive');
    }
    endedAtMs.current = endsAtMs;
  }, [holding.endsAtMs, serverClock, announce]);

  const isQuiet = picks.seats.length === 0 && picks.lost.length === 0 && clock === undefined;
  return (
    <div className="event">
      <div className="event-head">
        <div>
          <h1>{event.name}</h1>
          <p className="muted">
            <time dateTime={event.eventDate}>{formatDate(event.eventDate)}</time>
            <span aria-hidden="true"> · </span>
            {fromNow(event.eventDate, nowMs)}
          </p>
        </div>
        {event.sales && (
          <Link href={`/events/${event.id}/sales`} className="button">
            Sales
          </Link>
        )}
      </div>
      <div className="event-map">
        <NotLive map={map} />
        <SeatMap
          map={map}
          layout={layout}
          own={own}
          onPick={(seat) => {
            setLapsed(false);
            pick(seat);
          }}
          control={mapControl}
        >
          <Legend map={map} ownCount={had.size} />
        </SeatMap>
      </div>
      <aside className="panel" aria-label="Your seats">
        {hasLapsed && (
          <Notice tone="warning">
            <strong>Your hold has ended.</strong> The seats are free again; pick them anew if they still are.
          </Notice>
        )}
        <PicksPanel
          picks={picks}
          seating={seating}
          isLocking={isLocking}
          isLive={isLive}
          fault={fault}
          onRemove={pick}
          onHold={hold}
          onHoldInstead={holdInstead}
          onForgetLost={forgetLost}
        />
        {clock && (
          <HeldPanel
            locks={holding.locks}
            seating={seating}
            countdown={clock}
            takesFocus={heldHere.current}
            onPay={() => setPaying(true)}
          />
        )}
        {isQuiet && (
          <p className="hint-line">
            {Date.parse(event.eventDate) > nowMs
              ? 'Pick a seat on the map, or several.'
              : 'It has begun: no more seats are booked.'}
          </p>
        )}
        {holding.bookings.length > 0 && (
          <section className="panel-part" aria-label="Your bookings">
            <h2>Your bookings</h2>
            <BookingList bookings={holding.bookings} seating={seating} />
          </section>
        )}
        {holding.cancelled.length > 0 && (
          <details className="panel-part">
            <summary>Cancelled ({holding.cancelled.length})</summary>
            <BookingList bookings={holding.cancelled} seating={seating} />
          </details>
        )}
        <section className="panel-part" aria-label="Sections">
          <h2>Sections</h2>
          <SectionList
            map={map}
            seating={seating}
            onShow={(section) => mapControl.current?.showSection(section)}
          />
        </section>
      </aside>
      {isCheckoutShown && (
        <CheckoutDialog
          locks={holding.locks}
          seating={seating}
          countdown={clock}
          state={checkoutState}
          onPay={checkout.pay}
          onAgain={checkout.again}
          onClose={() => {
            setPaying(false);
            checkout.reset();
          }}
        />
      )}
    </div>
  );
}

/** Only whether it is live: the rest of the page has nothing to do when a seat changes. */
function useIsLive(map: LiveMap | undefined): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (map === undefined) return;
    const update = () => setLive(map.isLive);
    update();
    return map.onChange(update);
  }, [map]);
  return isLive;
}
