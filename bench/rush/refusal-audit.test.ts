import { expect, test } from 'vitest';
import type { Version } from '../wishes/event-history.js';
import { PlainHall } from '../wishes/plain-hall.js';
import { auditRefusals, type PartyAnswer } from './refusal-audit.js';

const version = (number: number, ...takenSeats: number[]): Version => ({
  version: number,
  steps: [{ taken: takenSeats, released: [] }],
  takenSeats,
  changedSeats: takenSeats,
});
const seats = (...seatNumbers: number[]): PartyAnswer => ({ seatNumbers });
const refused: PartyAnswer = { refusal: 'NOT_TOGETHER' };

/** One row of five seats: two pairs, and a single seat. */
const auditOf = (
  batches: [version: number, ...ids: string[]][],
  history: Version[],
  answers: Record<string, PartyAnswer>,
) =>
  auditRefusals(
    new PlainHall(5, 5),
    2,
    batches.map(([of, ...correlationIds]) => ({ version: of, correlationIds })),
    history,
    new Map(Object.entries(answers)),
  );

const CLEAN = { refusedWithoutNeed: [], givenTwice: [], unlikeHistory: [], notDecided: [] };

test('a refusal is right once no pair is free, in the same batch or later', () => {
  const batches: [number, ...string[]][] = [
    [1, 'a'],
    [2, 'b', 'c'],
    [2, 'd'],
  ];
  const history = [version(1, 1, 2), version(2, 3, 4)];
  const answers = { a: seats(1, 2), b: seats(3, 4), c: refused, d: refused };
  expect(auditOf(batches, history, answers)).toEqual(CLEAN);
});

test('a refusal is wrong while a pair is free, though it is taken later in the same batch', () => {
  const history = [version(1, 1, 2), version(2, 3, 4)];
  const answers = { a: seats(1, 2), b: seats(3, 4), c: refused };
  expect(
    auditOf(
      [
        [1, 'a'],
        [2, 'c', 'b'],
      ],
      history,
      answers,
    ),
  ).toEqual({
    ...CLEAN,
    refusedWithoutNeed: ['c at version 2: NOT_TOGETHER'],
  });
});

test('seats given twice, answers unlike the history and calls without a batch are found', () => {
  const answers = { a: seats(1, 2), b: seats(2, 3), c: refused };
  expect(
    auditOf(
      [
        [1, 'a'],
        [2, 'b'],
      ],
      [version(1, 1, 2), version(2, 3, 4), version(3, 5)],
      answers,
    ),
  ).toEqual({
    refusedWithoutNeed: [],
    givenTwice: ['seat 2 to b'],
    unlikeHistory: ['version 2', 'version 3, which nobody was answered'],
    notDecided: ['c'],
  });
});
