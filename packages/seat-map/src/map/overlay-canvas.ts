import { boxOfPoint, grown } from './geometry.js';
import { onCanvas, pointOf, type Scene } from './scene.js';

/** How long a ring marks another user's change. */
const PULSE_MS = 1_100;
/** More changes than this at once get no rings, which would only flicker. */
const PULSES_MAX = 40;
/** Rings are at least this large. */
const RADIUS_PX_MIN = 4.5;

/** Draws everything that moves above the seats: focus, pointer, and rings around changed seats. */
export class OverlayCanvas {
  readonly #context: CanvasRenderingContext2D;
  readonly #pulses = new Map<number, number>();
  #frame = 0;
  #focused: number | null = null;
  #pointed: number | null = null;

  constructor(
    canvas: HTMLCanvasElement,
    private readonly scene: () => Scene,
    private readonly hasReducedMotion: () => boolean,
  ) {
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D;
  }

  get canvas(): HTMLCanvasElement {
    return this.#context.canvas;
  }

  setFocused(seat: number | null): void {
    this.#focused = seat;
    this.draw();
  }

  setPointed(seat: number | null): void {
    if (seat === this.#pointed) return;
    this.#pointed = seat;
    this.draw();
  }

  /** Rings around these seats, which spread for a moment. */
  pulse(seats: readonly number[], isVisible: (seat: number) => boolean): void {
    const visible = seats.length > PULSES_MAX ? [] : seats.filter(isVisible);
    if (visible.length === 0) return;
    const startMs = performance.now();
    for (const seat of visible) this.#pulses.set(seat, startMs);
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#animate());
  }

  draw(): void {
    const { palette, width, height, pixelRatio } = this.scene();
    const context = this.#context;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const nowMs = performance.now();
    for (const [seat, startMs] of this.#pulses) {
      const age = Math.min(1, (nowMs - startMs) / PULSE_MS);
      const spread = this.hasReducedMotion() ? 0 : age;
      context.globalAlpha = this.hasReducedMotion() ? 1 : (1 - age) * 0.9;
      this.#ring(seat, 0.56 + spread * 0.5, palette.text, 1.5);
    }
    context.globalAlpha = 1;
    if (this.#pointed !== null) this.#ring(this.#pointed, 0.54, palette.text, 1.5);
    if (this.#focused !== null) {
      this.#ring(this.#focused, 0.62, palette.surface, 5);
      this.#ring(this.#focused, 0.62, palette.text, 2.5);
    }
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
  }

  #ring(seat: number, reach: number, colour: string, width: number): void {
    const scene = this.scene();
    const { layout, view } = scene;
    const radius = Math.max(RADIUS_PX_MIN, reach * view.scale);
    const area = layout.standingAreas.get(layout.seating.sectionOf(seat).index);
    const box =
      area === undefined
        ? grown(boxOfPoint(pointOf(scene, seat)), radius)
        : grown(onCanvas(scene, area), width);
    const corner = Math.min(radius * 0.5, 12);
    this.#context.beginPath();
    this.#context.roundRect(box.left, box.top, box.right - box.left, box.bottom - box.top, corner);
    this.#context.strokeStyle = colour;
    this.#context.lineWidth = width;
    this.#context.stroke();
  }

  #animate(): void {
    const nowMs = performance.now();
    for (const [seat, startMs] of this.#pulses) {
      if (nowMs - startMs >= PULSE_MS) this.#pulses.delete(seat);
    }
    this.draw();
    this.#frame = this.#pulses.size > 0 ? requestAnimationFrame(() => this.#animate()) : 0;
  }
}
