import { CombinedGraphQLErrors } from '@apollo/client';
import { expect, test } from 'vitest';
import { extendLocks } from './extend-locks.js';
import type { HeldSeat } from './held-seats.js';

const lock = (seatNumber: number, expiresAt = '10:05'): HeldSeat => ({
  id: `l${seatNumber}`,
  eventId: 'e1',
  seatNumber,
  status: 'ACTIVE',
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: `2026-11-22T${expiresAt}:00.000Z`,
  bookingId: null,
  price: null,
});
const refused = (code: string) =>
  new CombinedGraphQLErrors({ errors: [{ message: code, extensions: { code } }] });

/** Extends locks, each answered with an error, or extended if there is none. */
const extend = (answers: readonly (Error | undefined)[]) => {
  const locks = answers.map((_, index) => lock(index + 1));
  return extendLocks(locks, async (id) => {
    const index = locks.findIndex((each) => each.id === id);
    const error = answers[index];
    if (error) throw error;
    return lock(index + 1, '10:09');
  });
};

test('extending locks keeps the result of each lock, even if others fail', async () => {
  const { extended, exhausted, failed } = await extend([
    refused('LOCK_EXTENSION_LIMIT'),
    undefined,
    refused('LOCK_EXPIRED'),
    undefined,
  ]);
  expect(extended).toEqual([lock(2, '10:09'), lock(4, '10:09')]);
  expect(exhausted).toEqual([lock(1)]);
  expect(failed.map(({ lock: { id } }) => id)).toEqual(['l3']);
});
