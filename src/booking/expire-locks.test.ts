import { describe, expect, test } from 'vitest';
import { BoxOffice, EVENT_ID, eventOf, RULES } from '../test/support/booking-fixtures.js';
import { decide } from './decide.js';
import { expireLocksCommand, LOCKS_EXPIRED_AT_ONCE_MAX } from './expire-locks.js';
import { lockSeatsCommand } from './lock-seats.js';

describe('an expiry command of expired locks', () => {
  test.each([
    ['in its last millisecond', RULES.lockTtlMs - 1, 0, 'active'],
    ['from expiresAt on', RULES.lockTtlMs, 1, 'expired'],
  ] as const)('of a lock %s', (_, waitMs, ended, status) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(waitMs);
    expect(box.expireLocks()).toEqual({ ended, hasMore: false });
    expect(box.lockNow(lock).status).toBe(status);
  });

  test('records when the lock expired, however late it runs, and the change has the seat as free', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.wait(3 * RULES.lockTtlMs);
    box.expireLocks();
    expect(box.lockNow(lock)).toEqual({ ...lock, status: 'expired', endedAt: lock.expiresAt });
    expect(box.announced.at(-1)).toMatchObject({
      version: 2,
      seats: [{ seatNumber: 1, status: 'available', lockedUntil: null }],
      reservations: [{ userId: 'ann', lockIds: [lock.id], bookingIds: [] }],
    });
  });

  test('refunds what was paid, seat by seat, and fails a PENDING payment that can buy no seat any more', () => {
    const box = new BoxOffice();
    const [first, second, third] = box.lock('ann', [1, 5, 9]);
    const paid = box.pay('ann', [first, second]);
    const pending = box.pay('ann', [third], { cardStatus: 'processing' });
    box.confirm('ann', [first], paid);
    box.wait(RULES.lockTtlMs);
    expect(box.expireLocks().ended).toBe(2);
    expect(box.paymentNow(paid)).toMatchObject({ status: 'completed', refundedAmount: 1_000 });
    expect(box.paymentNow(pending)).toMatchObject({ status: 'failed', refundedAmount: 0 });
  });

  test('leaves used and released locks alone', () => {
    const box = new BoxOffice();
    box.book('ann', [1]);
    box.release('ann', box.lockOne('ann', 2));
    box.wait(2 * RULES.lockTtlMs);
    expect(box.expireLocks()).toEqual({ ended: 0, hasMore: false });
    // They may be loaded for other commands of the batch.
    const { outcome } = decide(box.store.loadAll(), expireLocksCommand(EVENT_ID), box.now, RULES);
    expect(outcome).toEqual({ answer: { ended: 0, hasMore: false } });
  });

  test('changes nothing the second time', () => {
    const box = new BoxOffice();
    box.lock('ann', [1, 2]);
    box.wait(RULES.lockTtlMs);
    expect(box.expireLocks().ended).toBe(2);
    expect(box.expireLocks().ended).toBe(0);
    expect(box.announced.at(-1)).toBeNull();
  });

  test.each([
    [
      'one below the limit takes one command',
      LOCKS_EXPIRED_AT_ONCE_MAX - 1,
      [[LOCKS_EXPIRED_AT_ONCE_MAX - 1, false]],
    ],
    [
      'at the limit takes a second command that finds none',
      LOCKS_EXPIRED_AT_ONCE_MAX,
      [
        [LOCKS_EXPIRED_AT_ONCE_MAX, true],
        [0, false],
      ],
    ],
    [
      'one above the limit takes two commands',
      LOCKS_EXPIRED_AT_ONCE_MAX + 1,
      [
        [LOCKS_EXPIRED_AT_ONCE_MAX, true],
        [1, false],
      ],
    ],
  ] as const)('%s', (_, count, commands) => {
    const box = new BoxOffice(eventOf({ totalSeats: count }), { ...RULES, seatsPerViewerMax: count });
    for (let first = 1; first <= count; first += 100) {
      const seats = Array.from({ length: Math.min(100, count - first + 1) }, (_, index) => first + index);
      box.lock('ann', seats);
    }
    box.wait(RULES.lockTtlMs);
    for (const [ended, hasMore] of commands) expect(box.expireLocks()).toEqual({ ended, hasMore });
  });

  test('reports that there may be more even if other commands of the batch have ended some', () => {
    const count = LOCKS_EXPIRED_AT_ONCE_MAX + 1;
    const box = new BoxOffice(eventOf({ totalSeats: count }), { ...RULES, seatsPerViewerMax: count });
    box.lock(
      'ann',
      Array.from({ length: count }, (_, index) => index + 1),
    );
    box.wait(RULES.lockTtlMs);
    const lock = lockSeatsCommand('bob', EVENT_ID, [1]);
    const expire = expireLocksCommand(EVENT_ID);
    const set = box.store.load([lock, expire], box.now);
    set.apply(decide(set, lock, box.now, RULES).changes);
    expect(decide(set, expire, box.now, RULES).outcome).toEqual({
      answer: { ended: LOCKS_EXPIRED_AT_ONCE_MAX - 1, hasMore: true },
    });
  });
});
