import type { Bay, Layout, Point } from './layout.js';
import { drawRowLabels, drawRowNames, drawSectionNames, drawStage, type LabelTarget } from './map-labels.js';
import type { MapState } from './map-state.js';
import { measure } from './measure.js';
import { COARSE, FINE, type Grain, Overview } from './overview-canvas.js';
import type { Palette } from './palette.js';
import { type Appearance, appearanceOf, type OwnSeats } from './seat-appearance.js';
import { dotColour, drawSeatShape } from './seat-shapes.js';
import type { View } from './view.js';

/** At this many pixels per seat or more, seats are drawn as shapes. */
const SHAPES_FROM_PX = 8;
/** At this many pixels per seat or more, the gaps between seats are visible. */
const FINE_FROM_PX = 4.5;
const ROW_NAMES_FROM_PX = 11;
/** From here on seats show their numbers, and rows their names at the edge of the map. */
const NUMBERS_FROM_PX = 24;
/** A seat's share of its place; the rest is the gap. */
const SEAT_SIZE = 0.82;
/** The viewer's own seats are always at least this large. */
const OWN_PX_MIN = 9;
/** How long a ring marks another user's change. */
const PULSE_MS = 1_100;
/** More changes than this at once get no rings, which would only flicker. */
const PULSES_MAX = 40;

/**
 * Draws the map on two canvases: the seats, and an overlay with everything that moves (focus, pointer, rings around changed
 * seats), so that a movement does not redraw 10,000 seats. Draws only what is in view, and after a change only the changed
 * seats.
 */
export class SeatCanvas {
  readonly #seats: CanvasRenderingContext2D;
  readonly #overlay: CanvasRenderingContext2D;
  #palette: Palette;
  #state: MapState | undefined;
  #own: OwnSeats = new Map();
  #isLive = false;
  #view: View = { scale: 1, x: 0, y: 0 };
  #width = 0;
  #height = 0;
  #pixelRatio = 1;
  /** The zoomed-out map, in each resolution that was needed so far. */
  readonly #overviews = new Map<Grain, Overview>();
  /** One image of each appearance at the current size. */
  #sprites: { readonly key: string; readonly of: Map<Appearance, HTMLCanvasElement> } | undefined;
  #frame = 0;
  readonly #pulses = new Map<number, number>();
  #pulseFrame = 0;
  #focused: number | null = null;
  #pointed: number | null = null;

  constructor(
    seats: HTMLCanvasElement,
    overlay: HTMLCanvasElement,
    private readonly layout: Layout,
    palette: Palette,
    private readonly hasReducedMotion: () => boolean,
  ) {
    this.#seats = seats.getContext('2d') as CanvasRenderingContext2D;
    this.#overlay = overlay.getContext('2d') as CanvasRenderingContext2D;
    this.#palette = palette;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#width = width;
    this.#height = height;
    this.#pixelRatio = pixelRatio;
    for (const { canvas } of [this.#seats, this.#overlay]) {
      canvas.width = Math.round(width * pixelRatio);
      canvas.height = Math.round(height * pixelRatio);
    }
    // Resizing empties the canvases, so they are drawn at once.
    this.#drawAll();
    this.#drawOverlay();
  }

  setView(view: View): void {
    this.#view = view;
    this.#drawInNextFrame();
    this.#drawOverlay();
  }

  setState(state: MapState, isLive: boolean): void {
    if (state === this.#state && isLive === this.#isLive) return;
    this.#state = state;
    this.#isLive = isLive;
    this.#discardImages();
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#discardImages();
  }

  setOwnSeats(own: OwnSeats): void {
    const changed = new Set([...this.#own.keys(), ...own.keys()]);
    for (const seat of changed) if (this.#own.get(seat) === own.get(seat)) changed.delete(seat);
    this.#own = own;
    if (changed.size === 0) return;
    // On the zoomed-out map own seats are larger than their places, so only a full redraw removes them.
    if (this.#hasShapes) this.#redraw([...changed]);
    else this.#drawInNextFrame();
  }

  /** Draws seats that have changed. @param byOthers the ones that get a ring */
  redraw(seats: readonly number[], byOthers: readonly number[]): void {
    for (const overview of this.#overviews.values()) overview.repaint(seats);
    this.#redraw(seats);
    const visible = byOthers.length > PULSES_MAX ? [] : byOthers.filter((seat) => this.#isInView(seat));
    if (visible.length === 0) return;
    const startMs = performance.now();
    for (const seat of visible) this.#pulses.set(seat, startMs);
    if (this.#pulseFrame === 0) this.#pulseFrame = requestAnimationFrame(() => this.#pulse());
  }

  setFocused(seat: number | null): void {
    this.#focused = seat;
    this.#drawOverlay();
  }

  setPointed(seat: number | null): void {
    if (seat === this.#pointed) return;
    this.#pointed = seat;
    this.#drawOverlay();
  }

  /** The seat at a point of the canvas. */
  seatAt({ x, y }: Point): number | null {
    const { scale, x: offsetX, y: offsetY } = this.#view;
    return this.layout.seatAt({ x: (x - offsetX) / scale, y: (y - offsetY) / scale });
  }

  /** The middle of a seat on the canvas. */
  pointOf(seat: number): Point {
    const { scale, x, y } = this.#view;
    const position = this.layout.positionOf(seat);
    return { x: position.x * scale + x, y: position.y * scale + y };
  }

  /** Draws before it returns, so that the caller can measure the time. */
  drawNow(): void {
    this.#drawAll();
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#pulseFrame);
  }

  get #hasShapes(): boolean {
    return this.#view.scale >= SHAPES_FROM_PX;
  }

  #discardImages(): void {
    this.#overviews.clear();
    this.#sprites = undefined;
    this.#drawInNextFrame();
    this.#drawOverlay();
  }

  /** Several calls before the next frame draw once. */
  #drawInNextFrame(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawAll());
  }

  /** Draws only these seats, at once, unless the next frame draws everything anyway. */
  #redraw(seats: readonly number[]): void {
    if (this.#frame !== 0 || this.#state === undefined || seats.length === 0) return;
    const context = this.#begin(this.#seats, false);
    if (this.#hasShapes) {
      for (const seat of seats) if (this.#isInView(seat)) this.#drawSeat(context, seat, true);
      this.#drawRowLabels(context);
    } else {
      this.#overview(this.#state).redraw(context, seats, this.#view, this.#pixelRatio);
      this.#drawOwn(context);
      drawSectionNames(this.#labelTarget(context), this.#hasShapes);
    }
  }

  #begin(context: CanvasRenderingContext2D, clear: boolean): CanvasRenderingContext2D {
    context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    if (clear) context.clearRect(0, 0, this.#width, this.#height);
    return context;
  }

  #drawAll(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const context = this.#begin(this.#seats, true);
    if (this.#state === undefined || this.#width === 0) return;
    const startMs = performance.now();
    drawStage(this.#labelTarget(context));
    if (this.#hasShapes) for (const bay of this.layout.bays) this.#drawBay(context, bay);
    else this.#drawOverview(context, this.#state);
    this.#drawRowLabels(context);
    drawSectionNames(this.#labelTarget(context), this.#hasShapes);
    measure('seat-map:draw', startMs);
  }

  #drawOverview(context: CanvasRenderingContext2D, state: MapState): void {
    this.#overview(state).draw(context, this.#view, this.#pixelRatio);
    this.#drawOwn(context);
  }

  #overview(state: MapState): Overview {
    const grain = this.#view.scale < FINE_FROM_PX ? COARSE : FINE;
    let overview = this.#overviews.get(grain);
    if (overview === undefined) {
      overview = new Overview(this.layout, state, grain, (appearance) =>
        dotColour(appearance, this.#palette, this.#isLive),
      );
      this.#overviews.set(grain, overview);
    }
    return overview;
  }

  /** Own seats keep their shapes on the zoomed-out map, where they would be only a few pixels otherwise. */
  #drawOwn(context: CanvasRenderingContext2D): void {
    const size = Math.max(OWN_PX_MIN, this.#view.scale * SEAT_SIZE);
    for (const [seat, appearance] of this.#own) {
      const { x, y } = this.pointOf(seat);
      drawSeatShape(context, appearance, [x - size / 2, y - size / 2, size], this.#palette, this.#isLive);
    }
  }

  #drawBay(context: CanvasRenderingContext2D, bay: Bay): void {
    const { scale, x, y } = this.#view;
    const firstColumn = Math.max(0, Math.floor(-x / scale - bay.left));
    const lastColumn = Math.min(bay.columns - 1, Math.floor((this.#width - x) / scale - bay.left));
    const { seating } = this.layout;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const lift = this.layout.liftAt(bay.left + column + 0.5);
      const firstRow = Math.max(0, Math.floor(-y / scale - bay.top + lift));
      const lastRow = Math.min(bay.rows - 1, Math.floor((this.#height - y) / scale - bay.top + lift));
      for (let row = firstRow; row <= lastRow; row++) {
        const seat = seating.seatAt(bay.section, bay.firstRow + row, bay.firstColumn + column);
        if (seat !== null) this.#drawSeat(context, seat, false);
      }
    }
    if (scale >= ROW_NAMES_FROM_PX) drawRowNames(this.#labelTarget(context), bay);
  }

  #drawSeat(context: CanvasRenderingContext2D, seat: number, clear: boolean): void {
    if (this.#state === undefined) return;
    const { scale } = this.#view;
    const { x, y } = this.pointOf(seat);
    const appearance = appearanceOf(seat, this.#state, this.#own);
    const sprite = this.#sprite(appearance);
    const ratio = this.#pixelRatio;
    const size = sprite.width / ratio;
    // On whole device pixels. Otherwise every edge is blurred.
    const left = Math.round((x - size / 2) * ratio) / ratio;
    const top = Math.round((y - size / 2) * ratio) / ratio;
    if (clear) context.clearRect(left, top, size, size);
    context.drawImage(sprite, left, top, size, size);
    if (scale >= NUMBERS_FROM_PX && appearance === 'available') {
      context.fillStyle = this.#isLive ? this.#palette.text : this.#palette.faintText;
      context.font = `${Math.round(scale * 0.34)}px ${this.#palette.font}`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(String(this.layout.seating.placeOf(seat).column + 1), x, y + 0.5, scale * SEAT_SIZE);
    }
  }

  #sprite(appearance: Appearance): HTMLCanvasElement {
    const { scale } = this.#view;
    const key = `${scale} ${this.#pixelRatio} ${this.#isLive}`;
    if (this.#sprites?.key !== key) this.#sprites = { key, of: new Map() };
    let sprite = this.#sprites.of.get(appearance);
    if (sprite === undefined) {
      sprite = document.createElement('canvas');
      const size = Math.max(4, Math.round(scale * SEAT_SIZE * this.#pixelRatio));
      sprite.width = size;
      sprite.height = size;
      const context = sprite.getContext('2d') as CanvasRenderingContext2D;
      drawSeatShape(context, appearance, [0, 0, size], this.#palette, this.#isLive);
      this.#sprites.of.set(appearance, sprite);
    }
    return sprite;
  }

  #drawRowLabels(context: CanvasRenderingContext2D): void {
    if (this.#view.scale >= NUMBERS_FROM_PX) drawRowLabels(this.#labelTarget(context));
  }

  #labelTarget(context: CanvasRenderingContext2D): LabelTarget {
    return {
      context,
      view: this.#view,
      width: this.#width,
      height: this.#height,
      layout: this.layout,
      palette: this.#palette,
    };
  }

  #drawOverlay(): void {
    const context = this.#begin(this.#overlay, true);
    const nowMs = performance.now();
    for (const [seat, startMs] of this.#pulses) {
      const age = Math.min(1, (nowMs - startMs) / PULSE_MS);
      const spread = this.hasReducedMotion() ? 0 : age;
      context.globalAlpha = this.hasReducedMotion() ? 1 : (1 - age) * 0.9;
      this.#ring(context, seat, 0.56 + spread * 0.5, this.#palette.text, 1.5);
    }
    context.globalAlpha = 1;
    if (this.#pointed !== null) this.#ring(context, this.#pointed, 0.54, this.#palette.text, 1.5);
    if (this.#focused !== null) {
      this.#ring(context, this.#focused, 0.62, this.#palette.surface, 5);
      this.#ring(context, this.#focused, 0.62, this.#palette.text, 2.5);
    }
  }

  #ring(context: CanvasRenderingContext2D, seat: number, reach: number, colour: string, width: number): void {
    const { x, y } = this.pointOf(seat);
    const radius = Math.max(OWN_PX_MIN / 2, reach * this.#view.scale);
    context.beginPath();
    context.roundRect(x - radius, y - radius, 2 * radius, 2 * radius, radius * 0.5);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }

  #pulse(): void {
    const nowMs = performance.now();
    for (const [seat, startMs] of this.#pulses) {
      if (nowMs - startMs >= PULSE_MS) this.#pulses.delete(seat);
    }
    this.#drawOverlay();
    this.#pulseFrame = this.#pulses.size > 0 ? requestAnimationFrame(() => this.#pulse()) : 0;
  }

  #isInView(seat: number): boolean {
    const { x, y } = this.pointOf(seat);
    const margin = this.#view.scale;
    return x > -margin && y > -margin && x < this.#width + margin && y < this.#height + margin;
  }
}
