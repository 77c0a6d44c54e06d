import type { Seating } from '../map/seating.js';
import { isolated } from '../text/isolated.js';
import { formatMoney } from '../text/money.js';
import { totalOf, wholeOf } from './total.js';

/**
 * What is offered instead of lost seats, with what it costs: "B6 · $45", or "Circle A1 · $95, $50 more" where it is dearer
 * than what was lost.
 */
export function offerWords(offer: readonly number[], lost: readonly number[], seating: Seating): string {
  const home = seating.sectionOf(lost[0] as number);
  const names = offer.map((seat) => {
    const section = seating.sectionOf(seat);
    // In the lost seat's own section the row and the number are enough.
    return section === home
      ? seating.shortNameOf(seat)
      : `${isolated(section.name)} ${seating.shortNameOf(seat)}`;
  });
  const price = wholeOf(totalOf(offer, seating));
  const priceWords = price === null ? 'your price' : formatMoney(price, { short: true });
  const more = moreWords(offer, lost, seating);
  return `${names.join(' and ')} · ${priceWords}${more === null ? '' : `, ${more}`}`;
}

/** "$50 more", or null where the offered seats cost no more than as many of the lost ones. */
export function moreWords(
  offer: readonly number[],
  lost: readonly number[],
  seating: Seating,
): string | null {
  const price = wholeOf(totalOf(offer, seating));
  const before = wholeOf(totalOf(lost.slice(0, offer.length), seating));
  if (price === null || before === null || price.amount <= before.amount) return null;
  return `${formatMoney({ ...price, amount: price.amount - before.amount }, { short: true })} more`;
}
