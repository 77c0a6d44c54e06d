import { type Appearance, appearanceOf, type OwnSeats } from './appearance.js';
import type { Bay, Layout } from './layout.js';
import type { MapState } from './map-state.js';

/**
 * The map from far away. Where a seat is a few pixels, drawing each for every step of a zoom costs too much; so each bay
 * is kept as a picture with a few pixels a seat, of which a change repaints only its own.
 */

/** Pixels of a picture for a seat, its gap included. */
const CELL = 4;
const GAP = 1;
/** Browsers refuse pictures that are very wide; one row may have all of an event's seats. */
const COLUMNS_MAX = 1_024;
/** How much of a pixel a strip of a bent picture may be out of place. */
const STEP_PX_MAX = 0.75;

interface Picture {
  readonly bay: Bay;
  readonly firstColumn: number;
  readonly columns: number;
  readonly context: CanvasRenderingContext2D;
}

export class Overview {
  readonly #pictures: readonly Picture[];

  constructor(
    private readonly layout: Layout,
    private readonly state: MapState,
    private readonly colourOf: (appearance: Appearance) => string,
  ) {
    this.#pictures = layout.bays.flatMap(picturesOf);
    for (const picture of this.#pictures) this.#paint(picture);
  }

  /** @param own drawn by their shapes instead, so that nobody has to look for their few pixels */
  draw(context: CanvasRenderingContext2D, scale: number, offsetX: number, offsetY: number): void {
    context.imageSmoothingEnabled = true;
    for (const { bay, firstColumn, columns, context: picture } of this.#pictures) {
      const left = bay.left + firstColumn;
      const farthest = Math.max(Math.abs(left), Math.abs(left + columns));
      // What the lift differs by from one column to the next, in pixels, at its steepest.
      const slope = Math.abs(this.layout.liftAt(farthest) - this.layout.liftAt(farthest - 1)) * scale;
      const step = Math.max(1, Math.min(columns, Math.floor(STEP_PX_MAX / Math.max(slope, 1e-6))));
      for (let column = 0; column < columns; column += step) {
        const width = Math.min(step, columns - column);
        const x = left + column;
        const y = bay.top - this.layout.liftAt(x + width / 2);
        context.drawImage(
          picture.canvas,
          column * CELL,
          0,
          width * CELL,
          bay.rows * CELL,
          x * scale + offsetX,
          y * scale + offsetY,
          width * scale,
          bay.rows * scale,
        );
      }
    }
  }

  /** Repaints these seats in their pictures; what is on the screen is drawn by whoever draws it all. */
  repaint(seats: readonly number[]): void {
    const { seating } = this.layout;
    for (const seatNumber of seats) {
      const { section, row, column } = seating.placeOf(seatNumber);
      const bay = this.layout.bayOf(section, row);
      const picture = this.#pictures.find(
        (candidate) =>
          candidate.bay === bay &&
          column >= candidate.firstColumn &&
          column < candidate.firstColumn + candidate.columns,
      );
      if (picture === undefined) continue;
      const { context } = picture;
      context.fillStyle = this.colourOf(appearanceOf(seatNumber, this.state, NOBODYS));
      const x = (column - picture.firstColumn) * CELL;
      context.fillRect(x, (row - bay.firstRow) * CELL, CELL - GAP, CELL - GAP);
    }
  }

  #paint({ bay, firstColumn, columns, context }: Picture): void {
    const image = context.createImageData(columns * CELL, bay.rows * CELL);
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
        const seat = this.layout.seating.seatAt(bay.section, bay.firstRow + row, firstColumn + column);
        if (seat === null) break;
        const pixel = pixelOf(appearanceOf(seat, this.state, NOBODYS));
        for (let line = 0; line < CELL - GAP; line++) {
          const start = (row * CELL + line) * image.width + column * CELL;
          pixels.fill(pixel, start, start + CELL - GAP);
        }
      }
    }
    context.putImageData(image, 0, 0);
  }
}

const NOBODYS: OwnSeats = new Map();

function picturesOf(bay: Bay): Picture[] {
  const pictures: Picture[] = [];
  for (let firstColumn = 0; firstColumn < bay.columns; firstColumn += COLUMNS_MAX) {
    const columns = Math.min(COLUMNS_MAX, bay.columns - firstColumn);
    const canvas = document.createElement('canvas');
    canvas.width = columns * CELL;
    canvas.height = bay.rows * CELL;
    const context = canvas.getContext('2d', { willReadFrequently: false }) as CanvasRenderingContext2D;
    pictures.push({ bay, firstColumn, columns, context });
  }
  return pictures;
}

/** A colour in whatever words, as the four bytes of a pixel. */
function pixelValue(context: CanvasRenderingContext2D, colour: string): number {
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  return new Uint32Array(data.buffer)[0] as number;
}
