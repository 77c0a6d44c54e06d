import { expect, test } from 'vitest';
import { AVAILABLE, BOOKED, LOCKED } from '../core/seat-status.js';
import { MapState } from './map-state.js';
import { Seating } from './seating.js';

const shapes = [
  { name: 'Stalls', firstSeatNumber: 1, rows: 2, seatsPerRow: 3 },
  { name: 'Circle', firstSeatNumber: 7, rows: 1, seatsPerRow: 4 },
];
const seating = new Seating(shapes, 10);
const statusesOf = (letters: string) =>
  Uint8Array.from(letters, (letter) => ({ A: AVAILABLE, L: LOCKED, B: BOOKED })[letter] ?? 0);

test('the free seats of each section are counted, and how often one has become free', () => {
  const statuses = statusesOf('ALBAAAAABB');
  const map = new MapState(seating, statuses);
  const counts = () => [0, 1].map((section) => [map.freeInSection(section), map.freedInSection(section)]);
  expect(counts()).toEqual([
    [4, 0],
    [2, 0],
  ]);
  statuses[1] = AVAILABLE;
  statuses[3] = LOCKED;
  statuses[9] = AVAILABLE;
  map.changed([2, 4, 10]);
  expect([map.statusOf(2), map.statusOf(4)]).toEqual([AVAILABLE, LOCKED]);
  expect(counts()).toEqual([
    [4, 1],
    [3, 1],
  ]);
  // Of seats that have not changed after all.
  map.changed([2, 5]);
  expect(counts()).toEqual([
    [4, 1],
    [3, 1],
  ]);
});

test('the free seats with a feature are counted', () => {
  const [first, ...others] = seating.plan.sections;
  if (first === undefined) throw new Error('There is a section.');
  const rows = first.rows.map((row) => ({ ...row, features: [{ seat: 2, feature: 'wheelchair' as const }] }));
  const plan = { ...seating.plan, sections: [{ ...first, rows }, ...others] };
  const statuses = statusesOf('ALAAAAAAAA');
  const map = new MapState(new Seating(shapes, 10, plan), statuses);
  expect([map.freeWith('wheelchair'), map.freeWith('companion')]).toEqual([1, 0]);
  statuses.set(statusesOf('BA'));
  map.changed([1, 2]);
  expect(map.freeWith('wheelchair')).toBe(2);
});
