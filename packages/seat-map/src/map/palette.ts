import { BANDS_MAX } from './price-bands.js';

/** Colours of available seats. */
export interface SeatColours {
  readonly fill: string;
  readonly line: string;
  /** Of a seat that is too small for a shape. */
  readonly dot: string;
}

/** The map's colours. They come from the style sheet, which alone decides between dark and light. */
export interface Palette {
  readonly surface: string;
  readonly text: string;
  readonly faintText: string;
  readonly line: string;
  readonly accent: string;
  readonly onAccent: string;
  /** Where all seats cost the same. */
  readonly available: SeatColours;
  /** By index of the price band. */
  readonly prices: readonly SeatColours[];
  readonly locked: string;
  readonly lockedDot: string;
  readonly booked: string;
  readonly stale: string;
  readonly font: string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const value = (name: string) => style.getPropertyValue(`--sm-${name}`).trim();
  const coloursOf = (name: string) => ({
    fill: value(name),
    line: value(`${name}-line`),
    dot: value(`${name}-dot`),
  });
  return {
    surface: value('surface'),
    text: value('text'),
    faintText: value('faint-text'),
    line: value('line'),
    accent: value('accent'),
    onAccent: value('on-accent'),
    available: coloursOf('available'),
    prices: Array.from({ length: BANDS_MAX }, (_, index) => coloursOf(`price-${index + 1}`)),
    locked: value('locked'),
    lockedDot: value('locked-dot'),
    booked: value('booked'),
    stale: value('stale'),
    font: style.fontFamily,
  };
}
