import { AVAILABLE, Layout, LOCKED, MapState, Seating } from 'seat-map/map';
import { describe, expect, test, vi } from 'vitest';
import type { Row, SeatingPlan } from '../../catalog/seating-plan.js';
import { nearestBlocks, SectionForBestSeats } from './best-seats.js';

const row = (label: string, firstSeatNumber: number, seats: number, more: Partial<Row> = {}): Row => {
  return {
    label,
    firstSeatNumber,
    seats,
    seatLabels: null,
    aislesAfter: [],
    features: [],
    position: null,
    ...more,
  };
};
// Stalls: 1 to 5 with an aisle after 2, 6 to 9 with a wheelchair space and its companion seat. Floor: 10 to 13. Circle: 14 to 17.
const PLAN: SeatingPlan = {
  totalSeats: 17,
  sections: [
    {
      kind: 'seated',
      name: 'Stalls',
      firstSeatNumber: 1,
      seats: 9,
      area: null,
      rows: [
        row('A', 1, 5, { aislesAfter: [2] }),
        row('B', 6, 4, {
          features: [
            { seat: 1, feature: 'wheelchair' },
            { seat: 2, feature: 'companion' },
          ],
        }),
      ],
    },
    { kind: 'standing', name: 'Floor', firstSeatNumber: 10, seats: 4, rows: [], area: null },
    { kind: 'seated', name: 'Circle', firstSeatNumber: 14, seats: 4, area: null, rows: [row('A', 14, 4)] },
  ],
};
const AMOUNTS = [9_000, 4_000, 6_000];
const layout = new Layout(
  new Seating(
    PLAN.sections.map(({ name, firstSeatNumber }, index) => {
      const price = { amount: AMOUNTS[index] ?? 0, currency: 'USD' };
      return { name, firstSeatNumber, rows: 0, seatsPerRow: 0, price };
    }),
    17,
    PLAN,
  ),
);
const { seating } = layout;
const all = () => true;
const mapWith = (letters: string) =>
  new MapState(
    seating,
    Uint8Array.from(letters, (letter) => 'ALB'.indexOf(letter)),
  );

describe('the section for the best seats', () => {
  const searchFor = (quantity: number, priceMax: number | null = null) =>
    new SectionForBestSeats(seating, seating.sections, quantity, priceMax);
  const nameFor = (quantity: number, priceMax: number | null) =>
    searchFor(quantity, priceMax).find(mapWith('A'.repeat(17)))?.name;

  test.each([
    ['is the dearest one', 2, null, 'Stalls'],
    ['with so many neighbours, none of them across an aisle or reserved', 4, null, 'Circle'],
    ['that is not too dear', 2, 6_000, 'Circle'],
    ['that may be a standing one', 2, 5_000, 'Floor'],
    ['or none', 5, null, undefined],
    ['or none that is cheap enough', 1, 3_000, undefined],
  ])('%s', (_name, quantity, priceMax, name) => expect(nameFor(quantity, priceMax)).toBe(name));

  test('is another one once its seats are taken, and the same one again once they are free', () => {
    const search = searchFor(2);
    const map = mapWith('A'.repeat(17));
    const nameAfter = (status: 'AVAILABLE' | 'LOCKED', ...seats: number[]) => {
      for (const seat of seats) map.statuses[seat - 1] = status === 'AVAILABLE' ? AVAILABLE : LOCKED;
      map.changed(seats);
      return search.find(map)?.name;
    };
    expect(nameAfter('LOCKED', 2)).toBe('Stalls');
    expect(nameAfter('LOCKED', 4, 9)).toBe('Circle');
    // Free, but not side by side.
    expect(nameAfter('LOCKED', 15, 17)).toBe('Floor');
    expect(nameAfter('AVAILABLE', 17)).toBe('Circle');
    expect(nameAfter('AVAILABLE', 4)).toBe('Stalls');
    expect(nameAfter('LOCKED', 3, 5, 10, 11, 12, 16, 17)).toBe(undefined);
    expect(nameAfter('AVAILABLE', 2)).toBe('Stalls');
  });

  test.each([
    ['that were found', 'AAAAAAAAAAAAAAAAA', 2],
    ['of which there were none', 'ABABBABABAAAABABA', 0],
  ])('looks only at the seats %s before, as it is asked after every message', (_name, statuses, looks) => {
    const map = mapWith(statuses);
    const statusOf = vi.spyOn(map, 'statusOf');
    const search = new SectionForBestSeats(seating, seating.sections.slice(0, 1), 2, null);
    search.find(map);
    statusOf.mockClear();
    search.find(map);
    expect(statusOf).toHaveBeenCalledTimes(looks);
  });
});

test('other seats are the nearest to the middle of the first row, and never the refused ones', () => {
  const [stalls, floor] = seating.sections as [(typeof seating.sections)[0], (typeof seating.sections)[0]];
  expect(nearestBlocks(layout, stalls, 2, all, 2)).toEqual([
    [3, 4],
    [8, 9],
  ]);
  expect(nearestBlocks(layout, stalls, 2, (seat) => ![3, 4].includes(seat), 1)).toEqual([[8, 9]]);
  expect(nearestBlocks(layout, floor, 2, (place) => place !== 11, 3)).toEqual([[10, 12]]);
});
