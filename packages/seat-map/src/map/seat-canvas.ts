import { type Bounds, boxAround, boxOfPoint, grown, overlap, type Point } from './geometry.js';
import type { Layout } from './layout.js';
import { drawRowLabels, drawStage, edgeRowLabels, type Label, sectionNames } from './map-labels.js';
import { measure } from './measure.js';
import { OverlayCanvas } from './overlay-canvas.js';
import { Overview } from './overview-canvas.js';
import type { Palette } from './palette.js';
import { isInView, onCanvas, pointOf, type Scene, type View } from './scene.js';
import type { OwnSeats } from './seat-appearance.js';
import { SEAT_LABELS_FROM_PX, SeatPainter, sizeOfOwn } from './seat-painter.js';
import type { SeatStates } from './seat-states.js';
import type { SectionLooks } from './section-looks.js';
import { drawStandingArea } from './standing-areas.js';

/** At this many pixels per seat or more, seats are drawn as shapes. */
const SHAPES_FROM_PX = 8;
const ROW_LABELS_FROM_PX = 11;

/**
 * Draws the map on two canvases: the seats, and an overlay with everything that moves, so that a movement does not redraw
 * 10,000 seats. Draws only what is in view, and after a change only the changed seats.
 */
export class SeatCanvas {
  readonly overlay: OverlayCanvas;
  readonly #context: CanvasRenderingContext2D;
  readonly #overview: Overview;
  readonly #painter: SeatPainter;
  #scene: Scene;
  #frame = 0;
  /** Texts over seats, which must be drawn again with the seats under them. */
  #labels: readonly Label[] = [];

  constructor(
    seats: HTMLCanvasElement,
    overlay: HTMLCanvasElement,
    layout: Layout,
    palette: Palette,
    looks: SectionLooks,
    hasReducedMotion: () => boolean,
  ) {
    this.#scene = {
      layout,
      palette,
      looks,
      state: undefined,
      own: new Map(),
      isLive: false,
      view: { scale: 1, x: 0, y: 0 },
      width: 0,
      height: 0,
      pixelRatio: 1,
    };
    this.#context = seats.getContext('2d') as CanvasRenderingContext2D;
    this.#overview = new Overview(this.#context);
    this.#painter = new SeatPainter(this.#context);
    this.overlay = new OverlayCanvas(overlay, () => this.#scene, hasReducedMotion);
    this.#changeColours({});
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.#scene = { ...this.#scene, width, height, pixelRatio };
    for (const canvas of [this.#context.canvas, this.overlay.canvas]) {
      canvas.width = Math.round(width * pixelRatio);
      canvas.height = Math.round(height * pixelRatio);
    }
    // Resizing empties the canvases, so they are drawn at once.
    this.drawNow();
    this.overlay.draw();
  }

  setView(view: View): void {
    this.#scene = { ...this.#scene, view };
    this.#drawInNextFrame();
    this.overlay.draw();
  }

  setState(state: SeatStates, isLive: boolean): void {
    if (state === this.#scene.state && isLive === this.#scene.isLive) return;
    this.#changeColours({ state, isLive });
  }

  setPalette(palette: Palette): void {
    this.#changeColours({ palette });
  }

  setLooks(looks: SectionLooks): void {
    if (looks !== this.#scene.looks) this.#changeColours({ looks });
  }

  setOwnSeats(own: OwnSeats): void {
    const before = this.#scene.own;
    const changed = new Set([...before.keys(), ...own.keys()]);
    for (const seat of changed) if (before.get(seat) === own.get(seat)) changed.delete(seat);
    this.#scene = { ...this.#scene, own };
    if (changed.size === 0) return;
    // On the zoomed-out map own seats are larger than their places, so only a full redraw removes them.
    if (this.#hasShapes) this.#redraw([...changed]);
    else this.#drawInNextFrame();
  }

  /** Draws seats that have changed. @param byOthers the ones that get a ring */
  redraw(seats: readonly number[], byOthers: readonly number[]): void {
    this.#redraw(seats);
    const { seating } = this.#scene.layout;
    this.overlay.pulse(byOthers, (seat) => isInView(this.#scene, seat) && !seating.isStanding(seat));
  }

  /** The seat at a point of the canvas, or the first place of a standing area. */
  seatAt({ x, y }: Point): number | null {
    const { scale, x: offsetX, y: offsetY } = this.#scene.view;
    return this.#scene.layout.seatAt({ x: (x - offsetX) / scale, y: (y - offsetY) / scale });
  }

  /** The middle of a seat on the canvas. */
  pointOf(seat: number): Point {
    return pointOf(this.#scene, seat);
  }

  /** Draws before it returns, so that the caller can measure the time. */
  drawNow(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { state, width, height } = this.#scene;
    const context = this.#begin();
    context.clearRect(0, 0, width, height);
    if (state === undefined || width === 0) return;
    const startMs = performance.now();
    const scene = { ...this.#scene, state };
    if (this.#hasShapes) this.#painter.drawAll(scene);
    else {
      this.#overview.draw(scene);
      this.#painter.drawOwn(scene);
    }
    drawStage(context, scene);
    for (const section of scene.layout.standingAreas.keys()) drawStandingArea(context, scene, section);
    if (scene.view.scale >= ROW_LABELS_FROM_PX) drawRowLabels(context, scene);
    const names = sectionNames(context, scene, this.#hasShapes);
    const rowLabels = scene.view.scale >= SEAT_LABELS_FROM_PX ? edgeRowLabels(context, scene) : [];
    for (const label of [...rowLabels, ...names]) label.draw();
    this.#labels = this.#hasShapes ? rowLabels : names;
    measure('seat-map:draw', startMs);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.overlay.close();
  }

  get #hasShapes(): boolean {
    return this.#scene.view.scale >= SHAPES_FROM_PX;
  }

  #changeColours(change: Partial<Scene>): void {
    this.#scene = { ...this.#scene, ...change };
    this.#overview.setColours(this.#scene);
    this.#painter.discardImages();
    this.#drawInNextFrame();
    this.overlay.draw();
  }

  /** Several calls before the next frame draw once. */
  #drawInNextFrame(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.drawNow());
  }

  /** Draws only these seats, at once, unless the next frame draws everything anyway. */
  #redraw(seats: readonly number[]): void {
    const { state } = this.#scene;
    if (this.#frame !== 0 || state === undefined || seats.length === 0) return;
    const scene = { ...this.#scene, state };
    const context = this.#begin();
    const { seating, standingAreas } = scene.layout;
    const standing = new Set<number>();
    const inRows: number[] = [];
    for (const seat of seats) {
      const { index } = seating.sectionOf(seat);
      if (standingAreas.has(index)) standing.add(index);
      else inRows.push(seat);
    }
    const changed = grown(
      boxAround([
        ...inRows.map((seat) => boxOfPoint(pointOf(scene, seat))),
        ...[...standing].map((section) => onCanvas(scene, standingAreas.get(section) as Bounds)),
      ]),
      sizeOfOwn(scene),
    );
    if (this.#hasShapes) for (const seat of inRows) this.#painter.redraw(scene, seat);
    else {
      this.#overview.redraw(scene, inRows);
      this.#painter.drawOwn(scene, changed);
    }
    for (const section of standing) drawStandingArea(context, scene, section);
    const drawn = grown(changed, sizeOfOwn(scene));
    for (const { box, draw } of this.#labels) if (overlap(box, drawn)) draw();
  }

  #begin(): CanvasRenderingContext2D {
    const { pixelRatio } = this.#scene;
    this.#context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    return this.#context;
  }
}
