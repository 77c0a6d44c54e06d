import { type Bounds, boxOfPoint, contains, grown } from './geometry.js';
import { boxInView, type DrawnScene, isInView, pointOf, type Scene } from './scene.js';
import { appearanceOf } from './seat-appearance.js';
import { SEAT_SIZE, SeatImages } from './seat-images.js';
import { drawSeatShape } from './seat-shapes.js';
import type { SectionLook } from './section-looks.js';

/** From here on seats show what stands on them. */
export const SEAT_LABELS_FROM_PX = 24;
/** The viewer's own seats are always at least this large. */
const OWN_PX_MIN = 9;

/** Draws seats as shapes, those that are in view. */
export class SeatPainter {
  #images: SeatImages | undefined;

  constructor(private readonly context: CanvasRenderingContext2D) {}

  /** After a change of colours. */
  discardImages(): void {
    this.#images = undefined;
  }

  drawAll(scene: DrawnScene): void {
    scene.layout.visitSeats(grown(boxInView(scene), 1), (seat) => this.#draw(scene, seat));
  }

  /** Draws one seat anew. */
  redraw(scene: DrawnScene, seat: number): void {
    if (!isInView(scene, seat)) return;
    const { context } = this;
    const [left, top, size] = this.#squareOf(scene, seat);
    context.clearRect(left, top, size, size);
    if (scene.layout.tiltOf(seat) === 0) {
      this.#draw(scene, seat);
      return;
    }
    // The box around a tilted seat covers the corners of its neighbours, which are drawn again within it.
    context.save();
    context.beginPath();
    context.rect(left, top, size, size);
    context.clip();
    const near = grown(boxOfPoint(scene.layout.positionOf(seat)), 1.5);
    scene.layout.visitSeats(near, (beside) => this.#draw(scene, beside));
    context.restore();
  }

  /**
   * Own seats keep their shapes on the zoomed-out map, where they would be only a few pixels otherwise.
   * @param within the part of the canvas in which they are drawn; default: everywhere
   */
  drawOwn(scene: DrawnScene, within?: Bounds): void {
    const size = sizeOfOwn(scene);
    for (const [seat, appearance] of scene.own) {
      if (scene.layout.seating.isStanding(seat)) continue;
      const { x, y } = pointOf(scene, seat);
      if (within !== undefined && !contains(within, { x, y })) continue;
      const box = [x - size / 2, y - size / 2, size] as const;
      drawSeatShape(this.context, appearance, box, scene.palette, scene.isLive);
    }
  }

  #draw(scene: DrawnScene, seat: number): void {
    if (!isInView(scene, seat)) return;
    const [left, top, size] = this.#squareOf(scene, seat);
    this.context.drawImage(this.#imageOf(scene, seat), left, top, size, size);
    if (scene.view.scale >= SEAT_LABELS_FROM_PX) this.#drawLabel(scene, seat);
  }

  #drawLabel(scene: DrawnScene, seat: number): void {
    const { layout, palette, view } = scene;
    // The mark of a feature takes the label's place.
    if (layout.seating.featuresOf(seat).length > 0 || !lookOf(scene, seat).isShown) return;
    if (appearanceOf(seat, scene.state, scene.own) !== 'available') return;
    const { context } = this;
    const { x, y } = pointOf(scene, seat);
    context.fillStyle = scene.isLive ? palette.text : palette.faintText;
    context.font = `${Math.round(view.scale * 0.34)}px ${palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(layout.seating.seatLabelOf(seat), x, y + 0.5, view.scale * SEAT_SIZE * 0.85);
  }

  /** On whole device pixels. Otherwise every edge is blurred. */
  #squareOf(scene: DrawnScene, seat: number): readonly [left: number, top: number, size: number] {
    const { pixelRatio } = scene;
    const { x, y } = pointOf(scene, seat);
    const size = this.#imageOf(scene, seat).width / pixelRatio;
    const whole = (at: number) => Math.round(at * pixelRatio) / pixelRatio;
    return [whole(x - size / 2), whole(y - size / 2), size];
  }

  #imageOf(scene: DrawnScene, seat: number): HTMLCanvasElement {
    const { layout, view, pixelRatio, palette, isLive } = scene;
    const seatPx = view.scale * pixelRatio;
    if (this.#images?.seatPx !== seatPx) this.#images = new SeatImages(seatPx, palette, isLive);
    return this.#images.of({
      appearance: appearanceOf(seat, scene.state, scene.own),
      feature: layout.seating.featuresOf(seat)[0],
      section: lookOf(scene, seat),
      tilt: layout.tiltOf(seat),
    });
  }
}

/** The size of one of the viewer's own seats on the zoomed-out map, in pixels. */
export const sizeOfOwn = ({ view }: Scene): number => Math.max(OWN_PX_MIN, view.scale * SEAT_SIZE);

const lookOf = ({ layout, looks }: DrawnScene, seat: number): SectionLook =>
  looks[layout.seating.sectionOf(seat).index] as SectionLook;
