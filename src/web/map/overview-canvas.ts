import type { Bay, Layout } from './layout.js';
import type { MapState } from './map-state.js';
import { type Appearance, appearanceOf, type OwnSeats } from './seat-appearance.js';
import type { View } from './view.js';

/**
 * The zoomed-out map. With a few pixels per seat, drawing every seat in every step of a zoom costs too much. So each bay is
 * kept as an image with a few pixels per seat, and a change repaints only the pixels of its seats.
 */

/** The size of a seat with its gap in an image, in pixels. */
export interface Grain {
  readonly cell: number;
  readonly gap: number;
}

/** For seats of several pixels. */
export const FINE: Grain = { cell: 4, gap: 1 };
/** For seats so small that the gaps between them would flicker. */
export const COARSE: Grain = { cell: 1, gap: 0 };

/** Browsers refuse very wide canvases, and one row may have all seats of an event. */
const COLUMNS_MAX = 1_024;
/** How far a strip of a bent image may be out of place, in pixels. */
const STEP_PX_MAX = 0.75;

interface Picture {
  readonly bay: Bay;
  /** Of the bay. */
  readonly firstColumn: number;
  readonly columns: number;
  readonly context: CanvasRenderingContext2D;
}

export class Overview {
  readonly #pictures: readonly Picture[];

  constructor(
    private readonly layout: Layout,
    private readonly state: MapState,
    private readonly grain: Grain,
    private readonly colourOf: (appearance: Appearance) => string,
  ) {
    this.#pictures = layout.bays.flatMap((bay) => picturesOf(bay, grain));
    for (const picture of this.#pictures) this.#paint(picture);
  }

  draw(context: CanvasRenderingContext2D, view: View, pixelRatio: number): void {
    for (const picture of this.#pictures) {
      const step = this.#columnsOfStrip(picture, view.scale);
      for (let column = 0; column < picture.columns; column += step) {
        this.#drawStrip(context, picture, column, step, view, pixelRatio);
      }
    }
  }

  /** Draws only the strips that contain these seats. */
  redraw(context: CanvasRenderingContext2D, seats: readonly number[], view: View, pixelRatio: number): void {
    const done = new Set<string>();
    for (const seatNumber of seats) {
      const found = this.#find(seatNumber);
      if (found === undefined) continue;
      const { picture, index, column } = found;
      const step = this.#columnsOfStrip(picture, view.scale);
      const first = column - (column % step);
      const key = `${index} ${first}`;
      if (done.has(key)) continue;
      done.add(key);
      this.#drawStrip(context, picture, first, step, view, pixelRatio);
    }
  }

  /** The number of columns that share one lift, so that no strip is visibly out of place. */
  #columnsOfStrip({ bay, firstColumn, columns }: Picture, scale: number): number {
    const left = bay.left + firstColumn;
    const farthest = Math.max(Math.abs(left), Math.abs(left + columns));
    const slopePx = Math.abs(this.layout.liftAt(farthest) - this.layout.liftAt(farthest - 1)) * scale;
    return Math.max(1, Math.min(columns, Math.floor(STEP_PX_MAX / Math.max(slopePx, 1e-6))));
  }

  /** On whole pixels, so that one strip can be redrawn without a seam to its neighbours. */
  #drawStrip(
    context: CanvasRenderingContext2D,
    { bay, firstColumn, columns, context: { canvas } }: Picture,
    column: number,
    step: number,
    { scale, x, y }: View,
    pixelRatio: number,
  ): void {
    const width = Math.min(step, columns - column);
    const whole = (pixels: number) => Math.round(pixels * pixelRatio) / pixelRatio;
    const from = bay.left + firstColumn + column;
    const straight = bay.top - this.layout.liftAt(from + width / 2);
    const left = whole(from * scale + x);
    const right = whole((from + width) * scale + x);
    const top = whole(straight * scale + y);
    const height = whole(bay.rows * scale);
    context.clearRect(left, top, right - left, height);
    const { cell } = this.grain;
    context.drawImage(
      canvas,
      column * cell,
      0,
      width * cell,
      bay.rows * cell,
      left,
      top,
      right - left,
      height,
    );
  }

  /** Repaints these seats in their images. The screen is not updated yet. */
  repaint(seats: readonly number[]): void {
    const { cell, gap } = this.grain;
    for (const seatNumber of seats) {
      const found = this.#find(seatNumber);
      if (found === undefined) continue;
      const { context, bay } = found.picture;
      context.fillStyle = this.colourOf(appearanceOf(seatNumber, this.state, NOBODYS));
      context.fillRect(found.column * cell, (found.row - bay.firstRow) * cell, cell - gap, cell - gap);
    }
  }

  /** The image that contains a seat, with the seat's row in the section and its column in the image. */
  #find(seatNumber: number): { picture: Picture; index: number; row: number; column: number } | undefined {
    const { section, row, column } = this.layout.seating.placeOf(seatNumber);
    const bay = this.layout.bayOf(section, row, column);
    const ofBay = column - bay.firstColumn;
    const index = this.#pictures.findIndex(
      (picture) =>
        picture.bay === bay && ofBay >= picture.firstColumn && ofBay < picture.firstColumn + picture.columns,
    );
    const picture = this.#pictures[index];
    return picture && { picture, index, row, column: ofBay - picture.firstColumn };
  }

  #paint({ bay, firstColumn, columns, context }: Picture): void {
    const { cell, gap } = this.grain;
    const image = context.createImageData(columns * cell, bay.rows * cell);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = new Map<Appearance, number>();
    const pixelOf = (appearance: Appearance) => {
      let pixel = colours.get(appearance);
      if (pixel === undefined) {
        pixel = pixelValue(context, this.colourOf(appearance));
        colours.set(appearance, pixel);
      }
      return pixel;
    };
    for (let row = 0; row < bay.rows; row++) {
      for (let column = 0; column < columns; column++) {
        const columnOfRow = bay.firstColumn + firstColumn + column;
        const seat = this.layout.seating.seatAt(bay.section, bay.firstRow + row, columnOfRow);
        if (seat === null) break;
        const pixel = pixelOf(appearanceOf(seat, this.state, NOBODYS));
        for (let line = 0; line < cell - gap; line++) {
          const start = (row * cell + line) * image.width + column * cell;
          pixels.fill(pixel, start, start + cell - gap);
        }
      }
    }
    context.putImageData(image, 0, 0);
  }
}

const NOBODYS: OwnSeats = new Map();

function picturesOf(bay: Bay, { cell }: Grain): Picture[] {
  const pictures: Picture[] = [];
  for (let firstColumn = 0; firstColumn < bay.columns; firstColumn += COLUMNS_MAX) {
    const columns = Math.min(COLUMNS_MAX, bay.columns - firstColumn);
    const canvas = document.createElement('canvas');
    canvas.width = columns * cell;
    canvas.height = bay.rows * cell;
    const context = canvas.getContext('2d', { willReadFrequently: false }) as CanvasRenderingContext2D;
    pictures.push({ bay, firstColumn, columns, context });
  }
  return pictures;
}

/** Any CSS colour as the four bytes of a pixel. */
function pixelValue(context: CanvasRenderingContext2D, colour: string): number {
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return new Uint32Array(data.buffer)[0] as number;
}
