import { useApolloClient } from '@apollo/client/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Appearance, type Bounds, Layout, type Seating } from 'seat-map/map';
import {
  NotLive,
  type SeatMapControl,
  SeatMapRoot,
  SeatMapView,
  useAnnounce,
  useLiveMap,
  usePriceFilter,
} from 'seat-map/react';
import {
  BookHeldBackSeatsDocument,
  type EventSummaryFragment,
  HoldBackSeatsDocument,
} from '../graphql/generated/graphql.js';
import { messageOf } from '../network/api-error-text.js';
import { Notice } from '../ui/notice.js';
import { BoxSelection } from './box-selection.js';
import { HoldBackForm, type HoldBackValues } from './hold-back-form.js';
import { InvitationForm } from './invitation-form.js';
import {
  inParts,
  SELECTION_MODES,
  type SelectionMode,
  seatsBetween,
  seatsSelectedBy,
  seatsText,
  withToggled,
} from './seat-selection.js';

/** Seats of one call. */
const SEATS_PER_CALL_MAX = 5_000;

const MODE_LABELS: Readonly<Record<SelectionMode, string>> = {
  seat: 'Seat by seat',
  row: 'Whole rows',
  section: 'Whole sections',
  box: 'Rectangle',
};

/** Chooses seats by seat, row, section or rectangle; then holds them back, or books them as invitations. */
export function HoldBackMap({
  event,
  seating,
  onChanged,
}: {
  event: EventSummaryFragment;
  seating: Seating;
  onChanged: () => void;
}) {
  const client = useApolloClient();
  const announce = useAnnounce();
  const map = useLiveMap(event.id);
  const layout = useMemo(() => new Layout(seating), [seating]);
  const { looks } = usePriceFilter(seating);
  useEffect(() => map?.setSeating(seating), [map, seating]);
  const control = useRef<SeatMapControl>(null);
  const [mode, setMode] = useState<SelectionMode>('seat');
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  /** The first corner of a rectangle that is chosen by two presses. */
  const [corner, setCorner] = useState<number>();
  const [done, setDone] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const own = useMemo(
    () => new Map<number, Appearance>([...selected].map((seat) => [seat, 'picked'])),
    [selected],
  );
  const seats = [...selected].sort((a, b) => a - b);

  const toggle = (chosen: readonly number[]) => {
    setDone(undefined);
    setProblem(undefined);
    const changed = withToggled(selected, chosen);
    setSelected(changed);
    announce(`${seatsText(changed.size)} chosen.`);
  };
  const press = (seat: number) => {
    if (mode !== 'box') return toggle(seatsSelectedBy(mode, seat, seating));
    if (corner === undefined) {
      setCorner(seat);
      return announce(`${seating.nameOf(seat)} is the first corner. Choose the opposite one.`);
    }
    setCorner(undefined);
    toggle(seatsBetween(corner, seat, layout));
  };
  const drawBox = (box: Bounds) => {
    const inside = control.current?.seatsWithin(box) ?? [];
    if (inside.length > 0) toggle(inside);
  };
  const finish = (text: string) => {
    setSelected(new Set());
    setDone(text);
    onChanged();
  };

  const holdBack = async ({ label, until, skipTaken }: HoldBackValues) => {
    setProblem(undefined);
    let heldBack = 0;
    try {
      for (const seatNumbers of inParts(seats, SEATS_PER_CALL_MAX)) {
        const input = { eventId: event.id, seatNumbers, label, until, skipTaken };
        const { data } = await client.mutate({ mutation: HoldBackSeatsDocument, variables: { input } });
        heldBack += data?.holdBackSeats?.seatNumbers.length ?? 0;
      }
      const left = seats.length - heldBack;
      finish(
        `${seatsText(heldBack)} held back.${left > 0 ? ` ${seatsText(left)} left out: somebody has them.` : ''}`,
      );
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  const invite = async (contactEmail: string, requestId: string) => {
    setProblem(undefined);
    try {
      const input = { eventId: event.id, seatNumbers: seats, contactEmail, requestId };
      await client.mutate({ mutation: BookHeldBackSeatsDocument, variables: { input } });
      finish(`${seatsText(seats.length)} booked. The tickets go to ${contactEmail}.`);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };

  return (
    <div className="hold-back-map">
      <fieldset className="form-group selection-modes">
        <legend>Choose</legend>
        {SELECTION_MODES.map((each) => (
          <label key={each} className="check">
            <input
              type="radio"
              name="selection-mode"
              checked={mode === each}
              onChange={() => {
                setMode(each);
                setCorner(undefined);
              }}
            />{' '}
            {MODE_LABELS[each]}
          </label>
        ))}
      </fieldset>
      {mode === 'box' && (
        <p className="muted">
          {corner === undefined
            ? 'Draw a rectangle over the map, or press two opposite corners.'
            : `From ${seating.nameOf(corner)}: press the opposite corner.`}
        </p>
      )}
      <SeatMapRoot className="hold-back-map">
        <NotLive map={map} />
        <BoxSelection isOn={mode === 'box'} onBox={drawBox}>
          <SeatMapView map={map} layout={layout} looks={looks} own={own} onPick={press} control={control} />
        </BoxSelection>
      </SeatMapRoot>
      <div role="status">{done !== undefined && <Notice tone="good">{done}</Notice>}</div>
      {problem !== undefined && (
        <Notice tone="warning" alert>
          {problem}
        </Notice>
      )}
      {seats.length > 0 && (
        <>
          <div className="row">
            <strong>{seatsText(seats.length)} chosen</strong>
            <button type="button" className="button small" onClick={() => setSelected(new Set())}>
              Choose none
            </button>
          </div>
          <div className="hold-back-forms">
            <HoldBackForm timeZone={event.timeZone} count={seats.length} onHoldBack={holdBack} />
            <InvitationForm seats={seats} onInvite={invite} />
          </div>
        </>
      )}
    </div>
  );
}
