import { memo, useEffect, useRef } from 'react';
import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';
import { drawFeatureMark } from '../map/feature-marks.js';
import { paletteOf } from '../map/palette.js';
import {
  APPEARANCE_LABELS,
  type Appearance,
  countsByAppearance,
  type OwnSeats,
} from '../map/seat-appearance.js';
import { FEATURE_LABELS, SEAT_FEATURES } from '../map/seat-features.js';
import { drawSeatShape } from '../map/seat-shapes.js';
import type { ShownMap } from '../map/seat-states.js';
import type { Seating } from '../map/seating.js';
import { countText } from '../text/count.js';
import { useTheme } from './seat-map-root.js';
import { useIsLive, useMapValue } from './use-map-value.js';

const MARK_PX = 18;

const ENTRIES: readonly (readonly [Appearance, string])[] = [
  ['available', 'Available'],
  ['locked', 'Held'],
  ['booked', 'Booked'],
  ['offSale', 'Not on sale'],
  ['picked', 'Your picks'],
  ['held', 'Held for you'],
  ['pending', 'Pending'],
  ['yours', 'Yours'],
];

const FEATURE_NAMES: Readonly<Record<SeatFeature, string>> = {
  wheelchair: 'Wheelchair',
  companion: 'Companion',
  restrictedView: 'Restricted view',
};

/** The meaning of each shape, and the live number of its seats. */
export function Legend({
  map,
  own,
  seating,
  hasPrices,
}: {
  map: ShownMap | undefined;
  own: OwnSeats;
  seating: Seating;
  /** Whether available seats have the colour of their price, which the marks must not have then. */
  hasPrices: boolean;
}) {
  const isLive = useIsLive(map);
  // Another object with every message.
  const ofEverybody = useMapValue(map, ({ counts }) => counts);
  const state = map?.state;
  const counts =
    ofEverybody !== undefined && state !== undefined
      ? countsByAppearance(ofEverybody, state, own)
      : undefined;
  return (
    <dl
      className={`seat-map-legend ${isLive ? '' : 'seat-map-stale'}`}
      aria-label={isLive ? 'Legend' : 'Legend, not up to date'}
    >
      {ENTRIES.filter(([appearance]) => appearance !== 'offSale' || counts?.offSale).map(
        ([appearance, name]) => (
          <div key={appearance} className="seat-map-legend-entry" title={APPEARANCE_LABELS[appearance]}>
            <dt>
              <Mark appearance={appearance} feature={undefined} isNeutral={hasPrices} />
              {name}
            </dt>
            <dd data-count={appearance}>{counts === undefined ? '–' : countText(counts[appearance])}</dd>
          </div>
        ),
      )}
      {SEAT_FEATURES.filter((feature) => seating.seatsWith(feature).length > 0).map((feature) => (
        <div
          key={feature}
          className="seat-map-legend-entry seat-map-legend-feature"
          title={`${FEATURE_LABELS[feature]}, available`}
        >
          <dt>
            <Mark appearance="available" feature={feature} isNeutral={hasPrices} />
            {FEATURE_NAMES[feature]}
          </dt>
          <dd>{counts === undefined || state === undefined ? '–' : countText(state.freeWith(feature))}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A seat drawn as on the map. */
const Mark = memo(function Mark({
  appearance,
  feature,
  isNeutral,
}: {
  appearance: Appearance;
  feature: SeatFeature | undefined;
  isNeutral: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has another palette.
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    element.width = MARK_PX * devicePixelRatio;
    element.height = MARK_PX * devicePixelRatio;
    const context = element.getContext('2d') as CanvasRenderingContext2D;
    context.scale(devicePixelRatio, devicePixelRatio);
    const palette = paletteOf(element);
    const box = [1, 1, MARK_PX - 2] as const;
    const neutral = { fill: palette.surface, line: palette.faintText, dot: '' };
    drawSeatShape(context, appearance, box, palette, true, isNeutral ? neutral : palette.available);
    if (feature !== undefined) drawFeatureMark(context, feature, box, palette.text);
  }, [appearance, feature, isNeutral, theme]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} className="seat-map-mark" />
    </span>
  );
});
