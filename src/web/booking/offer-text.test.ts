import { Seating } from 'seat-map/map';
import { describe, expect, test } from 'vitest';
import { extraPriceText, offerText } from './offer-text.js';

const usd = (amount: number) => ({ amount, currency: 'USD' });
const rows = { rows: 1, seatsPerRow: 9 };
const seating = new Seating(
  [
    { name: 'Stalls', firstSeatNumber: 1, ...rows, price: usd(4_500) },
    { name: 'Box', firstSeatNumber: 10, ...rows, price: usd(9_500) },
    { name: 'Gallery', firstSeatNumber: 19, ...rows, price: usd(2_050) },
    { name: 'Floor', firstSeatNumber: 28, ...rows, price: null },
  ],
  36,
);

describe('what is offered instead of a lost seat', () => {
  test.each([
    ['the same price', [3], [2], 'A3 · $45'],
    ['a more expensive one', [10], [2], 'Box A1 · $95, $50 more'],
    ['a cheaper one', [19], [2], 'Gallery A1 · $20.50'],
    ['two together, one of them more expensive', [3, 10], [1, 2], 'A3 and Box A1 · $140, $50 more'],
    ['one for two lost ones', [10], [1, 2], 'Box A1 · $95, $50 more'],
    ['one whose price the buyer names', [28], [2], 'Floor A1 · your price'],
    ['a priced one for one whose price the buyer names', [2], [28], 'Stalls A2 · $45'],
  ])('shows its price, and the extra price: %s', (_what, offer, lost, text) => {
    expect(offerText(offer, lost, seating)).toBe(text);
  });

  test('only a more expensive one costs more', () => {
    expect([[3], [10], [19], [28]].map((offer) => extraPriceText(offer, [2], seating))).toEqual([
      null,
      '$50 more',
      null,
      null,
    ]);
  });
});
