import { expect, test } from 'vitest';
import { BANDS_MAX, bandText, priceBands, spokenBand } from './price-bands.js';
import { Seating } from './seating.js';
import { sectionLooks } from './section-looks.js';

const sectionsOf = (...amounts: readonly (number | null)[]) =>
  new Seating(
    amounts.map((amount, index) => ({
      name: `S${index}`,
      firstSeatNumber: index + 1,
      rows: 1,
      seatsPerRow: 1,
      price: amount === null ? null : { amount, currency: 'USD' },
    })),
    amounts.length,
  ).sections;

test('each price has a band, the highest first, and sections that cost the same share one', () => {
  const bands = priceBands(sectionsOf(2_050, 4_500, null, 4_500));
  expect(bands.map(bandText)).toEqual(['$45', '$20.50', 'Your price']);
  expect(bands.map(({ sections }) => [...sections])).toEqual([[1, 3], [0], [2]]);
  expect(bands.map(spokenBand)).toEqual(['45 US dollars', '20.50 US dollars', 'Your price']);
});

test('more prices than colours: neighbouring ones share a band, and no section is left out', () => {
  const amounts = Array.from({ length: 20 }, (_, index) => 1_000 * (index + 1));
  const bands = priceBands(sectionsOf(...amounts, null));
  expect(bands.length).toBeLessThanOrEqual(BANDS_MAX);
  expect(bands[0] && bandText(bands[0])).toBe('$170–$200');
  expect(bands.reduce((sum, { sections }) => sum + sections.size, 0)).toBe(21);
});

test('where nothing is chosen all sections are shown, and one price needs no colour', () => {
  const bands = priceBands(sectionsOf(2_000, 3_000));
  const isShown = (chosen: readonly number[]) =>
    sectionLooks(bands, new Set(chosen)).map((look) => look.isShown);
  expect([isShown([]), isShown([0]), isShown([0, 1])]).toEqual([
    [true, true],
    [false, true],
    [true, true],
  ]);
  expect(sectionLooks(priceBands(sectionsOf(500, 500)), new Set()).map(({ band }) => band)).toEqual([
    null,
    null,
  ]);
});
