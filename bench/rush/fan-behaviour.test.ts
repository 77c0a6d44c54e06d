import { expect, test } from 'vitest';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { drawHabits, type Habits } from './fan-behaviour.js';

const SEED = 20_261_122;
const CROWD = 5_000;

function crowd(): Habits[] {
  const random = new SeededRandom(SEED);
  return Array.from({ length: CROWD }, () => drawHabits(random));
}

test('the same seed gives the same fans', () => {
  expect(crowd()).toEqual(crowd());
});

test('every action occurs', () => {
  const values = (of: (habits: Habits) => unknown) => new Set(crowd().map((habits) => String(of(habits))));
  expect(values(({ seats }) => seats)).toEqual(new Set(['1', '2']));
  expect(values(({ waitsForExpiry }) => waitsForExpiry)).toEqual(
    new Set(['before paying', 'after paying', 'null']),
  );
  expect(values(({ settlement }) => settlement)).toEqual(new Set(['COMPLETED', 'FAILED', 'null']));
  const cards = new Set(crowd().flatMap((habits) => habits.cards));
  expect(cards).toEqual(new Set(['SUCCESS', 'DECLINED', 'INSUFFICIENT_FUNDS', 'EXPIRED', 'PROCESSING']));
  for (const habit of ['checksOut', 'takesSuggestion', 'extends', 'changesMind', 'cancels'] as const) {
    expect(values((habits) => habits[habit])).toEqual(new Set(['true', 'false']));
  }
});

test('a fan who waits for the expiry does not extend the lock: a late extension would make the audit wrong', () => {
  expect(crowd().filter((habits) => habits.waitsForExpiry !== null && habits.extends)).toEqual([]);
});

test('at least half of the fans check out, and none of them waits after a payment', () => {
  const checkOuts = crowd().filter(({ checksOut }) => checksOut);
  expect(checkOuts.length).toBeGreaterThan(CROWD / 2);
  expect(checkOuts.filter(({ waitsForExpiry }) => waitsForExpiry === 'after paying')).toEqual([]);
});
