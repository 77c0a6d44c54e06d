import { formatMoney, type Money, spokenMoney } from '../text/money.js';
import type { Section } from './seating.js';

/** Colours that people can tell apart on the map. With more prices than this, neighbouring ones share a band. */
export const BANDS_MAX = 6;

/** Sections that cost the same, or about the same. */
export interface PriceBand {
  /** Its colour, from 0, and its place in the key: the highest prices first. */
  readonly index: number;
  /** Null for sections whose price the buyer names. */
  readonly from: Money | null;
  readonly to: Money | null;
  /** Indices of the sections. */
  readonly sections: ReadonlySet<number>;
}

export function priceBands(sections: readonly Section[]): PriceBand[] {
  const priced = sections.filter(({ price }) => price !== null);
  const unpriced = sections.filter(({ price }) => price === null);
  const amounts = [...new Set(priced.map(({ price }) => price?.amount ?? 0))].sort((a, b) => b - a);
  const colours = unpriced.length === 0 ? BANDS_MAX : BANDS_MAX - 1;
  const amountsOfBand = Math.max(1, Math.ceil(amounts.length / colours));
  const groups: Section[][] = [];
  for (let at = 0; at < amounts.length; at += amountsOfBand) {
    const ofBand = amounts.slice(at, at + amountsOfBand);
    groups.push(priced.filter(({ price }) => ofBand.includes(price?.amount ?? 0)));
  }
  if (unpriced.length > 0) groups.push(unpriced);
  return groups.map((members, index) => {
    const prices = members.map(({ price }) => price).sort((a, b) => (a?.amount ?? 0) - (b?.amount ?? 0));
    return {
      index,
      from: prices[0] ?? null,
      to: prices.at(-1) ?? null,
      sections: new Set(members.map((section) => section.index)),
    };
  });
}

/** "$45", "$45–$60", or "Your price". */
export const bandText = ({ from, to }: PriceBand): string =>
  rangeText(from, to, (price) => formatMoney(price, { short: true }), '–');

/** "45 US dollars", or "45 US dollars to 60 US dollars". */
export const spokenBand = ({ from, to }: PriceBand): string =>
  rangeText(from, to, (price) => spokenMoney(price), ' to ');

function rangeText(
  from: Money | null,
  to: Money | null,
  textOf: (price: Money) => string,
  between: string,
): string {
  if (from === null || to === null) return 'Your price';
  return from.amount === to.amount ? textOf(from) : `${textOf(from)}${between}${textOf(to)}`;
}
