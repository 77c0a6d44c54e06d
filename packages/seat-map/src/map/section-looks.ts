import type { Palette, SeatColours } from './palette.js';
import type { PriceBand } from './price-bands.js';

/** How the seats of a section are coloured, and whether the viewer wants to see them. */
export interface SectionLook {
  /** Index of its price band; null if all sections are in one. */
  readonly band: number | null;
  readonly isShown: boolean;
}

/** By index of the section. */
export type SectionLooks = readonly SectionLook[];

/** @param chosen indices of the bands that the viewer wants to see; empty for all */
export function sectionLooks(bands: readonly PriceBand[], chosen: ReadonlySet<number>): SectionLooks {
  const looks: SectionLook[] = [];
  for (const { index, sections } of bands) {
    const look = { band: bands.length === 1 ? null : index, isShown: chosen.size === 0 || chosen.has(index) };
    for (const section of sections) looks[section] = look;
  }
  return looks;
}

/** The colours of a section's available seats. */
export const coloursOf = ({ band }: SectionLook, palette: Palette): SeatColours =>
  band === null ? palette.available : (palette.prices[band] ?? palette.available);
