import { expect, test } from 'vitest';
import { heldBackGroups } from './held-back-groups.js';

test('seats with the same words and the same end are one group', () => {
  const seat = (seatNumber: number, label: string, until: string | null = null) =>
    ({ place: { seatNumber }, label, until }) as Parameters<typeof heldBackGroups>[0][number];
  const until = '2026-12-01T10:00:00.000Z';
  expect(
    heldBackGroups([seat(1, 'Press'), seat(2, 'Sponsor'), seat(4, 'Press'), seat(5, 'Press', until)]),
  ).toEqual([
    { label: 'Press', until: null, seats: [1, 4] },
    { label: 'Sponsor', until: null, seats: [2] },
    { label: 'Press', until, seats: [5] },
  ]);
});
