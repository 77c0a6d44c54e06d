import { formatMoney } from 'seat-map/map';
import type { EventSummaryFragment } from '../graphql/generated/graphql.js';

/** "$35 to $95", "$35", with "or your price" if some seats have none. */
export function priceRange(
  sections: readonly Pick<EventSummaryFragment['sections'][number], 'price'>[],
): string {
  const prices = sections.flatMap(({ price }) => (price ? [price] : []));
  const [first] = prices;
  if (first === undefined) return 'You name the price';
  const amounts = prices.map(({ amount }) => amount);
  const [low, high] = [Math.min(...amounts), Math.max(...amounts)].map((amount) =>
    formatMoney({ amount, currency: first.currency }, { short: true }),
  );
  const range = low === high ? `${low}` : `${low} to ${high}`;
  return prices.length < sections.length ? `${range}, or your price` : range;
}
