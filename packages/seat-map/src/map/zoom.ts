import { select } from 'd3-selection';
import { zoom as createZoom, type ZoomBehavior, type ZoomTransform, zoomIdentity } from 'd3-zoom';
import type { Bounds, Point } from './geometry.js';
import type { Layout } from './layout.js';
import type { View } from './scene.js';

/** The largest size of a seat, in pixels. */
const SEAT_PX_MAX = 48;
const STEP = 1.5;
/** A press that moves less than this is a tap. */
const TAP_PX = 8;

export interface ZoomControl {
  /** Zooms by one step, around the middle or a point of the map. */
  readonly by: (direction: 'in' | 'out', around?: Point) => void;
  readonly whole: () => void;
  readonly show: (bounds: Bounds) => void;
  /** Brings this seat into view, at least this many pixels large. */
  readonly reveal: (point: Point, seatPxMin: number) => void;
  readonly resize: (width: number, height: number) => void;
  readonly close: () => void;
}

/**
 * Wheel, pinch, drag and the controls' steps, by d3-zoom, on an element that shows a layout.
 *
 * @param onView called with every new view
 */
export function zoomOn(node: HTMLElement, layout: Layout, onView: (view: View) => void): ZoomControl {
  const selection = select<HTMLElement, unknown>(node);
  let size = { width: node.clientWidth, height: node.clientHeight };
  let isWhole = true;
  let transform: ZoomTransform = zoomIdentity;
  const { bounds } = layout;

  const zoom: ZoomBehavior<HTMLElement, unknown> = createZoom<HTMLElement, unknown>()
    .clickDistance(TAP_PX)
    .tapDistance(TAP_PX)
    .extent(() => [
      [0, 0],
      [size.width, size.height],
    ])
    .translateExtent([
      [bounds.left, bounds.top],
      [bounds.right, bounds.bottom],
    ])
    .on('zoom', (event: { transform: ZoomTransform; sourceEvent: Event | null }) => {
      transform = event.transform;
      if (event.sourceEvent !== null) isWhole = false;
      onView({ scale: transform.k, x: transform.x, y: transform.y });
    });
  selection.call(zoom).on('dblclick.zoom', null);

  const framing = (box: Bounds): ZoomTransform => {
    const width = box.right - box.left;
    const height = box.bottom - box.top;
    const scale = Math.min(size.width / width, size.height / height, SEAT_PX_MAX);
    return zoomIdentity
      .translate(size.width / 2, size.height / 2)
      .scale(scale)
      .translate(-(box.left + box.right) / 2, -(box.top + box.bottom) / 2);
  };
  const whole = () => {
    const { k } = framing(bounds);
    zoom.scaleExtent([k, Math.max(k, SEAT_PX_MAX)]);
    zoom.transform(selection, framing(bounds));
    isWhole = true;
  };
  whole();
  return {
    by(direction, around) {
      isWhole = false;
      const factor = direction === 'in' ? STEP : 1 / STEP;
      if (around !== undefined) return zoom.scaleBy(selection, factor, [around.x, around.y]);
      zoom.scaleBy(selection, factor);
      // The next step would end between or beside sections, where there is no seat.
      const [x, y] = transform.invert([size.width / 2, size.height / 2]);
      const nearest = layout.positionOf(layout.nearestSeat({ x, y }));
      const [left, top] = transform.apply([nearest.x, nearest.y]);
      const isVisible = left >= 0 && top >= 0 && left <= size.width && top <= size.height;
      if (!isVisible) zoom.translateTo(selection, nearest.x, nearest.y);
    },
    whole,
    show(box) {
      isWhole = false;
      zoom.transform(selection, framing(box));
    },
    reveal({ x, y }, seatPxMin) {
      const [left, top] = transform.apply([x, y]);
      const margin = Math.min(60, size.width / 5, size.height / 5);
      const isInside =
        left > margin && top > margin && left < size.width - margin && top < size.height - margin;
      if (isInside && transform.k >= seatPxMin) return;
      isWhole = false;
      if (transform.k < seatPxMin) zoom.scaleTo(selection, seatPxMin);
      zoom.translateTo(selection, x, y);
    },
    resize(width, height) {
      size = { width, height };
      const wasWhole = isWhole;
      const { k } = framing(bounds);
      zoom.scaleExtent([k, Math.max(k, SEAT_PX_MAX)]);
      if (wasWhole) whole();
      else zoom.translateBy(selection, 0, 0);
    },
    close() {
      selection.on('.zoom', null);
    },
  };
}
