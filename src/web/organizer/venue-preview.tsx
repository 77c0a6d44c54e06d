import { useEffect, useMemo, useRef } from 'react';
import { Layout, paletteOf, priceBands, SeatCanvas, Seating, sectionLooks } from 'seat-map/map';
import type { NewSection } from '../../catalog/seating.js';
import type { SeatingPlan } from '../../catalog/seating-plan.js';
import { MapState } from '../map/map-state.js';
import 'seat-map/style.css';

/** The map as buyers will see it, before anything is sold. */
export function VenuePreview({
  venue: { plan, sections },
}: {
  venue: { plan: SeatingPlan; sections: readonly NewSection[] };
}) {
  const frame = useRef<HTMLDivElement>(null);
  const seats = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const layout = useMemo(() => new Layout(seatingOf(plan, sections)), [plan, sections]);
  const { left, right, top, bottom } = layout.bounds;
  const [across, down] = [right - left, bottom - top];

  useEffect(() => {
    const box = frame.current as HTMLDivElement;
    const { seating } = layout;
    const canvas = new SeatCanvas(
      seats.current as HTMLCanvasElement,
      overlay.current as HTMLCanvasElement,
      layout,
      paletteOf(box),
      sectionLooks(priceBands(seating.sections), new Set()),
      () => true,
    );
    const statuses = 'A'.repeat(plan.totalSeats);
    canvas.setState(new MapState(seating, { version: 0, statuses }), true);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => canvas.setPalette(paletteOf(box));
    dark.addEventListener('change', repaint);
    const resizing = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = box;
      const scale = Math.min(width / across, height / down);
      canvas.resize(width, height, devicePixelRatio);
      canvas.setView({
        scale,
        x: width / 2 - (scale * (left + right)) / 2,
        y: height / 2 - (scale * (top + bottom)) / 2,
      });
    });
    resizing.observe(box);
    return () => {
      dark.removeEventListener('change', repaint);
      resizing.disconnect();
      canvas.close();
    };
  }, [layout, plan, across, down, left, right, top, bottom]);

  return (
    <div
      className="map"
      ref={frame}
      style={{ aspectRatio: across / down }}
      role="img"
      aria-label="Preview of the map"
    >
      <canvas ref={seats} />
      <canvas ref={overlay} />
    </div>
  );
}

function seatingOf(plan: SeatingPlan, sections: readonly NewSection[]): Seating {
  const shapes = plan.sections.map(({ name, kind, firstSeatNumber }, index) => ({
    name,
    kind: kind === 'standing' ? ('STANDING' as const) : ('SEATED' as const),
    firstSeatNumber,
    rows: 0,
    seatsPerRow: 0,
    price: sections[index]?.price,
  }));
  return new Seating(shapes, plan.totalSeats, plan);
}
