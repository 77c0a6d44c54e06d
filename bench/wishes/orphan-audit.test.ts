import { expect, test } from 'vitest';
import { historyOf, type Version } from './event-history.js';
import { auditOrphans } from './orphan-audit.js';
import { PlainHall } from './plain-hall.js';

const versions = (...steps: { taken?: number[]; released?: number[] }[]): Version[] =>
  steps.map(({ taken = [], released = [] }, index) => ({
    version: index + 1,
    steps: [{ taken, released }],
    takenSeats: taken,
    changedSeats: [...taken, ...released],
  }));

test('a choice that leaves an avoidable orphan is found, also after a release', () => {
  const audit = auditOrphans(
    new PlainHall(20, 10),
    versions({ taken: [3, 4] }, { released: [3, 4] }, { taken: [2, 3] }, { taken: [12, 13] }),
  );
  expect(audit).toEqual({
    choices: 3,
    excused: 0,
    forbidden: ['version 3: 2,3 left 1', 'version 4: 12,13 left 11'],
  });
});

test('an orphan that no choice of that size avoids is excused', () => {
  const hall = new PlainHall(3, 3);
  expect(auditOrphans(hall, versions({ taken: [1, 2] }))).toEqual({ choices: 1, excused: 1, forbidden: [] });
});

const LOCKS = new Map([
  ['a', 1],
  ['b', 2],
  ['c', 1],
]);
const change = (version: number, lockIds: string[], seats: [number, 'available' | 'locked'][]) => ({
  version,
  reservations: [{ lockIds }],
  seats: seats.map(([seatNumber, status]) => ({ seatNumber, status, lockedUntil: null })),
});

test('the changes of an event say who took and released which seats', () => {
  const history = historyOf(
    [
      change(
        1,
        ['a', 'b'],
        [
          [1, 'locked'],
          [2, 'locked'],
        ],
      ),
      change(2, ['a'], [[1, 'available']]),
      change(3, ['c'], [[1, 'locked']]),
    ],
    LOCKS,
  );
  expect(history.map(({ steps }) => steps)).toEqual([
    [{ taken: [1, 2], released: [] }],
    [{ taken: [], released: [1] }],
    [{ taken: [1], released: [] }],
  ]);
});

test('a history with a gap, a seat given twice, or seats that differ from the locks is refused', () => {
  const first = change(1, ['a'], [[1, 'locked']]);
  expect(() => historyOf([first, change(3, ['b'], [[2, 'locked']])], LOCKS)).toThrow('Version 2 is missing');
  expect(() => historyOf([first, change(2, ['c'], [[1, 'locked']])], LOCKS)).toThrow('to two users');
  expect(() => historyOf([first, change(2, ['b'], [[2, 'available']])], LOCKS)).toThrow(
    'locks say otherwise',
  );
});
