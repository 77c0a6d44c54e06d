import type { Bounds, Point } from './geometry.js';
import type { Layout } from './layout.js';
import type { Palette } from './palette.js';
import type { OwnSeats } from './seat-appearance.js';
import type { SeatStates } from './seat-states.js';
import type { SectionLooks } from './section-looks.js';

/** Converts layout units to screen pixels: `layoutX * scale + x`. */
export interface View {
  /** Pixels per seat with its gap. */
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Everything that decides what is drawn. */
export interface Scene {
  readonly layout: Layout;
  readonly palette: Palette;
  readonly looks: SectionLooks;
  /** Undefined until the map is read. */
  readonly state: SeatStates | undefined;
  readonly own: OwnSeats;
  readonly isLive: boolean;
  readonly view: View;
  /** Of the canvas, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

/** A scene whose map is read. */
export type DrawnScene = Scene & { readonly state: SeatStates };

/** The middle of a seat on the canvas. */
export function pointOf({ layout, view: { scale, x, y } }: Scene, seat: number): Point {
  const position = layout.positionOf(seat);
  return { x: position.x * scale + x, y: position.y * scale + y };
}

export function onCanvas({ view: { scale, x, y } }: Scene, { left, top, right, bottom }: Bounds): Bounds {
  return {
    left: left * scale + x,
    top: top * scale + y,
    right: right * scale + x,
    bottom: bottom * scale + y,
  };
}

/** The part of the layout that is in view. */
export function boxInView({ view: { scale, x, y }, width, height }: Scene): Bounds {
  return { left: -x / scale, top: -y / scale, right: (width - x) / scale, bottom: (height - y) / scale };
}

/** Whether any part of the seat is in view. */
export function isInView(scene: Scene, seat: number): boolean {
  const { x, y } = pointOf(scene, seat);
  const margin = scene.view.scale;
  return x > -margin && y > -margin && x < scene.width + margin && y < scene.height + margin;
}
