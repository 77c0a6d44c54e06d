import { useEffect, useMemo, useRef } from 'react';
import { Layout } from '../map/layout.js';
import { paletteOf } from '../map/palette.js';
import { priceBands } from '../map/price-bands.js';
import { SeatCanvas } from '../map/seat-canvas.js';
import { AVAILABLE, type SeatStates } from '../map/seat-states.js';
import type { Seating } from '../map/seating.js';
import { sectionLooks } from '../map/section-looks.js';
import { useTheme } from './seat-map-root.js';

/** A picture of all seats as buyers will see them, before anything is sold. It does not react to anything. */
export function SeatMapPreview({ seating, label }: { seating: Seating; label: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const seats = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const layout = useMemo(() => new Layout(seating), [seating]);
  const theme = useTheme();
  const { left, right, top, bottom } = layout.bounds;
  const [across, down] = [right - left, bottom - top];

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has another palette.
  useEffect(() => {
    const box = frame.current as HTMLDivElement;
    const canvas = new SeatCanvas(
      seats.current as HTMLCanvasElement,
      overlay.current as HTMLCanvasElement,
      layout,
      paletteOf(box),
      sectionLooks(priceBands(layout.seating.sections), new Set()),
      () => true,
    );
    canvas.setState(allAvailable(layout.seating), true);
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
      resizing.disconnect();
      canvas.close();
    };
  }, [layout, theme, across, down, left, right, top, bottom]);

  return (
    <div
      className="seat-map-frame"
      ref={frame}
      style={{ aspectRatio: String(across / down) }}
      role="img"
      aria-label={label}
    >
      <canvas ref={seats} />
      <canvas ref={overlay} />
    </div>
  );
}

function allAvailable(seating: Seating): SeatStates {
  return {
    statusOf: () => AVAILABLE,
    freeInSection: (index) => seating.sections[index]?.seats ?? 0,
    freeWith: (feature) => seating.seatsWith(feature).length,
  };
}
