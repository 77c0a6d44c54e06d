import { expect, test } from 'vitest';
import { priceRange } from './price-range.js';

const price = (amount: number) => ({ price: { amount, currency: 'USD' } });
const unpriced = { price: null };

test.each([
  [[price(9_500), price(3_500)], '$35 to $95'],
  [[price(3_500), price(3_500)], '$35'],
  [[price(3_500), unpriced], '$35, or your price'],
  [[unpriced], 'You name the price'],
])('the price range of %j is %s', (sections, text) => expect(priceRange(sections)).toBe(text));
