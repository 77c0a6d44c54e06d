import type { RefObject } from 'react';
import type { Layout } from '../map/layout.js';
import { APPEARANCE_LABELS, appearanceOf, type OwnSeats } from '../map/seat-appearance.js';
import type { SeatCanvas } from '../map/seat-canvas.js';
import { FEATURE_LABELS } from '../map/seat-features.js';
import type { ShownMap } from '../map/seat-states.js';
import { placesLeftText } from '../map/standing-text.js';
import { formatMoney } from '../text/money.js';
import { useIsLive, useMapValue } from './use-map-value.js';

/** The tooltip of a seat. Screen readers get the same text from the grid. */
export function SeatTooltip({
  map,
  layout,
  own,
  seat,
  canvas,
  frame,
}: {
  map: ShownMap | undefined;
  layout: Layout;
  own: OwnSeats;
  seat: number;
  canvas: SeatCanvas;
  frame: RefObject<HTMLDivElement | null>;
}) {
  const isLive = useIsLive(map);
  const { seating } = layout;
  const { section, row } = seating.placeOf(seat);
  const { price } = section;
  const isStanding = section.kind === 'standing';
  const status = useMapValue(map, ({ state }) => {
    if (state === undefined) return undefined;
    if (isStanding) return placesLeftText(state.freeInSection(section.index));
    return APPEARANCE_LABELS[appearanceOf(seat, state, own)];
  });
  if (status === undefined) return null;
  const { x, y } = canvas.pointOf(seat);
  const width = frame.current?.clientWidth ?? 0;
  const isBelow = y < 90;
  const features = seating.featuresOf(seat).map((feature) => `${FEATURE_LABELS[feature]} · `);
  return (
    <div
      className={`seat-map-tip ${isBelow ? 'below' : ''}`}
      aria-hidden="true"
      style={{ left: `${Math.max(90, Math.min(width - 90, x))}px`, top: `${y}px` }}
    >
      <strong>{isStanding ? seating.rowNameOf(section, row) : seating.nameOf(seat)}</strong>
      <span>
        {price && `${formatMoney(price, { short: true })} · `}
        {features}
        {status}
        {!isLive && ', not up to date'}
      </span>
    </div>
  );
}
