import { useEffect, useRef } from 'react';
import type { LiveMap } from './live-map.js';
import { paletteOf } from './palette.js';
import { APPEARANCE_LABELS, type Appearance, countsByAppearance, type OwnSeats } from './seat-appearance.js';
import { drawSeatShape } from './seat-shapes.js';
import { useRevision } from './use-live-map.js';

const MARK_PX = 18;

const ENTRIES: readonly (readonly [Appearance, string])[] = [
  ['available', 'Available'],
  ['locked', 'Held'],
  ['booked', 'Booked'],
  ['picked', 'Your picks'],
  ['held', 'Held for you'],
  ['pending', 'Pending'],
  ['yours', 'Yours'],
];

/** The meaning of each shape, and the live number of its seats. */
export function Legend({ map, own }: { map: LiveMap | undefined; own: OwnSeats }) {
  useRevision(map);
  const counts =
    map?.counts !== undefined && map.state !== undefined
      ? countsByAppearance(map.counts, map.state, own)
      : undefined;
  return (
    <dl
      className={`legend ${map?.isLive ? '' : 'stale'}`}
      aria-label={map?.isLive ? 'Legend' : 'Legend, not up to date'}
    >
      {ENTRIES.map(([appearance, name]) => (
        <div key={appearance} className="legend-entry" title={APPEARANCE_LABELS[appearance]}>
          <dt>
            <Mark appearance={appearance} />
            {name}
          </dt>
          <dd data-count={appearance}>{counts === undefined ? '–' : counts[appearance].toLocaleString()}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A seat drawn as on the map. */
function Mark({ appearance }: { appearance: Appearance }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const draw = () => {
      element.width = MARK_PX * devicePixelRatio;
      element.height = MARK_PX * devicePixelRatio;
      const context = element.getContext('2d') as CanvasRenderingContext2D;
      context.scale(devicePixelRatio, devicePixelRatio);
      drawSeatShape(context, appearance, [1, 1, MARK_PX - 2], paletteOf(element), true);
    };
    draw();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => dark.removeEventListener('change', draw);
  }, [appearance]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} className="mark" />
    </span>
  );
}
