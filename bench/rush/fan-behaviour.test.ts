import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { drawHabits, type Habits } from './fan-behaviour.js';

const SEED = 20_261_122;
const CROWD = 5_000;

function crowd(): Habits[] {
  const random = new SeededRandom(SEED);
  return Array.from({ length: CROWD }, () => drawHabits(random));
}

test('the same seed brings the same crowd', () => {
  expect(crowd()).toEqual(crowd());
});

test('a crowd does all that fans do', () => {
  const values = (of: (habits: Habits) => unknown) => new Set(crowd().map((habits) => String(of(habits))));
  expect(values(({ seats }) => seats)).toEqual(new Set(['1', '2']));
  expect(values(({ lapses }) => lapses)).toEqual(new Set(['before paying', 'after paying', 'null']));
  expect(values(({ settlement }) => settlement)).toEqual(new Set(['COMPLETED', 'FAILED', 'null']));
  const cards = new Set(crowd().flatMap((habits) => habits.cards));
  expect(cards).toEqual(new Set(['SUCCESS', 'DECLINED', 'INSUFFICIENT_FUNDS', 'EXPIRED', 'PROCESSING']));
  for (const habit of ['takesSuggestion', 'extends', 'changesMind', 'cancels'] as const) {
    expect(values((habits) => habits[habit])).toEqual(new Set(['true', 'false']));
  }
});

test('nobody whose lock has to lapse extends it: a late extension would make a liar of the audit', () => {
  expect(crowd().filter((habits) => habits.lapses !== null && habits.extends)).toEqual([]);
});
