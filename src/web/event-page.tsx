import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useAccount } from './account/viewer.js';
import { BookingNews } from './booking/booking-announcement-notice.js';
import { BookingList } from './booking/booking-list.js';
import { settled } from './booking/checkout.js';
import { CheckoutDialog } from './booking/checkout-dialog.js';
import { countdown as countdownOf } from './booking/countdown.js';
import { HeldPanel } from './booking/held-panel.js';
import { expiredSince, heldSeatsAt, ownSeats } from './booking/held-seats.js';
import { PicksPanel } from './booking/picks-panel.js';
import { seatLimit } from './booking/seat-limit.js';
import { useBookingAnnouncements } from './booking/use-booking-announcements.js';
import { useCheckout } from './booking/use-checkout.js';
import { BEGUN, usePicks } from './booking/use-picks.js';
import { useReservations } from './booking/use-reservations.js';
import { EventDocument, type EventQuery, type LockDetailsFragment } from './graphql/generated/graphql.js';
import { Layout } from './map/layout.js';
import { Legend } from './map/legend.js';
import type { LiveMap } from './map/live-map.js';
import { NotLive } from './map/not-live.js';
import { SeatMap, type SeatMapControl } from './map/seat-map.js';
import { Seating } from './map/seating.js';
import { SectionList } from './map/section-list.js';
import { useLiveMap } from './map/use-live-map.js';
import { FetchFault } from './network/fetch-error.js';
import { useRefetchAfterFailure } from './network/use-refetch-after-failure.js';
import { useServices } from './services.js';
import { isolated } from './text/isolated.js';
import { viewersDate } from './text/time.js';
import { useAnnounce } from './ui/announcer.js';
import { EventTime } from './ui/event-time.js';
import { Nothing } from './ui/not-found.js';
import { Notice } from './ui/notice.js';
import { useNow } from './ui/use-now.js';
import { useHasBegun } from './ui/use-relative-time.js';
import { useTitle } from './ui/use-title.js';
import './event-page.css';

type Event = NonNullable<EventQuery['event']>;

/** One event: its map, and what the viewer picks, holds and has booked. */
export function EventPage({ id }: { id: string }) {
  // The map is asked for along with the event, and not only once it is there.
  const map = useLiveMap(id);
  const { data, previousData, loading, error, refetch } = useQuery(EventDocument, { variables: { id } });
  const fault = useRefetchAfterFailure({ error, loading, refetch });
  const event = (data ?? previousData)?.event;
  if (event) return <EventView event={event as Event} map={map} />;
  if (!loading && fault === undefined)
    return <Nothing title="There is no such event" why="Its address may be mistyped." />;
  return (
    <div className="page">
      {fault === undefined ? (
        <p className="muted">Loading…</p>
      ) : (
        <FetchFault fault={fault} refetch={refetch} />
      )}
    </div>
  );
}

function EventView({ event, map }: { event: Event; map: LiveMap | undefined }) {
  useTitle(isolated(event.name));
  const announce = useAnnounce();
  const { clock: serverClock } = useServices();
  const { viewer, signInAgain } = useAccount();
  // Sections never change: a refreshed event must not make another map.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above.
  const layout = useMemo(() => new Layout(new Seating(event.sections, event.totalSeats)), [event.id]);
  const { seating } = layout;
  useEffect(() => map?.seat(seating), [map, seating]);
  const isLive = useIsLive(map);
  const viewersTime = viewersDate(event.eventDate, event.timeZone);
  const mapControl = useRef<SeatMapControl>(null);

  const heldHere = useRef(false);
  const { reservations, isTold, add } = useReservations(event.id, viewer?.id);
  const { news, forgetNews } = useBookingAnnouncements(reservations.bookings, seating, viewer?.id);
  const mayTick = reservations.locks.some(({ status }) => status === 'ACTIVE');
  const nowMs = useNow(mayTick);
  const holding = heldSeatsAt(reservations, nowMs);
  const holdingKey = JSON.stringify([holding.locks, holding.bookings]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the holding is made anew with every tick; its key is not.
  const had = useMemo(() => ownSeats(holding, []), [holdingKey]);
  const isPayable = event.paymentProvider === 'SIMULATED';
  const limit = seatLimit(event.seatsPerViewerMax, holding);
  const hasBegun = useHasBegun(event.eventDate);
  const { picks, isLocking, fault, pick, forgetLost, hold, holdInstead } = usePicks(
    map,
    layout,
    had,
    limit,
    hasBegun,
    (locks) => {
      heldHere.current = true;
      add(locks);
    },
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const own = useMemo(() => ownSeats(holding, picks.seats), [holdingKey, picks.seats]);

  const checkout = useCheckout(event.id, seating, viewer?.id, isLive, {
    locks: reservations.locks,
    onExtended: add,
  });
  /** Who has the dialog open: somebody else who signs in is not paying. */
  const [payerId, setPayerId] = useState<string>();
  const isPaying = payerId !== undefined && (!viewer || viewer.id === payerId);
  const checkoutState =
    checkout.state.kind === 'over'
      ? { ...checkout.state, outcome: settled(checkout.state.outcome, reservations.bookings) }
      : checkout.state;
  const isSignedOut = viewer === null;
  const isDone =
    checkoutState.kind === 'over' && ['booked', 'pending', 'lost'].includes(checkoutState.outcome.kind);
  // What is done is its buyer's to look at; what is not, goes on once they have signed in again.
  const isCheckoutShown = (isPaying || checkout.state.kind !== 'ready') && !(isSignedOut && isDone);
  const clock = holding.endsAtMs === null ? undefined : countdownOf(holding.endsAtMs, nowMs);

  // What ended by itself: neither paid nor given back.
  const [lapsed, setExpired] = useState<readonly LockDetailsFragment[]>([]);
  const before = useRef(holding.locks);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with every change of what is held; its key says when.
  useEffect(() => {
    const past = before.current;
    before.current = holding.locks;
    const isHeld = (id: string) => holding.locks.some((lock) => lock.id === id);
    // Not the time of the last tick: the message that tells of the end may come before the next one.
    const ended = expiredSince(
      past.filter(({ id }) => !isHeld(id)),
      reservations.locks,
      serverClock.nowMs(),
    );
    const isNew = holding.locks.some(({ id }) => !past.some((lock) => lock.id === id));
    if (isNew) setExpired(ended);
    else if (ended.length > 0) setExpired((known) => [...known, ...ended]);
    // The last one was paid for or given back: it is no hold that has ended.
    else if (past.length > 0 && holding.locks.length === 0) setExpired([]);
    if (ended.length === 0) return;
    const names = ended.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ');
    const words =
      holding.locks.length === 0
        ? 'Your hold has ended. Others can take the seats now.'
        : `No longer held: ${names}. Your other seats still are.`;
    announce(words, 'assertive');
  }, [holdingKey]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what ended for one viewer is nothing to another.
  useEffect(() => setExpired([]), [viewer?.id]);

  const isPicking = picks.seats.length > 0 || picks.lost.length > 0 || fault !== undefined;
  const isQuiet = picks.seats.length === 0 && picks.lost.length === 0 && clock === undefined;
  return (
    <div className="event">
      <div className="event-head">
        <div>
          <h1>
            <bdi>{event.name}</bdi>
          </h1>
          <p className="muted">
            <EventTime eventDate={event.eventDate} timeZone={event.timeZone} />
          </p>
          {viewersTime !== null && <p className="muted">Your time: {viewersTime}</p>}
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
            setExpired([]);
            pick(seat);
          }}
          control={mapControl}
        >
          <Legend map={map} own={own} />
        </SeatMap>
      </div>
      <aside className={`panel ${isPicking ? 'is-picking' : ''}`} aria-label="Your seats">
        {hasBegun && <Notice>{BEGUN}</Notice>}
        {!hasBegun && !isPayable && (
          <Notice>Nobody can pay here at present: seats can be held, not booked.</Notice>
        )}
        <BookingNews news={news} onDismiss={forgetNews} />
        {lapsed.length > 0 && holding.locks.length === 0 && (
          <Notice tone="warning">
            <strong>Your hold has ended.</strong>
            {!hasBegun && ' Others can take the seats now; pick them anew if they are still free.'}
          </Notice>
        )}
        <PicksPanel
          picks={picks}
          limit={limit}
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
            lapsed={lapsed}
            seating={seating}
            countdown={clock}
            nowMs={nowMs}
            canPay={!hasBegun && isPayable}
            takesFocus={heldHere.current}
            onPay={() => setPayerId(viewer?.id)}
            onExtended={add}
          />
        )}
        {isQuiet && !hasBegun && <p className="hint-line">Pick a seat on the map, or several.</p>}
        {holding.bookings.length > 0 && (
          <section className="panel-part" aria-label="Your bookings">
            <h2>Your bookings</h2>
            <BookingList bookings={holding.bookings} seating={seating} timeZone={event.timeZone} />
          </section>
        )}
        {holding.cancelled.length > 0 && (
          <details className="panel-part">
            <summary>Cancelled ({holding.cancelled.length})</summary>
            <BookingList bookings={holding.cancelled} seating={seating} timeZone={event.timeZone} />
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
        {isPayable && <p className="hint-line">Cards are simulated; nothing is charged.</p>}
      </aside>
      {isCheckoutShown && (
        <CheckoutDialog
          locks={holding.locks}
          lapsed={lapsed}
          isTold={isTold}
          isSignedOut={isSignedOut}
          seating={seating}
          countdown={clock}
          state={checkoutState}
          onPay={checkout.pay}
          onAgain={checkout.again}
          onSignIn={() => signInAgain('Your session is over. Sign in again; your seats stay held.')}
          onClose={() => {
            setPayerId(undefined);
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
