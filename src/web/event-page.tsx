import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { countdown as countdownOf, type HeldSeat, heldSeatsAt } from 'seat-map';
import { createCheckout, expiredSince } from 'seat-map/check-out';
import type { LiveMap } from 'seat-map/map';
import { isolated, Layout, type Seating } from 'seat-map/map';
import {
  Legend,
  NotLive,
  PriceKey,
  type SeatMapControl,
  SeatMapRoot,
  SeatMapView,
  useAnnounce,
  useIsLive,
  useLiveMap,
  useNow,
  usePriceFilter,
  useSeating,
} from 'seat-map/react';
import { useAccount } from './account/viewer.js';
import { BestSeatsPanel, OtherSeats } from './booking/best-seats-panel.js';
import { BookingAnnouncementNotice } from './booking/booking-announcement-notice.js';
import { BookingList } from './booking/booking-list.js';
import { CheckoutDialog } from './booking/checkout-dialog.js';
import { HeldPanel } from './booking/held-panel.js';
import { ownSeats } from './booking/own-seats.js';
import { PicksPanel } from './booking/picks-panel.js';
import { seatLimit } from './booking/seat-limit.js';
import { useBestSeats } from './booking/use-best-seats.js';
import { useBookingAnnouncements } from './booking/use-booking-announcements.js';
import { useCheckout } from './booking/use-checkout.js';
import { EVENT_STARTED, usePicks } from './booking/use-picks.js';
import { EventHead } from './event-head.js';
import { whyNotOnSale } from './events/sale-status.js';
import { useEventChanges } from './events/use-event-changes.js';
import { EventDocument, type EventQuery } from './graphql/generated/graphql.js';
import { SectionList } from './map/section-list.js';
import { FetchError } from './network/fetch-error.js';
import { useRefetchAfterFailure } from './network/use-refetch-after-failure.js';
import { useServices } from './services.js';
import { NotFound } from './ui/not-found.js';
import { Notice } from './ui/notice.js';
import { useHasStarted } from './ui/use-relative-time.js';
import { useTitle } from './ui/use-title.js';
import './event-page.css';

type Event = NonNullable<EventQuery['event']>;

/** One event: its live map, and the viewer's picks, locks and bookings. */
export function EventPage({ id }: { id: string }) {
  // The map is requested together with the event.
  const map = useLiveMap(id);
  const { data, previousData, loading, error, refetch } = useQuery(EventDocument, { variables: { id } });
  const lastError = useRefetchAfterFailure({ error, loading, refetch });
  const event = (data ?? previousData)?.event as Event | null | undefined;
  const seating = useSeating(event);
  if (event && seating) return <EventView event={event} seating={seating} map={map} />;
  if (!event && !loading && lastError === undefined)
    return <NotFound title="There is no such event" why="Its address may be mistyped." />;
  return (
    <div className="page">
      {lastError === undefined ? (
        <p className="muted">Loading…</p>
      ) : (
        <FetchError error={lastError} refetch={refetch} />
      )}
    </div>
  );
}

function EventView({ event, seating, map }: { event: Event; seating: Seating; map: LiveMap | undefined }) {
  useTitle(isolated(event.name));
  const announce = useAnnounce();
  const { seats } = useServices();
  const { viewer, signInAgain, openAccount } = useAccount();
  const layout = useMemo(() => new Layout(seating), [seating]);
  const filter = usePriceFilter(seating);
  useEffect(() => map?.setSeating(seating), [map, seating]);
  const isLive = useIsLive(map);
  const mapControl = useRef<SeatMapControl>(null);

  /** Whether the viewer has locked seats in this tab. */
  const hasLocked = useRef(false);
  const hold = useMemo(() => seats.hold(event.id), [seats, event.id]);
  const paying = useMemo(() => createCheckout(seats, hold), [seats, hold]);
  const { reservations, isKnown } = useSyncExternalStore(hold.subscribe, hold.getSnapshot);
  const { announcements, dismissAnnouncements } = useBookingAnnouncements(
    reservations.bookings,
    seating,
    viewer?.id,
  );
  const hasActiveLock = reservations.locks.some(({ status }) => status === 'ACTIVE');
  const nowMs = useNow(hasActiveLock);
  const held = heldSeatsAt(reservations, nowMs);
  const heldKey = JSON.stringify([held.locks, held.bookings]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `held` is a new object with every tick; its key is not.
  const heldOrBooked = useMemo(() => ownSeats(held, []), [heldKey]);
  const isSimulated = event.paymentProvider === 'SIMULATED';
  const isPayable = isSimulated || event.paymentProvider === 'STRIPE';
  const limit = seatLimit(event.seatsPerViewerMax, held);
  const hasStarted = useHasStarted(event.eventDate);
  useEventChanges(event.id);
  const isCancelled = event.status === 'CANCELLED';
  const whyNot = hasStarted && !isCancelled ? null : whyNotOnSale(event);
  const closed = isCancelled ? whyNot : hasStarted ? EVENT_STARTED : null;
  const canHold = closed === null && whyNot === null;
  const onLocked = () => {
    hasLocked.current = true;
  };
  const { picks, isLocking, problem, pick, pickPlaces, forgetLost, ...picking } = usePicks(
    hold,
    map,
    layout,
    heldOrBooked,
    limit,
    closed,
    onLocked,
  );
  const bestSeats = useBestSeats(hold, map, layout, limit.left, (locks) => {
    onLocked();
    mapControl.current?.showSeats(locks.map(({ seatNumber }) => seatNumber));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above.
  const own = useMemo(() => ownSeats(held, picks.seats), [heldKey, picks.seats]);

  const checkoutState = useCheckout(paying, seating, reservations.locks);
  /** The user who opened the dialog. Another user who signs in is not paying. */
  const [payerId, setPayerId] = useState<string>();
  const isPaying = payerId !== undefined && (!viewer || viewer.id === payerId);
  const isSignedOut = viewer === null;
  const isDone = checkoutState.kind === 'done' && ['booked', 'pending'].includes(checkoutState.outcome.kind);
  // Only its buyer sees a finished checkout. An unfinished one continues once the buyer has signed in again.
  const isCheckoutShown = (isPaying || checkoutState.kind !== 'ready') && !(isSignedOut && isDone);
  const clock = held.endsAtMs === null ? undefined : countdownOf(held.endsAtMs, nowMs);

  // Locks that have expired, without used and released ones.
  const [expired, setExpired] = useState<readonly HeldSeat[]>([]);
  const lastLocks = useRef(held.locks);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the held seats change, which their key shows.
  useEffect(() => {
    const locksBefore = lastLocks.current;
    lastLocks.current = held.locks;
    const isHeld = (id: string) => held.locks.some((lock) => lock.id === id);
    // Not `nowMs`: the message about the end may come before the next tick.
    const ended = expiredSince(
      locksBefore.filter(({ id }) => !isHeld(id)),
      reservations.locks,
      seats.clock.nowMs(),
    );
    const isNew = held.locks.some(({ id }) => !locksBefore.some((lock) => lock.id === id));
    if (isNew) setExpired(ended);
    else if (ended.length > 0) setExpired((known) => [...known, ...ended]);
    // The last lock was used or released, so no hold has expired.
    else if (locksBefore.length > 0 && held.locks.length === 0) setExpired([]);
    if (ended.length === 0) return;
    const names = ended.map(({ seatNumber }) => seating.nameOf(seatNumber)).join('; ');
    const text =
      held.locks.length === 0
        ? 'Your hold has ended. Others can take the seats now.'
        : `No longer held: ${names}. Your other seats still are.`;
    announce(text, 'assertive');
  }, [heldKey]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: expired locks of one viewer do not concern another.
  useEffect(() => setExpired([]), [viewer?.id]);

  const isPicking = picks.seats.length > 0 || picks.lost.length > 0 || problem !== undefined;
  const heldSeats = held.locks.map(({ seatNumber }) => seatNumber);
  const isFoundHeld = bestSeats.found?.seats.every((seat) => heldSeats.includes(seat)) === true;
  const hasNoSeats = picks.seats.length === 0 && picks.lost.length === 0 && clock === undefined;
  return (
    <SeatMapRoot className="event">
      <EventHead event={event} />
      <div className="event-map">
        <NotLive map={map} />
        <PriceKey map={map} filter={filter} />
        <SeatMapView
          map={map}
          layout={layout}
          looks={filter.looks}
          own={own}
          onPick={(seat) => {
            setExpired([]);
            pick(seat);
          }}
          control={mapControl}
        >
          <Legend map={map} own={own} seating={seating} hasPrices={filter.bands.length > 1} />
        </SeatMapView>
      </div>
      <aside className={`panel ${isPicking ? 'is-picking' : ''}`} aria-label="Your seats">
        {hasStarted && !isCancelled && <Notice>{EVENT_STARTED}</Notice>}
        {/* Always there, so that screen readers read out what appears in it. */}
        <div role="status">
          {whyNot !== null && (
            <Notice tone={isCancelled ? 'warning' : 'plain'}>
              {whyNot}
              {event.cancellation?.reason != null && (
                <bdi className="event-description cancel-reason">{event.cancellation.reason}</bdi>
              )}
            </Notice>
          )}
        </div>
        {closed === null && !isPayable && (
          <Notice>Nobody can pay here at present: seats can be held, not booked.</Notice>
        )}
        <BookingAnnouncementNotice announcements={announcements} onDismiss={dismissAnnouncements} />
        {expired.length > 0 && held.locks.length === 0 && (
          <Notice tone="warning">
            <strong>Your hold has ended.</strong>
            {closed === null && ' Others can take the seats now; pick them anew if they are still free.'}
          </Notice>
        )}
        <PicksPanel
          picks={picks}
          limit={limit}
          seating={seating}
          isLocking={isLocking}
          isLive={isLive}
          problem={problem}
          onRemove={pick}
          onPlaces={pickPlaces}
          onHold={picking.hold}
          onHoldInstead={picking.holdInstead}
          onForgetLost={forgetLost}
        />
        {clock && (
          <HeldPanel
            hold={hold}
            locks={held.locks}
            expired={expired}
            seating={seating}
            countdown={clock}
            nowMs={nowMs}
            canPay={closed === null && isPayable}
            takesFocus={hasLocked.current}
            onPay={() => setPayerId(viewer?.id)}
          />
        )}
        {clock && isFoundHeld && <OtherSeats bestSeats={bestSeats} />}
        {hasNoSeats && canHold && limit.left > 0 && (
          <BestSeatsPanel
            map={map}
            seating={seating}
            looks={filter.looks}
            quantityMax={limit.left}
            isFinding={bestSeats.isFinding}
            problem={bestSeats.problem}
            onFind={(section, quantity) => void bestSeats.find(section, quantity)}
          />
        )}
        {hasNoSeats && canHold && <p className="hint-line">Pick a seat on the map, or several.</p>}
        {held.bookings.length > 0 && (
          <section className="panel-part" aria-label="Your bookings">
            <h2>Your bookings</h2>
            <BookingList
              bookings={held.bookings}
              seating={seating}
              timeZone={event.timeZone}
              isSimulated={isSimulated}
              unpaid={
                checkoutState.kind === 'ready' && checkoutState.unpaidPaymentId !== undefined
                  ? { paymentId: checkoutState.unpaidPaymentId, onPay: () => paying.again() }
                  : undefined
              }
            />
          </section>
        )}
        {held.cancelled.length > 0 && (
          <details className="panel-part">
            <summary>Cancelled ({held.cancelled.length})</summary>
            <BookingList
              bookings={held.cancelled}
              seating={seating}
              timeZone={event.timeZone}
              isSimulated={isSimulated}
            />
          </details>
        )}
        <section className="panel-part" aria-label="Sections">
          <h2>Sections</h2>
          <SectionList
            map={map}
            seating={seating}
            looks={filter.looks}
            picked={picks.seats}
            onPlaces={pickPlaces}
            onShow={(section) => mapControl.current?.showSection(section)}
          />
        </section>
        {isSimulated && <p className="hint-line">Cards are simulated; nothing is charged.</p>}
      </aside>
      {isCheckoutShown && (
        <CheckoutDialog
          locks={held.locks}
          expired={expired}
          bookings={held.bookings}
          isKnown={isKnown}
          isSignedOut={isSignedOut}
          viewer={viewer}
          seating={seating}
          stripeKey={event.stripePublishableKey ?? undefined}
          countdown={clock}
          state={checkoutState}
          onPay={(order) => paying.pay(order)}
          onAgain={() => paying.again()}
          onSignIn={() => signInAgain('Your session is over. Sign in again; your seats stay held.')}
          onSignUp={() => openAccount('sign up')}
          onClose={() => {
            setPayerId(undefined);
            paying.reset();
          }}
        />
      )}
    </SeatMapRoot>
  );
}
