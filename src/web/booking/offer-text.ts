import { formatMoney, isolated, type Seating } from 'seat-map/map';
import { completeTotalOf, totalOf } from './total.js';

/**
 * The seats offered instead of lost ones with their price: "B6 · $45", or "Circle A1 · $95, $50 more" if they are more
 * expensive than the lost ones.
 */
export function offerText(offer: readonly number[], lost: readonly number[], seating: Seating): string {
  const home = seating.sectionOf(lost[0] as number);
  const names = offer.map((seat) => {
    const section = seating.sectionOf(seat);
    // Within the lost seat's section, row and number are enough.
    return section === home
      ? seating.shortNameOf(seat)
      : `${isolated(section.name)} ${seating.shortNameOf(seat)}`;
  });
  const price = completeTotalOf(totalOf(offer, seating));
  const priceText = price === null ? 'your price' : formatMoney(price, { short: true });
  const more = extraPriceText(offer, lost, seating);
  return `${names.join(' and ')} · ${priceText}${more === null ? '' : `, ${more}`}`;
}

/** "$50 more", or null if the offered seats cost no more than as many of the lost ones. */
export function extraPriceText(
  offer: readonly number[],
  lost: readonly number[],
  seating: Seating,
): string | null {
  const price = completeTotalOf(totalOf(offer, seating));
  const before = completeTotalOf(totalOf(lost.slice(0, offer.length), seating));
  if (price === null || before === null || price.amount <= before.amount) return null;
  return `${formatMoney({ ...price, amount: price.amount - before.amount }, { short: true })} more`;
}
