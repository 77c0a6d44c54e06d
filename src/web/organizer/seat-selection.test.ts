import { Layout, Seating } from 'seat-map/map';
import { expect, test } from 'vitest';
import { inParts, seatsBetween, seatsSelectedBy, withToggled } from './seat-selection.js';

const section = { rows: 2, seatsPerRow: 4, price: null } as const;
const seating = new Seating(
  [
    { ...section, name: 'Stalls', firstSeatNumber: 1 },
    { ...section, name: 'Circle', firstSeatNumber: 9 },
    { name: 'Floor', kind: 'STANDING', firstSeatNumber: 17, rows: 0, seatsPerRow: 0 },
  ],
  20,
);

test.each([
  ['seat', 6, [6]],
  ['row', 6, [5, 6, 7, 8]],
  ['section', 6, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['seat', 18, [17, 18, 19, 20]],
  ['row', 18, [17, 18, 19, 20]],
] as const)('a %s: a press on seat %i', (mode, seat, selected) =>
  expect(seatsSelectedBy(mode, seat, seating)).toEqual(selected),
);

test('two corners, in any order, select the seats between them', () => {
  const layout = new Layout(seating);
  expect(seatsBetween(2, 7, layout)).toEqual([2, 3, 6, 7]);
  expect(seatsBetween(7, 2, layout)).toEqual([2, 3, 6, 7]);
  expect(seatsBetween(3, 6, layout)).toEqual([2, 3, 6, 7]);
});

test('what is selected completely is removed, and else added', () => {
  expect([...withToggled(new Set([1]), [1, 2])]).toEqual([1, 2]);
  expect([...withToggled(new Set([1, 2, 3]), [1, 2])]).toEqual([3]);
});

test('long lists are cut into parts', () => {
  expect(inParts([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(inParts([], 2)).toEqual([]);
});
