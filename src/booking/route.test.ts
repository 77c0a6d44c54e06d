import { describe, expect, test } from 'vitest';
import { bookingIdOfLock, isEventId, newLockId, newPaymentId } from '../core/ids.js';
import { codeOf, EVENT_ID, NOW, OTHER_EVENT_ID, refusalOf } from '../test/support/booking-fixtures.js';
import { eventOfBooking, eventOfLock, eventOfLocks, eventOfPayment, LOCKS_PER_CALL_MAX } from './route.js';

const locks = (count: number, eventId = EVENT_ID) => Array.from({ length: count }, () => newLockId(eventId));
const ids = {
  lock: newLockId(EVENT_ID),
  booking: bookingIdOfLock(newLockId(EVENT_ID)),
  payment: newPaymentId(EVENT_ID, NOW),
};

describe('the event of a record', () => {
  test('is a part of its id', () => {
    const events = [eventOfLock(ids.lock), eventOfBooking(ids.booking), eventOfPayment(ids.payment)];
    expect(events).toEqual([EVENT_ID, EVENT_ID, EVENT_ID]);
  });

  test.each([
    ['lock', eventOfLock, [ids.booking, ids.payment, EVENT_ID, ''], 'LOCK_NOT_FOUND'],
    ['booking', eventOfBooking, [ids.lock, ids.payment, EVENT_ID, ''], 'BOOKING_NOT_FOUND'],
    ['payment', eventOfPayment, [ids.lock, ids.booking, EVENT_ID, ''], 'PAYMENT_NOT_FOUND'],
  ] as const)(
    'is not sought for what is no %s’s id: the answer is that there is none',
    (_, eventOf, texts, code) => {
      for (const text of texts) expect(codeOf(() => eventOf(text))).toBe(code);
    },
  );
});

describe('several locks', () => {
  const twin = newLockId(EVENT_ID);

  test.each([
    ['none', [], 'BAD_USER_INPUT'],
    ['one', locks(1), 'done'],
    ['as many as a call may name', locks(LOCKS_PER_CALL_MAX), 'done'],
    ['one more', locks(LOCKS_PER_CALL_MAX + 1), 'BAD_USER_INPUT'],
    ['one of them twice', [twin, ...locks(1), twin], 'BAD_USER_INPUT'],
    ['of two events', [...locks(1), ...locks(1, OTHER_EVENT_ID)], 'BAD_USER_INPUT'],
  ])('%s', (_, lockIds, code) => {
    expect(codeOf(() => eventOfLocks(lockIds))).toBe(code);
    if (code !== 'done') expect(refusalOf(() => eventOfLocks(lockIds)).details.field).toBe('lockIds');
    else expect(eventOfLocks(lockIds)).toBe(EVENT_ID);
  });

  test.each([
    ['alone', ['lock']],
    ['first', ['lock', ...locks(1)]],
    ['last', [...locks(1), 'lock']],
  ])('what is no lock’s id, %s, leads to no event', (_, lockIds) => {
    expect(isEventId(eventOfLocks(lockIds))).toBe(false);
  });
});
