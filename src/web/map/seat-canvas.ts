import { formatMoney } from '../text/money.js';
import type { Bay, Layout, Point } from './layout.js';
import type { MapState } from './map-state.js';
import { measure } from './measure.js';
import { COARSE, FINE, type Grain, Overview } from './overview-canvas.js';
import type { Palette } from './palette.js';
import { type Appearance, appearanceOf, type OwnSeats } from './seat-appearance.js';
import { dotColour, drawMark } from './seat-shapes.js';
import { rowName } from './seating.js';
import type { View } from './view.js';

/** From this many pixels a seat on, seats are drawn by their shapes. */
const SHAPES_FROM_PX = 8;
/** From here on the gaps between seats can be seen. */
const FINE_FROM_PX = 4.5;
const ROW_NAMES_FROM_PX = 11;
const NUMBERS_FROM_PX = 24;
const ROW_LABEL_PX = 22;
/** Between a section's name and the edge of the map. */
const LABEL_MARGIN_PX = 8;
/** Between a section's name and its price, in heights of their letters. */
const PRICE_GAP = 0.6;
/** Of a seat with its gap. */
const SEAT_SIZE = 0.82;
/** Own seats never get smaller than this, however far away. */
const OWN_PX_MIN = 9;
/** How long somebody else's change can be seen, in ms. */
const PULSE_MS = 1_100;
/** More changes than this at once are no news but a tide: rings around each would only flicker. */
const PULSES_MAX = 40;

/**
 * Draws the map on two canvases: the seats, and over them what moves (focus, pointer, rings around what has just
 * changed), so that nothing that moves makes 10,000 seats be drawn again. Draws only what is in view, and after a change
 * only the seats that changed.
 */
export class SeatCanvas {
  readonly #seats: CanvasRenderingContext2D;
  readonly #over: CanvasRenderingContext2D;
  #palette: Palette;
  #state: MapState | undefined;
  #own: OwnSeats = new Map();
  #isLive = false;
  #view: View = { scale: 1, x: 0, y: 0 };
  #width = 0;
  #height = 0;
  #pixelRatio = 1;
  /** The map from afar, as fine as it has been looked at. */
  readonly #overviews = new Map<Grain, Overview>();
  /** One picture of each appearance at the present size. */
  #sprites: { readonly key: string; readonly of: Map<Appearance, HTMLCanvasElement> } | undefined;
  #frame = 0;
  readonly #pulses = new Map<number, number>();
  #pulseFrame = 0;
  #focused: number | null = null;
  #pointed: number | null = null;

  constructor(
    seats: HTMLCanvasElement,
    over: HTMLCanvasElement,
    private readonly layout: Layout,
    palette: Palette,
    private readonly hasReducedMotion: () => boolean,
  ) {
    this.#seats = seats.getContext('2d') as CanvasRenderingContext2D;
    this.#over = over.getContext('2d') as CanvasRenderingContext2D;
    this.#palette = palette;
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#width = width;
    this.#height = height;
    this.#pixelRatio = pixelRatio;
    for (const { canvas } of [this.#seats, this.#over]) {
      canvas.width = Math.round(width * pixelRatio);
      canvas.height = Math.round(height * pixelRatio);
    }
    // At once: an emptied canvas would be seen.
    this.#drawAll();
    this.#drawOver();
  }

  look(view: View): void {
    this.#view = view;
    this.#later();
    this.#drawOver();
  }

  show(state: MapState, isLive: boolean): void {
    if (state === this.#state && isLive === this.#isLive) return;
    this.#state = state;
    this.#isLive = isLive;
    this.#forgetPictures();
  }

  paint(palette: Palette): void {
    this.#palette = palette;
    this.#forgetPictures();
  }

  mark(own: OwnSeats): void {
    const changed = new Set([...this.#own.keys(), ...own.keys()]);
    for (const seat of changed) if (this.#own.get(seat) === own.get(seat)) changed.delete(seat);
    this.#own = own;
    if (changed.size === 0) return;
    // From afar they are larger than their place: what is no longer there is cleared with everything.
    if (this.#hasShapes) this.#redraw([...changed]);
    else this.#later();
  }

  /** Draws what has changed in the map, and rings what is news to the viewer. */
  changed(seats: readonly number[], news: readonly number[]): void {
    for (const overview of this.#overviews.values()) overview.repaint(seats);
    this.#redraw(seats);
    const visible = news.length > PULSES_MAX ? [] : news.filter((seat) => this.#isInView(seat));
    if (visible.length === 0) return;
    const startMs = performance.now();
    for (const seat of visible) this.#pulses.set(seat, startMs);
    if (this.#pulseFrame === 0) this.#pulseFrame = requestAnimationFrame(() => this.#pulse());
  }

  focus(seat: number | null): void {
    this.#focused = seat;
    this.#drawOver();
  }

  point(seat: number | null): void {
    if (seat === this.#pointed) return;
    this.#pointed = seat;
    this.#drawOver();
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

  /** Not in the next frame: whoever asks wants to know when it was done. */
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

  #forgetPictures(): void {
    this.#overviews.clear();
    this.#sprites = undefined;
    this.#later();
    this.#drawOver();
  }

  /** In the next frame, once, however often it is asked for. */
  #later(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#drawAll());
  }

  /** Only these seats, at once. Whatever is drawn whole in the next frame shows them as well. */
  #redraw(seats: readonly number[]): void {
    if (this.#frame !== 0 || this.#state === undefined || seats.length === 0) return;
    const context = this.#begin(this.#seats, false);
    if (this.#hasShapes) {
      for (const seat of seats) if (this.#isInView(seat)) this.#drawSeat(context, seat, true);
      this.#drawRowLabels(context);
    } else {
      this.#overview(this.#state).redraw(context, seats, this.#view, this.#pixelRatio);
      this.#drawOwn(context);
      this.#drawSectionNames(context);
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
    this.#drawStage(context);
    if (this.#hasShapes) for (const bay of this.layout.bays) this.#drawBay(context, bay);
    else this.#drawFromAfar(context, this.#state);
    this.#drawRowLabels(context);
    this.#drawSectionNames(context);
    measure('seat-map:draw', startMs);
  }

  #drawFromAfar(context: CanvasRenderingContext2D, state: MapState): void {
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

  /** By their shapes, so that nobody has to look for their few pixels. */
  #drawOwn(context: CanvasRenderingContext2D): void {
    const size = Math.max(OWN_PX_MIN, this.#view.scale * SEAT_SIZE);
    for (const [seat, appearance] of this.#own) {
      const { x, y } = this.pointOf(seat);
      drawMark(context, appearance, [x - size / 2, y - size / 2, size], this.#palette, this.#isLive);
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
    if (scale >= ROW_NAMES_FROM_PX) this.#drawRowNames(context, bay);
  }

  #drawSeat(context: CanvasRenderingContext2D, seat: number, clear: boolean): void {
    if (this.#state === undefined) return;
    const { scale } = this.#view;
    const { x, y } = this.pointOf(seat);
    const appearance = appearanceOf(seat, this.#state, this.#own);
    const sprite = this.#sprite(appearance);
    const ratio = this.#pixelRatio;
    const size = sprite.width / ratio;
    // On whole pixels of the device, or every edge is blurred.
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
      drawMark(context, appearance, [0, 0, size], this.#palette, this.#isLive);
      this.#sprites.of.set(appearance, sprite);
    }
    return sprite;
  }

  #drawRowNames(context: CanvasRenderingContext2D, bay: Bay): void {
    const { scale } = this.#view;
    const size = Math.min(13, Math.round(scale * 0.55));
    this.#beginRowNames(context, size);
    for (const side of [bay.left - 0.7, bay.left + bay.columns + 0.7]) {
      for (const { name, left, top } of this.#rowNames(bay, side)) context.fillText(name, left, top);
    }
  }

  /** Where rows begin out of view, and the seats' numbers can be read: the rows' names on labels at the edge. */
  #drawRowLabels(context: CanvasRenderingContext2D): void {
    const { scale, x } = this.#view;
    if (scale < NUMBERS_FROM_PX) return;
    const edge = (ROW_LABEL_PX / 2 + 4 - x) / scale;
    this.#beginRowNames(context, ROW_LABEL_PX * 0.6);
    for (const bay of this.layout.bays) {
      if (bay.left > edge || bay.left + bay.columns < edge) continue;
      for (const { name, left, top } of this.#rowNames(bay, edge)) {
        const half = ROW_LABEL_PX / 2;
        context.beginPath();
        context.roundRect(left - half, top - half, ROW_LABEL_PX, ROW_LABEL_PX, 5);
        context.fillStyle = this.#palette.surface;
        context.fill();
        context.fillStyle = this.#palette.faintText;
        context.fillText(name, left, top);
      }
    }
  }

  #beginRowNames(context: CanvasRenderingContext2D, size: number): void {
    context.fillStyle = this.#palette.faintText;
    context.font = `${size}px ${this.#palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
  }

  /** The names of a bay's rows that are in view, at this distance from the middle of the map. */
  *#rowNames(bay: Bay, side: number): Generator<{ name: string; left: number; top: number }> {
    const { scale, x, y } = this.#view;
    for (let row = 0; row < bay.rows; row++) {
      const top = this.layout.rowNameHeight(bay, row, side) * scale + y;
      if (top < -scale || top > this.#height + scale) continue;
      yield { name: rowName(bay.firstRow + row), left: side * scale + x, top };
    }
  }

  /** Above their seats; from afar, where there is no room, on a label amid them. */
  #drawSectionNames(context: CanvasRenderingContext2D): void {
    const { scale, x, y } = this.#view;
    const size = Math.max(11, Math.min(15, scale * 1.05));
    context.textAlign = 'center';
    context.textBaseline = 'alphabetic';
    context.font = `600 ${size}px ${this.#palette.font}`;
    for (const bay of this.layout.bays) {
      if (bay.firstRow > 0 || bay.firstColumn > 0) continue;
      const { name, price } = bay.section;
      const room = (bay.columns + 2) * scale;
      const nameWidth = context.measureText(name).width;
      const priceWords = price ? formatMoney(price, { short: true }) : '';
      const pricedWidth = nameWidth + size * PRICE_GAP + context.measureText(priceWords).width;
      const hasPrice = priceWords !== '' && pricedWidth <= room;
      const width = hasPrice ? pricedWidth : nameWidth;
      // A name that runs into the next one's helps nobody; it comes back when one zooms in.
      if (width > room) continue;
      // In the middle of the section, or as near to it as the name is seen whole.
      const first = Math.max(bay.left * scale + x, LABEL_MARGIN_PX) + width / 2;
      const last = Math.min((bay.left + bay.columns) * scale + x, this.#width - LABEL_MARGIN_PX) - width / 2;
      const middle = (bay.left + bay.columns / 2) * scale + x;
      const left = first > last ? middle : Math.max(first, Math.min(last, middle));
      const straight = this.#hasShapes ? bay.top - 0.7 : bay.top + bay.rows / 2;
      const top = (straight - this.layout.liftAt((left - x) / scale)) * scale + y;
      if (top < -size || top > this.#height + size) continue;
      if (!this.#hasShapes) {
        context.beginPath();
        context.roundRect(left - width / 2 - 7, top - size - 3, width + 14, size + 10, 6);
        context.fillStyle = this.#palette.surface;
        context.fill();
      }
      context.fillStyle = this.#palette.text;
      // Each by itself: in one text, a name that is written from right to left would turn the price round.
      context.fillText(name, left - (width - nameWidth) / 2, top);
      if (hasPrice) {
        context.textAlign = 'right';
        context.fillText(priceWords, left + width / 2, top);
        context.textAlign = 'center';
      }
    }
  }

  #drawStage(context: CanvasRenderingContext2D): void {
    const { scale, x, y } = this.#view;
    const { halfWidth, depth, bottom } = this.layout.stage;
    const lift = this.layout.liftAt(halfWidth);
    const [left, right] = [-halfWidth * scale + x, halfWidth * scale + x];
    const edge = (bottom - lift) * scale + y;
    const back = (bottom - lift - depth) * scale + y;
    context.beginPath();
    context.moveTo(left, back);
    context.lineTo(right, back);
    context.lineTo(right, edge);
    // A parabola through its front's middle: the control point is as far beyond it as the ends are before it.
    context.quadraticCurveTo(x, (bottom + lift) * scale + y, left, edge);
    context.closePath();
    context.fillStyle = this.#palette.line;
    context.fill();
    const size = Math.min(12, depth * scale * 0.6);
    if (size < 7) return;
    context.font = `600 ${size}px ${this.#palette.font}`;
    context.letterSpacing = '0.18em';
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillStyle = this.#palette.faintText;
    context.fillText('STAGE', x, (bottom - (depth + lift) / 2) * scale + y);
    context.letterSpacing = '0px';
  }

  #drawOver(): void {
    const context = this.#begin(this.#over, true);
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
    this.#drawOver();
    this.#pulseFrame = this.#pulses.size > 0 ? requestAnimationFrame(() => this.#pulse()) : 0;
  }

  #isInView(seat: number): boolean {
    const { x, y } = this.pointOf(seat);
    const margin = this.#view.scale;
    return x > -margin && y > -margin && x < this.#width + margin && y < this.#height + margin;
  }
}
