import { expect, test } from 'vitest';
import type { PlannedSection, SeatingPlan } from './seating-plan.js';
import { seatsNamed } from './seats-named.js';

const row = (label: string, firstSeatNumber: number, seatLabels: readonly string[] | null = null) => ({
  label,
  firstSeatNumber,
  seats: 10,
  seatLabels,
  aislesAfter: [],
  features: [],
  position: null,
});
const section = (name: string, firstSeatNumber: number, rows: PlannedSection['rows']): PlannedSection => ({
  kind: rows.length === 0 ? 'standing' : 'seated',
  name,
  firstSeatNumber,
  seats: 20,
  rows,
  area: null,
});
const odd = Array.from({ length: 10 }, (_, index) => String(2 * index + 1));
const plan: SeatingPlan = {
  totalSeats: 60,
  sections: [
    section('Left stalls', 1, [row('C', 1), row('D', 11)]),
    section('Right stalls', 21, [row('C', 21, odd), row('Box 1', 31)]),
    section('Floor', 41, []),
  ],
};

test.each([
  ['a seat number', '12', [12]],
  ['a seat number that is too high', '61', []],
  ['row and seat, in every section that has them', 'C 3', [3, 22]],
  ['a label that no row of the section has', 'c 4', [4]],
  ['words of the section', 'right C 19', [30]],
  ['filling words and commas', 'stalls, row D, seat 2', [12]],
  ['the label of a place, also of a row with two words', 'Right stalls, row Box 1, seat 10', [40]],
  ['a place to stand', 'floor 7', [47]],
  ['the label of a place to stand', 'Floor, place 20', [60]],
  ['a place above the capacity', 'floor 21', []],
  ['a section alone', 'stalls', []],
  ['nothing', '', []],
])('%s: %s', (_what, text, seats) => expect(seatsNamed(plan, text)).toEqual(seats));

test('at most 100 seats', () => {
  const many = Array.from({ length: 150 }, (_, index) =>
    section(`S${index}`, index * 20 + 1, [row('A', index * 20 + 1)]),
  );
  expect(seatsNamed({ totalSeats: 3_000, sections: many }, 'A 1')).toHaveLength(100);
});
