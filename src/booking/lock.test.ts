import { expect, test } from 'vitest';
import { BoxOffice, RULES } from '../test/support/booking-fixtures.js';
import { holdsSeat, remainingMs, statusAt } from './lock.js';

test('readers see an expired lock as expired at once, to the millisecond, before it is recorded', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const shown = () => [statusAt(lock, box.now), remainingMs(lock, box.now), holdsSeat(lock, box.now)];
  expect(shown()).toEqual(['active', RULES.lockTtlMs, true]);
  box.wait(RULES.lockTtlMs - 1);
  expect(shown()).toEqual(['active', 1, true]);
  box.wait(1);
  expect(shown()).toEqual(['expired', 0, false]);
});

test('a used lock holds its seat past its own time, with nothing remaining', () => {
  const box = new BoxOffice();
  const { lock } = box.bookOne('ann', 1);
  const used = box.lockNow(lock);
  box.wait(RULES.lockTtlMs);
  expect([statusAt(used, box.now), remainingMs(used, box.now), holdsSeat(used, box.now)]).toEqual([
    'used',
    0,
    true,
  ]);
});

test('a released lock has no time left, though its time is not over', () => {
  const box = new BoxOffice();
  const lock = box.release('ann', box.lockOne('ann', 1));
  expect([remainingMs(lock, box.now), holdsSeat(lock, box.now), lock.endedAt]).toEqual([0, false, box.now]);
});
