import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  later,
  MINUTE_MS,
  NO_LOCK_ID,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import type { Lock } from './lock.js';

test('extending a lock restarts its time, and the change has its new end', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  box.wait(MINUTE_MS);
  const expiresAt = later(6 * MINUTE_MS);
  expect(box.extend('ann', lock)).toEqual({ ...lock, expiresAt, version: 2 });
  expect(box.announced.at(-1)).toMatchObject({
    version: 2,
    seats: [{ seatNumber: 1, status: 'locked', lockedUntil: expiresAt }],
  });
});

test('an extended lock keeps its payment', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const payment = box.pay('ann', [lock]);
  box.wait(1);
  expect(box.extend('ann', lock).paymentId).toBe(payment.id);
});

describe('the longest life of a lock', () => {
  const extendedAt = (...instantsMs: number[]) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    let atMs = 0;
    for (const instantMs of instantsMs) {
      box.wait(instantMs - atMs);
      atMs = instantMs;
      box.extend('ann', lock);
    }
    return box.lockNow(lock).expiresAt;
  };
  const [five, nine, ten, fourteen] = [5, 9, 10, 14].map((minutes) => minutes * MINUTE_MS) as [
    number,
    number,
    number,
    number,
  ];

  test.each([
    ['up to it, the full time is given', [five - 1, nine, ten], later(15 * MINUTE_MS)],
    ['just short of it, the full time is given', [five - 1, nine, ten - 1], later(15 * MINUTE_MS - 1)],
    ['past it, the rest is given', [five - 1, nine, ten - 1, ten + 1], later(15 * MINUTE_MS)],
    ['a single millisecond is a gain', [five - 1, nine, ten - 1, fourteen], later(15 * MINUTE_MS)],
  ])('%s', (_, instants, expiresAt) => {
    expect(extendedAt(...instants)).toEqual(expiresAt);
  });

  test('cannot be exceeded: an extension that gains nothing is LOCK_EXTENSION_LIMIT with the present end', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    for (const ms of [five - 1, nine - five + 1, MINUTE_MS]) {
      box.wait(ms);
      box.extend('ann', lock);
    }
    box.wait(1);
    expect(refusalOf(() => box.extend('ann', lock))).toMatchObject({
      code: 'LOCK_EXTENSION_LIMIT',
      details: { expiresAt: later(15 * MINUTE_MS) },
    });
  });

  test('does not matter if an extension at the instant of the lock gains nothing', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    expect(codeOf(() => box.extend('ann', lock))).toBe('LOCK_EXTENSION_LIMIT');
    box.wait(1);
    expect(codeOf(() => box.extend('ann', lock))).toBe('done');
  });
});

test.each<[what: string, code: string, arrange: (box: BoxOffice) => { id: string }]>([
  ['a lock in its last millisecond', 'done', (box) => wait(box, box.lockOne('ann', 1), RULES.lockTtlMs - 1)],
  ['an expired lock', 'LOCK_EXPIRED', (box) => wait(box, box.lockOne('ann', 1), RULES.lockTtlMs)],
  ['a released lock', 'LOCK_EXPIRED', (box) => box.release('ann', box.lockOne('ann', 1))],
  ['a used lock', 'LOCK_ALREADY_USED', (box) => box.bookOne('ann', 1).lock],
  [
    'a used lock after its own time',
    'LOCK_ALREADY_USED',
    (box) => wait(box, box.bookOne('ann', 1).lock, RULES.lockTtlMs),
  ],
  ['another user’s lock', 'LOCK_NOT_FOUND', (box) => box.lockOne('bob', 1)],
  ['no lock', 'LOCK_NOT_FOUND', () => ({ id: NO_LOCK_ID })],
])('extending %s: %s', (_, code, arrange) => {
  const box = new BoxOffice();
  const lock = arrange(box);
  expect(codeOf(() => box.extend('ann', lock))).toBe(code);
});

function wait(box: BoxOffice, lock: Lock, ms: number): Lock {
  box.wait(ms);
  return lock;
}

test('the refusal of an ended lock tells whether it was released or expired', () => {
  const box = new BoxOffice();
  const [released, expired] = box.lock('ann', [1, 2]);
  box.release('ann', released);
  box.wait(RULES.lockTtlMs);
  const status = (lock: Lock) => refusalOf(() => box.extend('ann', lock)).details.status;
  expect([status(released), status(expired)]).toEqual(['RELEASED', 'EXPIRED']);
});
