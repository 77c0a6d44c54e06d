import { type CSSProperties, type ReactNode, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { ApiError } from '../core/api-error.js';
import type { OwnSeat } from '../core/held-seats.js';
import type { SeatHold } from '../core/seat-hold.js';
import type { EventDetails } from '../event/live-event.js';
import { Layout } from '../map/layout.js';
import type { LiveMap } from '../map/live-map.js';
import type { Appearance } from '../map/seat-appearance.js';
import type { Seating, Section } from '../map/seating.js';
import { placesLeftText } from '../map/standing-text.js';
import type { Money } from '../text/money.js';
import { SeatMapProvider, useSeatMapClient } from './client-context.js';
import { clientOf } from './endpoint-client.js';
import { HoldBar } from './hold-bar.js';
import { Legend } from './legend.js';
import { NotLive } from './not-live.js';
import { PriceKey } from './price-key.js';
import { SeatMapRoot, type Theme } from './seat-map-root.js';
import { type SeatMapControl, SeatMapView } from './seat-map-view.js';
import { StandingStepper } from './standing-stepper.js';
import { useEvent } from './use-event.js';
import { useSeatsLeft } from './use-map-value.js';
import { type PickedSeats, usePickedSeats } from './use-picked-seats.js';
import { usePriceFilter } from './use-price-filter.js';
import { useLiveMap } from './use-seat-map.js';
import { useSeating } from './use-seating.js';

/** The most seats that one call of the API holds. */
const PICKS_MAX = 100;

export interface PickedSeat {
  readonly seatNumber: number;
  /** "Stalls, row C, seat 12" */
  readonly name: string;
  /** Null where the buyer names the price. */
  readonly price: Money | null;
}

export interface SeatMapProps {
  /** The id of the event. */
  readonly event: string;
  /** Address of the API, e.g. `https://tickets.example/graphql`. Default: that of the client in `SeatMapProvider`. */
  readonly endpoint?: string | undefined;
  /** Called with all picked seats when they change. What is held is not picked any more. */
  readonly onPick?: ((seats: readonly PickedSeat[]) => void) | undefined;
  /** Shows a bar below the map that holds the picked seats, counts down, and gives them back. Default: no bar. */
  readonly canHold?: boolean | undefined;
  /** Default: `device`, as the device's setting says. */
  readonly theme?: Theme | undefined;
  readonly className?: string | undefined;
  readonly style?: CSSProperties | undefined;
  /** Shown in the bar while seats are held, for instance a button that leads to the check-out. */
  readonly children?: ReactNode;
}

/** The live map of an event: seats by price, the viewer's own seats, a grid for keyboards and screen readers, zoom. */
export function SeatMap({ endpoint, ...props }: SeatMapProps) {
  if (endpoint === undefined) return <EventMap {...props} />;
  return (
    <SeatMapProvider client={clientOf(endpoint)}>
      <EventMap {...props} />
    </SeatMapProvider>
  );
}

function EventMap({ event: id, theme, className = '', style, ...rest }: Omit<SeatMapProps, 'endpoint'>) {
  const client = useSeatMapClient();
  const { event, error } = useEvent(id);
  const map = useLiveMap(id);
  const hold = useMemo(() => client.hold(id), [client, id]);
  const seating = useSeating(event, client);
  useEffect(() => {
    if (seating !== undefined) map.setSeating(seating);
  }, [map, seating]);
  return (
    <SeatMapRoot theme={theme ?? 'device'} className={`seat-map ${className}`} style={style}>
      {event && seating ? (
        <LoadedMap key={id} event={event} seating={seating} map={map} hold={hold} {...rest} />
      ) : (
        <p className="seat-map-frame seat-map-waiting" role="status">
          {waitingText(event, error)}
        </p>
      )}
    </SeatMapRoot>
  );
}

function waitingText(event: EventDetails | null | undefined, error: ApiError | 'no answer' | null): string {
  if (event === null) return 'There is no such event.';
  if (error === null) return 'Loading the seats…';
  return error === 'no answer' ? 'The seats cannot be reached. Trying again…' : error.message;
}

const APPEARANCE: Readonly<Record<OwnSeat | 'holding', Appearance>> = {
  holding: 'picked',
  held: 'held',
  pending: 'pending',
  booked: 'yours',
};

function LoadedMap({
  event,
  seating,
  map,
  hold,
  onPick,
  canHold = false,
  children,
}: {
  event: EventDetails;
  seating: Seating;
  map: LiveMap;
  hold: SeatHold;
} & Pick<SeatMapProps, 'onPick' | 'canHold' | 'children'>) {
  const layout = useMemo(() => new Layout(seating), [seating]);
  const filter = usePriceFilter(seating);
  const control = useRef<SeatMapControl>(null);
  const held = useSyncExternalStore(hold.subscribe, hold.getSnapshot, hold.getSnapshot);
  const owned = useMemo(
    () => new Map([...held.own].map(([seat, state]) => [seat, APPEARANCE[state]] as const)),
    [held.own],
  );
  const seatsLeft = Math.min(PICKS_MAX, event.seatsPerViewerMax - held.own.size);
  const picked = usePickedSeats(map, seating, owned, seatsLeft);
  const own = useMemo(
    () => new Map([...owned, ...picked.seats.map((seat) => [seat, 'picked'] as const)]),
    [owned, picked.seats],
  );

  const report = useRef(onPick);
  report.current = onPick;
  const reported = useRef({ seats: picked.seats, seating });
  useEffect(() => {
    const { seats } = reported.current;
    if (picked.seats === seats && reported.current.seating === seating) return;
    reported.current = { seats: picked.seats, seating };
    report.current?.(picked.seats.map((seat) => pickedSeat(seat, seating)));
  }, [picked.seats, seating]);

  return (
    <>
      <NotLive map={map} />
      <PriceKey map={map} filter={filter} />
      <SeatMapView
        map={map}
        layout={layout}
        looks={filter.looks}
        own={own}
        onPick={picked.pick}
        control={control}
      >
        <Legend map={map} own={own} seating={seating} hasPrices={filter.bands.length > 1} />
      </SeatMapView>
      {seating.sections.map(
        (section) =>
          section.kind === 'standing' &&
          filter.looks[section.index]?.isShown !== false && (
            <StandingSection key={section.index} map={map} section={section} picked={picked} />
          ),
      )}
      {picked.problem !== undefined && <p className="seat-map-problem">{picked.problem}</p>}
      {canHold && (
        <HoldBar hold={hold} seating={seating} picked={picked.seats}>
          {children}
        </HoldBar>
      )}
    </>
  );
}

const pickedSeat = (seatNumber: number, seating: Seating): PickedSeat => ({
  seatNumber,
  name: seating.nameOf(seatNumber),
  price: seating.priceOf(seatNumber),
});

function StandingSection({ map, section, picked }: { map: LiveMap; section: Section; picked: PickedSeats }) {
  const placesLeft = useSeatsLeft(map, [section.index]);
  const { firstSeatNumber, lastSeatNumber } = section;
  const here = picked.seats.filter((seat) => seat >= firstSeatNumber && seat <= lastSeatNumber).length;
  return (
    <div className="seat-map-standing">
      <bdi>{section.name}</bdi>
      <span className="seat-map-faint">
        Standing{placesLeft !== undefined && ` · ${placesLeftText(placesLeft)}`}
      </span>
      <StandingStepper
        section={section}
        picked={here}
        placesLeft={placesLeft}
        onChange={(places) => picked.pickPlaces(section, places)}
      />
    </div>
  );
}
