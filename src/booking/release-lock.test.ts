import { expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  later,
  MINUTE_MS,
  NO_LOCK_ID,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';

test('a released lock frees its seat at once', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  box.wait(MINUTE_MS);
  expect(box.release('ann', lock)).toEqual({ ...lock, status: 'released', endedAt: box.now });
  expect(box.lockOne('bob', 1).userId).toBe('bob');
});

test('releasing twice gives the same answer and announces nothing', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const released = box.release('ann', lock);
  box.wait(MINUTE_MS);
  expect(box.release('ann', lock)).toEqual(released);
  expect(box.announced.at(-1)).toBeNull();
});

test.each([
  ['in its last millisecond is returned as released', RULES.lockTtlMs - 1, 'released', RULES.lockTtlMs - 1],
  [
    'from expiresAt on is returned as expired, ended at its expiry',
    RULES.lockTtlMs,
    'expired',
    RULES.lockTtlMs,
  ],
  ['long after its expiry is returned as expired, ended at its expiry', DAY_MS, 'expired', RULES.lockTtlMs],
] as const)('a lock that is released %s', (_, waitMs, status, endedAfterMs) => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const payment = box.pay('ann', [lock]);
  box.wait(waitMs);
  expect(box.release('ann', lock)).toMatchObject({ status, endedAt: later(endedAfterMs) });
  expect(box.paymentNow(payment).status).toBe('refunded');
});

test('a used lock is not released, whatever the time, and says which booking it became', () => {
  const box = new BoxOffice();
  const { lock, booking } = box.bookOne('ann', 1);
  box.wait(RULES.lockTtlMs);
  expect(refusalOf(() => box.release('ann', lock))).toMatchObject({
    code: 'LOCK_ALREADY_USED',
    details: { lockId: lock.id, bookingId: booking.id },
  });
});

test('a lock whose booking has ended is returned as it ended', () => {
  const box = new BoxOffice();
  const { lock, booking } = box.bookOne('ann', 1);
  box.cancel('ann', booking);
  expect(box.release('ann', lock).status).toBe('released');
});

test('an unknown lock and another user’s lock get exactly the same refusal', () => {
  const box = new BoxOffice();
  const lock = box.lockOne('ann', 1);
  const refusals = [lock, { id: NO_LOCK_ID }].map((each) => refusalOf(() => box.release('bob', each)));
  expect(refusals.map(({ code, message, details }) => ({ code, message, details }))).toEqual(
    Array(2).fill({
      code: 'LOCK_NOT_FOUND',
      message: 'You have no lock with this id.',
      details: { field: 'lockId' },
    }),
  );
  expect(box.lockNow(lock).status).toBe('active');
});

test('a released lock’s share is refunded, and other shares are not', () => {
  const box = new BoxOffice();
  const [first, second] = box.lock('ann', [1, 5]);
  const payment = box.pay('ann', [first, second]);
  box.release('ann', first);
  expect(box.paymentNow(payment)).toMatchObject({
    status: 'completed',
    amount: 2_500,
    refundedAmount: 1_500,
    shares: [
      { seatNumber: 1, refunded: true },
      { seatNumber: 5, refunded: false },
    ],
  });
  box.release('ann', second);
  expect(box.paymentNow(payment)).toMatchObject({ status: 'refunded', refundedAmount: 2_500 });
});

test('the part of a PENDING payment stays until it settles', () => {
  const box = new BoxOffice();
  const locks = box.lock('ann', [1, 2]);
  const payment = box.pay('ann', locks, { cardStatus: 'processing' });
  box.release('ann', locks[0]);
  expect(box.paymentNow(payment)).toEqual(payment);
});

test('a lock can be released after the event has started', () => {
  const box = new BoxOffice();
  box.wait(DAY_MS - 1);
  const lock = box.lockOne('ann', 1);
  box.wait(1);
  expect(codeOf(() => box.release('ann', lock))).toBe('done');
});
