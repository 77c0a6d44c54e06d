import { expect, test } from 'vitest';
import { BoxOffice, NO_LOCK_ID, NOW } from '../test/support/booking-fixtures.js';
import { Draft } from './draft.js';
import { endLock } from './end-lock.js';

test('a command sees what it has written itself, and the set sees nothing of it', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const set = box.store.loadAll();
  const draft = new Draft(set);

  endLock(draft, lock, 'released', NOW);
  expect(draft.lock(lock.id)?.status).toBe('released');
  expect(draft.liveLockOfSeat(1)).toBeUndefined();

  const next = draft.putLock({ ...lock, id: NO_LOCK_ID, userId: 'bob' });
  expect(draft.liveLockOfSeat(1)).toBe(next);
  expect(set.liveLockOfSeat(1)).toEqual(lock);
});
