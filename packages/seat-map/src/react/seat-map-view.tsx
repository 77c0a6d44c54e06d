import {
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { type Bounds, boxAround } from '../map/geometry.js';
import { seatAfterKey } from '../map/keyboard-navigation.js';
import type { Layout } from '../map/layout.js';
import { measure } from '../map/measure.js';
import { paletteOf } from '../map/palette.js';
import type { OwnSeats } from '../map/seat-appearance.js';
import { SeatCanvas } from '../map/seat-canvas.js';
import type { ShownMap } from '../map/seat-states.js';
import type { Section } from '../map/seating.js';
import type { SectionLooks } from '../map/section-looks.js';
import { SeatGrid } from './seat-grid.js';
import { useTheme } from './seat-map-root.js';
import { SeatTooltip } from './seat-tooltip.js';
import { useZoom } from './use-zoom.js';
import { ZoomButtons } from './zoom-buttons.js';

/** A finger cannot surely hit anything smaller (WCAG 2.5.8), so the first tap zooms in, to a comfortable size (2.5.5). */
const TOUCHABLE_PX = 24;
const TOUCH_ZOOM_PX = 44;
/** The seat focused by keyboard is shown at least this large. */
const FOCUSED_PX = 16;

export interface SeatMapControl {
  readonly showSection: (section: Section) => void;
  /** Brings these seats into view, with what is around them. */
  readonly showSeats: (seats: readonly number[]) => void;
  /** The seats in a rectangle of the screen, without those of standing sections. */
  readonly seatsWithin: (box: Bounds) => number[];
}

/** The seat map: two canvases, and over them a grid for keyboards, fingers and screen readers. */
export function SeatMapView({
  map,
  layout,
  looks,
  own,
  onPick,
  control,
  children,
}: {
  map: ShownMap | undefined;
  layout: Layout;
  looks: SectionLooks;
  own: OwnSeats;
  onPick: (seat: number) => void;
  control: RefObject<SeatMapControl | null>;
  /** Shown below the map, beside the zoom buttons. */
  children?: ReactNode;
}) {
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const seatsCanvas = useRef<HTMLCanvasElement>(null);
  const overlayCanvas = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<SeatCanvas | null>(null);
  const [focused, setFocused] = useState(1);
  const [isFocusShown, setFocusShown] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const isTouch = useRef(false);
  const ownSeats = useRef(own);
  ownSeats.current = own;
  const { seating } = layout;
  const isShown = ({ index }: Section) => looks[index]?.isShown !== false;
  const firstLooks = useRef(looks);

  const [, setView] = useState({ scale: 1, x: 0, y: 0 });
  const scale = useRef(1);
  const zoom = useZoom(grid, layout, (view) => {
    scale.current = view.scale;
    canvas.current?.setView(view);
    // The tooltip moves with its seat.
    setView(view);
  });

  useEffect(() => {
    const box = frame.current as HTMLDivElement;
    const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
    const palette = paletteOf(box);
    if (palette.surface === '') console.error("The seat map has no colours: import 'seat-map/style.css'.");
    const drawing = new SeatCanvas(
      seatsCanvas.current as HTMLCanvasElement,
      overlayCanvas.current as HTMLCanvasElement,
      layout,
      palette,
      firstLooks.current,
      () => reducedMotion.matches,
    );
    canvas.current = drawing;
    const resizing = new ResizeObserver(() => {
      drawing.resize(box.clientWidth, box.clientHeight, devicePixelRatio);
      zoom.current?.resize(box.clientWidth, box.clientHeight);
    });
    resizing.observe(box);
    return () => {
      resizing.disconnect();
      drawing.close();
      canvas.current = null;
    };
  }, [layout, zoom]);

  useEffect(() => {
    const drawing = canvas.current;
    if (map === undefined || drawing === null) return;
    let isFirst = true;
    const show = (changed: readonly number[]) => {
      if (map.state === undefined) return;
      drawing.setState(map.state, map.isLive);
      if (isFirst) {
        isFirst = false;
        drawing.drawNow();
        measure('seat-map:first-draw', map.readAtMs);
        return;
      }
      drawing.redraw(
        changed,
        changed.filter((seat) => !ownSeats.current.has(seat)),
      );
    };
    show([]);
    return map.onChange(show);
  }, [map]);

  useEffect(() => canvas.current?.setOwnSeats(own), [own]);
  const theme = useTheme();
  const drawnTheme = useRef(theme);
  useEffect(() => {
    // The canvas begins with the present palette.
    if (theme === drawnTheme.current) return;
    drawnTheme.current = theme;
    canvas.current?.setPalette(paletteOf(frame.current as HTMLDivElement));
  }, [theme]);
  useEffect(() => {
    canvas.current?.setLooks(looks);
    setFocused((before) => {
      if (looks[seating.sectionOf(before).index]?.isShown !== false) return before;
      return seating.sections.find(({ index }) => looks[index]?.isShown)?.firstSeatNumber ?? before;
    });
  }, [looks, seating]);
  useEffect(() => canvas.current?.overlay.setFocused(isFocusShown ? focused : null), [focused, isFocusShown]);
  useEffect(() => canvas.current?.overlay.setPointed(pointed), [pointed]);
  const [lastPicked] = [...own].filter(([, appearance]) => appearance === 'picked').at(-1) ?? [];
  const spot = useRef<HTMLSpanElement>(null);
  // On a phone a bar appears at the lower edge of the screen, and it must not cover what is picked.
  useEffect(() => {
    if (lastPicked !== undefined) spot.current?.scrollIntoView({ block: 'nearest' });
  }, [lastPicked]);

  useImperativeHandle(control, () => ({
    showSection(section) {
      zoom.current?.show(layout.boundsOfSection(section));
      setFocused(section.firstSeatNumber);
    },
    showSeats(seats) {
      const boxes = seats.map((seat) => layout.boundsAround(seat));
      zoom.current?.show(boxAround(boxes));
      const [first] = seats;
      if (first !== undefined) setFocused(first);
      frame.current?.scrollIntoView({ block: 'nearest' });
    },
    seatsWithin(box) {
      const { left, top } = (frame.current as HTMLDivElement).getBoundingClientRect();
      const seats: number[] = [];
      for (let seat = 1; seat <= seating.totalSeats; seat++) {
        const { x, y } = (canvas.current as SeatCanvas).pointOf(seat);
        const isInside =
          x + left >= box.left && x + left <= box.right && y + top >= box.top && y + top <= box.bottom;
        if (isInside && !seating.isStanding(seat) && isShown(seating.sectionOf(seat))) seats.push(seat);
      }
      return seats;
    },
  }));

  const seatUnder = (event: { clientX: number; clientY: number }) => {
    const { left, top } = (frame.current as HTMLDivElement).getBoundingClientRect();
    const point = { x: event.clientX - left, y: event.clientY - top };
    const seat = canvas.current?.seatAt(point) ?? null;
    return { point, seat: seat !== null && isShown(seating.sectionOf(seat)) ? seat : null };
  };

  const tap = (event: { clientX: number; clientY: number }) => {
    const { point, seat } = seatUnder(event);
    const isArea = seat !== null && seating.isStanding(seat);
    if (isTouch.current && !isArea && scale.current < TOUCHABLE_PX) {
      if (seat !== null) zoom.current?.reveal(layout.positionOf(seat), TOUCH_ZOOM_PX);
      else zoom.current?.by('in', point);
      return;
    }
    if (seat === null) return;
    setFocused(seat);
    onPick(seat);
  };

  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = seatAfterKey(layout, focused, event.key, isShown);
    if (target !== null) {
      setFocused(target);
      zoom.current?.reveal(layout.positionOf(target), FOCUSED_PX);
    } else if (event.key === 'Enter' || event.key === ' ') onPick(focused);
    else if (event.key === '+' || event.key === '=') zoom.current?.by('in');
    else if (event.key === '-') zoom.current?.by('out');
    else if (event.key === '0') zoom.current?.whole();
    else if (!/^(Arrow|Page|Home|End)/.test(event.key)) return;
    event.preventDefault();
    setFocusShown(true);
  };

  const tooltipSeat = pointed ?? (isFocusShown ? focused : null);
  return (
    <div className="seat-map-box">
      <div className="seat-map-frame" ref={frame} style={{ aspectRatio: ratioOf(layout.bounds) }}>
        <div aria-hidden="true">
          <canvas ref={seatsCanvas} />
          <canvas ref={overlayCanvas} />
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a table element would need all 100,000 seats. */}
        <div
          ref={grid}
          className="seat-map-grid"
          role="grid"
          tabIndex={0}
          aria-label="Seat map"
          aria-describedby={`${id}-keys`}
          aria-multiselectable="true"
          aria-activedescendant={`${id}-${focused}`}
          aria-rowcount={seating.sections.reduce((rows, section) => rows + seating.rowCount(section), 0)}
          onKeyDown={press}
          onFocus={(event) => setFocusShown(event.currentTarget.matches(':focus-visible'))}
          onBlur={() => setFocusShown(false)}
          onPointerDown={(event: PointerEvent) => {
            isTouch.current = event.pointerType === 'touch';
          }}
          onPointerMove={(event: PointerEvent) => {
            if (event.pointerType === 'mouse') setPointed(seatUnder(event).seat);
          }}
          onPointerLeave={() => setPointed(null)}
          onClick={tap}
          style={{ cursor: pointed === null ? 'grab' : 'pointer' }}
        >
          <SeatGrid idPrefix={id} map={map} seating={seating} own={own} focused={focused} />
        </div>
        {lastPicked !== undefined && canvas.current !== null && (
          <span ref={spot} className="seat-map-spot" style={spotStyle(canvas.current, lastPicked)} />
        )}
        <p id={`${id}-keys`} className="seat-map-hidden">
          Arrow keys move from seat to seat, Page Up and Page Down to another section. Enter picks a seat,
          plus and minus zoom.
        </p>
        {tooltipSeat !== null && canvas.current !== null && (
          <SeatTooltip
            map={map}
            layout={layout}
            own={own}
            seat={tooltipSeat}
            canvas={canvas.current}
            frame={frame}
          />
        )}
      </div>
      <div className="seat-map-bar">
        {children}
        <ZoomButtons zoom={zoom} />
      </div>
    </div>
  );
}

/** The height follows the width within the style sheet's limits, so that a wide map leaves no empty space. */
const ratioOf = ({ left, right, top, bottom }: Bounds) => String((right - left) / (bottom - top));

const spotStyle = (canvas: SeatCanvas, seat: number) => {
  const { x, y } = canvas.pointOf(seat);
  return { left: `${x}px`, top: `${y}px` };
};
