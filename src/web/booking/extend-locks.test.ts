import { CombinedGraphQLErrors } from '@apollo/client';
import { describe, expect, test } from 'vitest';
import type { LockDetailsFragment } from '../graphql/generated/graphql.js';
import { extendLocks, extensionText } from './extend-locks.js';

const lock = (seatNumber: number, expiresAt = '10:05'): LockDetailsFragment => ({
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
const textOf = async (answers: readonly (Error | undefined)[]) =>
  extensionText(
    await extend(answers),
    (seat) => `seat ${seat}`,
    (error) => (error as Error).message,
  );

describe('extending locks', () => {
  test('keeps the result of each lock, even if others fail', async () => {
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

  test.each([
    ['all', [undefined, undefined], 'You have more time.'],
    ['none', [refused('LOCK_EXTENSION_LIMIT')], 'These seats cannot be held longer.'],
    [
      'one of them',
      [refused('LOCK_EXTENSION_LIMIT'), undefined, undefined],
      'More time for seat 2; seat 3. Cannot be held longer: seat 1.',
    ],
    [
      'one of them, for a passing reason',
      [undefined, refused('TOO_BUSY')],
      'More time for seat 1. No more time for seat 2: TOO_BUSY',
    ],
  ])('says which: %s', async (_what, answers, wanted) => expect(await textOf(answers)).toBe(wanted));
});
