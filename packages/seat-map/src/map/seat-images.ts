import type { SeatFeature } from '../../../../src/catalog/seating-plan.js';
import { drawFeatureMark } from './feature-marks.js';
import type { Palette } from './palette.js';
import { APPEARANCES, type Appearance } from './seat-appearance.js';
import { SEAT_FEATURES } from './seat-features.js';
import { drawHiddenSeat, drawSeatShape } from './seat-shapes.js';
import { coloursOf, type SectionLook } from './section-looks.js';

/** A seat's share of its place; the rest is the gap. */
export const SEAT_SIZE = 0.82;

export interface SeatLook {
  readonly appearance: Appearance;
  readonly feature: SeatFeature | undefined;
  readonly section: SectionLook;
  /** In degrees. */
  readonly tilt: number;
}

/** Images of seats at one size, each drawn once. */
export class SeatImages {
  readonly #images = new Map<number, HTMLCanvasElement>();
  /** In device pixels. */
  readonly #size: number;

  constructor(
    readonly seatPx: number,
    private readonly palette: Palette,
    private readonly isLive: boolean,
  ) {
    this.#size = Math.max(4, Math.round(seatPx * SEAT_SIZE));
  }

  of(look: SeatLook): HTMLCanvasElement {
    const key = keyOf(look);
    let image = this.#images.get(key);
    if (image === undefined) {
      image = this.#draw(look);
      this.#images.set(key, image);
    }
    return image;
  }

  #draw({ appearance, feature, section, tilt }: SeatLook): HTMLCanvasElement {
    const radians = SQUARE.has(appearance) ? (tilt * Math.PI) / 180 : 0;
    const size = Math.ceil(this.#size * (Math.cos(radians) + Math.abs(Math.sin(radians))));
    const canvas = document.createElement('canvas');
    canvas.width = size;
    canvas.height = size;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.translate(size / 2, size / 2);
    context.rotate(radians);
    const box = [-this.#size / 2, -this.#size / 2, this.#size] as const;
    if (!section.isShown && OTHERS.has(appearance)) drawHiddenSeat(context, box, this.palette);
    else {
      drawSeatShape(context, appearance, box, this.palette, this.isLive, coloursOf(section, this.palette));
      if (appearance === 'available' && feature !== undefined) {
        drawFeatureMark(context, feature, box, this.isLive ? this.palette.text : this.palette.faintText);
      }
    }
    return canvas;
  }
}

/** Appearances of seats that are not the viewer's own. */
const OTHERS: ReadonlySet<Appearance> = new Set(['available', 'locked', 'booked', 'offSale']);
/** Only squares are turned with their rows: a turned diamond would be a square, a turned cross a plus. */
const SQUARE: ReadonlySet<Appearance> = new Set(['available', 'picked', 'held']);
const APPEARANCE_INDEX = indices(APPEARANCES);
const FEATURE_INDEX = indices(SEAT_FEATURES);

/** A number, because a text would have to be built for each of thousands of seats. */
function keyOf({ appearance, feature, section, tilt }: SeatLook): number {
  const featureKey = feature === undefined ? 0 : 1 + (FEATURE_INDEX.get(feature) ?? 0);
  const bandKey = section.band === null ? 0 : 1 + section.band;
  const key = ((APPEARANCE_INDEX.get(appearance) ?? 0) * 8 + featureKey) * 16 + bandKey;
  return (key * 2 + Number(section.isShown)) * 128 + tilt + 64;
}

function indices<Name>(names: readonly Name[]): ReadonlyMap<Name, number> {
  return new Map(names.map((name, index) => [name, index]));
}
