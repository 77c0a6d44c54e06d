import { useMemo, useState } from 'react';
import { type PriceBand, priceBands } from '../map/price-bands.js';
import type { Seating } from '../map/seating.js';
import { type SectionLooks, sectionLooks } from '../map/section-looks.js';

export interface PriceFilter {
  readonly bands: readonly PriceBand[];
  /** Indices of the chosen bands; empty for all. */
  readonly chosen: ReadonlySet<number>;
  readonly looks: SectionLooks;
  readonly toggle: (band: number) => void;
  readonly showAll: () => void;
}

const ALL: ReadonlySet<number> = new Set();

/** Which prices the viewer wants to see. */
export function usePriceFilter(seating: Seating): PriceFilter {
  const [chosen, setChosen] = useState(ALL);
  const bands = useMemo(() => priceBands(seating.sections), [seating]);
  const looks = useMemo(() => sectionLooks(bands, chosen), [bands, chosen]);
  const toggle = (band: number) => {
    const next = new Set(chosen);
    if (!next.delete(band)) next.add(band);
    setChosen(next.size === bands.length ? ALL : next);
  };
  return { bands, chosen, looks, toggle, showAll: () => setChosen(ALL) };
}
