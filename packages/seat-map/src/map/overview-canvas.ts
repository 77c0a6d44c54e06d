import type { DrawnScene, Scene } from './scene.js';
import { toEverybody } from './seat-appearance.js';
import { dotColour } from './seat-shapes.js';
import { STATUSES } from './seat-states.js';
import { coloursOf } from './section-looks.js';

/** Below this many device pixels per seat, gaps would flicker, so there are none. */
const GAPS_FROM_PX = 4.5;
const SEAT_SIZE = 0.8;

/**
 * Draws the zoomed-out map, with a few pixels for each seat. The pixels are computed here: a canvas call for each of 100,000
 * seats would be too slow for every step of a zoom.
 */
export class Overview {
  #image: ImageData | undefined;
  /** By section and status. */
  #colours: readonly (readonly string[])[] = [];
  #pixels: readonly Uint32Array[] = [];

  constructor(private readonly context: CanvasRenderingContext2D) {}

  /** To be called before the first drawing. */
  setColours({ layout, palette, looks, isLive }: Scene): void {
    const pixels = new Map<string, number>();
    const pixelOf = (colour: string) => {
      const pixel = pixels.get(colour) ?? pixelValue(colour);
      pixels.set(colour, pixel);
      return pixel;
    };
    this.#colours = layout.seating.sections.map(({ index }) => {
      const look = looks[index];
      return STATUSES.map((status) =>
        look?.isShown
          ? dotColour(toEverybody(status), palette, isLive, coloursOf(look, palette))
          : palette.line,
      );
    });
    this.#pixels = this.#colours.map((ofSection) => Uint32Array.from(ofSection, pixelOf));
  }

  /** Replaces the whole canvas. */
  draw(scene: DrawnScene): void {
    const { layout, state } = scene;
    const { width, height } = this.context.canvas;
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = this.context.createImageData(width, height);
    }
    const pixels = new Uint32Array(this.#image.data.buffer);
    pixels.fill(0);
    const { x, y } = layout.positions;
    const [across, down] = this.#rasters(scene);
    for (const { kind, index, firstSeatNumber, lastSeatNumber } of layout.seating.sections) {
      if (kind === 'standing') continue;
      const ofSection = this.#pixels[index] as Uint32Array;
      for (let seat = firstSeatNumber; seat <= lastSeatNumber; seat++) {
        const left = across.start(x[seat - 1] as number);
        const right = across.end(x[seat - 1] as number);
        const top = down.start(y[seat - 1] as number);
        const bottom = down.end(y[seat - 1] as number);
        const pixel = ofSection[state.statusOf(seat)] as number;
        for (let line = top; line < bottom; line++) {
          for (let at = line * width + left; at < line * width + right; at++) pixels[at] = pixel;
        }
      }
    }
    this.context.putImageData(this.#image, 0, 0);
  }

  /** Draws only these seats, which are in rows. */
  redraw(scene: DrawnScene, seats: readonly number[]): void {
    const { layout, state } = scene;
    const { x, y } = layout.positions;
    const [across, down] = this.#rasters(scene);
    this.context.save();
    this.context.resetTransform();
    for (const seat of seats) {
      const left = across.start(x[seat - 1] as number);
      const top = down.start(y[seat - 1] as number);
      const width = across.end(x[seat - 1] as number) - left;
      const height = down.end(y[seat - 1] as number) - top;
      this.context.fillStyle =
        this.#colours[layout.seating.sectionOf(seat).index]?.[state.statusOf(seat)] ?? '';
      this.context.fillRect(left, top, width, height);
    }
    this.context.restore();
  }

  #rasters({ view, pixelRatio }: Scene): readonly [across: Raster, down: Raster] {
    const { width, height } = this.context.canvas;
    const px = view.scale * pixelRatio;
    return [new Raster(px, view.x * pixelRatio, width), new Raster(px, view.y * pixelRatio, height)];
  }
}

/** Where a seat begins and ends on one axis, in whole device pixels, so that it can be redrawn without a seam. */
class Raster {
  readonly #size: number | null;

  /** @param px of one seat with its gap @param offset of the map's middle @param length of the canvas */
  constructor(
    private readonly px: number,
    private readonly offset: number,
    private readonly length: number,
  ) {
    // Without gaps a seat ends where the next one begins.
    this.#size = px < GAPS_FROM_PX ? null : Math.round(px * SEAT_SIZE);
  }

  start(middle: number): number {
    return Math.max(0, Math.round((middle - 0.5) * this.px + this.offset));
  }

  end(middle: number): number {
    const start = Math.round((middle - 0.5) * this.px + this.offset);
    const end = this.#size === null ? Math.round((middle + 0.5) * this.px + this.offset) : start + this.#size;
    return Math.min(this.length, Math.max(end, start + 1));
  }
}

/** Any CSS colour as the four bytes of a pixel. */
function pixelValue(colour: string): number {
  const context = new OffscreenCanvas(1, 1).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] as number;
}
