import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  NO_PAYMENT_ID,
  RULES,
  refusalOf,
  SECOND_MS,
} from '../test/support/booking-fixtures.js';
import { decide } from './decide.js';
import { isLive } from './lock.js';
import { lockSeatsCommand } from './lock-seats.js';
import { SEATS_NO_LONGER_HELD } from './payment.js';
import { settlePaymentCommand } from './settle-payment.js';

const processing = { cardStatus: 'processing' } as const;
const PENDING_MS = RULES.pendingBookingTtlMs;

/** Books seats with a slow card and lets the booking-expiry job cancel them. */
function timedOut<const Seats extends readonly number[]>(box: BoxOffice, seats: Seats) {
  const booked = box.book('ann', seats, processing);
  box.wait(PENDING_MS);
  box.expireBookings();
  return booked;
}

describe('settled as COMPLETED', () => {
  test('a PENDING booking is confirmed; the change names it for its owner and has no seat', () => {
    const box = new BoxOffice();
    const { lock, payment, booking } = box.bookOne('ann', 1, processing);
    box.wait(SECOND_MS);
    expect(box.settle('ann', payment, 'completed')).toEqual({
      ...payment,
      status: 'completed',
      processedAt: box.now,
    });
    expect(box.bookingNow(booking)).toEqual({
      ...booking,
      status: 'confirmed',
      paymentStatus: 'completed',
      expiresAt: null,
    });
    expect(box.announced.at(-1)).toMatchObject({
      version: null,
      seats: [],
      reservations: [{ userId: 'ann', lockIds: [], bookingIds: [booking.id] }],
    });
    expect(box.lockNow(lock).status).toBe('used');
    expect(box.store.event).toMatchObject({ bookedSeats: 1, version: 2 });
  });

  test('a PENDING booking is confirmed even after its time, as long as its end is not written', () => {
    const box = new BoxOffice();
    const { payment, booking } = box.bookOne('ann', 1, processing);
    box.wait(2 * DAY_MS);
    box.settle('ann', payment, 'completed');
    expect(box.bookingNow(booking)).toMatchObject({ status: 'confirmed', paymentStatus: 'completed' });
  });

  test('a lock that is still active stays active and can be confirmed', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], processing);
    box.wait(RULES.lockTtlMs - 1);
    expect(box.settle('ann', payment, 'completed')).toMatchObject({ status: 'completed', refundedAmount: 0 });
    expect(box.lockNow(lock)).toMatchObject({ status: 'active', paymentId: payment.id });
    expect(box.confirm('ann', [lock], payment)[0].status).toBe('confirmed');
  });

  test.each<[how: string, end: (box: BoxOffice, lock: { id: string }) => unknown, lock: string]>([
    ['has expired, which is not recorded yet,', (box) => box.wait(RULES.lockTtlMs), 'expired'],
    ['has expired, which is recorded,', (box) => [box.wait(RULES.lockTtlMs), box.expireLocks()], 'expired'],
    ['was taken over', (box) => [box.wait(RULES.lockTtlMs), box.lock('bob', [1])], 'expired'],
    ['was released', (box, lock) => box.release('ann', lock), 'released'],
  ])('the share of a lock that %s is refunded', (_, end, status) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], processing);
    end(box, lock);
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'refunded',
      refundedAmount: payment.amount,
    });
    expect(box.lockNow(lock).status).toBe(status);
  });

  test('the share of a booking that its user cancelled is refunded, and the booking stays cancelled', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 5], processing);
    box.cancel('ann', bookings[0]);
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'completed',
      refundedAmount: 1_500,
      shares: [
        { seatNumber: 1, refunded: true },
        { seatNumber: 5, refunded: false },
      ],
    });
    expect(bookings.map(box.bookingNow)).toMatchObject([
      { status: 'cancelled', paymentStatus: 'refunded' },
      { status: 'confirmed', paymentStatus: 'completed' },
    ]);
  });
});

describe('settled as COMPLETED after the booking-expiry job', () => {
  test('the same bookings are confirmed again where their seats are free', () => {
    const box = new BoxOffice();
    const { locks, payment, bookings } = timedOut(box, [1, 5]);
    expect(box.store.event).toMatchObject({ bookedSeats: 0, unbookedSeats: 20 });
    expect(box.settle('ann', payment, 'completed')).toMatchObject({ status: 'completed', refundedAmount: 0 });
    expect(bookings.map(box.bookingNow)).toMatchObject(
      Array(2).fill({ status: 'confirmed', paymentStatus: 'completed', expiresAt: null }),
    );
    expect(locks.map(box.lockNow)).toMatchObject(Array(2).fill({ status: 'used', endedAt: box.now }));
    expect(box.store.event).toMatchObject({ bookedSeats: 2, unbookedSeats: 18 });
  });

  test.each<[who: string, take: (box: BoxOffice) => unknown]>([
    ['another user’s lock', (box) => box.lock('bob', [5])],
    ['another user’s booking', (box) => box.book('bob', [5])],
    ['the user’s own new lock', (box) => box.lock('ann', [5])],
  ])('none is confirmed if %s has one of the seats, and everything is refunded', (_, take) => {
    const box = new BoxOffice();
    const { locks, payment, bookings } = timedOut(box, [1, 5]);
    take(box);
    const { bookedSeats } = box.store.event;
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'refunded',
      refundedAmount: payment.amount,
    });
    expect(bookings.map(box.bookingNow)).toMatchObject(
      Array(2).fill({ status: 'cancelled', paymentStatus: 'refunded' }),
    );
    expect(locks.map(box.lockNow)).toMatchObject(Array(2).fill({ status: 'expired' }));
    expect(box.store.event.bookedSeats).toBe(bookedSeats);
  });

  test.each([
    ['in its last millisecond is in the way', RULES.lockTtlMs - 1, 'refunded', 'active'],
    ['from its expiresAt on is not', RULES.lockTtlMs, 'completed', 'expired'],
  ] as const)('another user’s lock %s', (_, waitMs, status, lockStatus) => {
    const box = new BoxOffice();
    const { payment } = timedOut(box, [1]);
    const lock = box.lockOne('bob', 1);
    const paid = box.pay('bob', [lock]);
    box.wait(waitMs);
    expect(box.settle('ann', payment, 'completed').status).toBe(status);
    expect(box.lockNow(lock).status).toBe(lockStatus);
    expect(box.paymentNow(paid).status).toBe(lockStatus === 'expired' ? 'refunded' : 'completed');
  });

  test('what its user cancelled after time had done so stays cancelled, and says nothing of the seat’s next owner', () => {
    const box = new BoxOffice();
    const { lock, payment, booking } = box.bookOne('ann', 1, { cardStatus: 'processing' });
    box.wait(RULES.pendingBookingTtlMs);
    box.expireBookings();
    box.lock('bob', [1]);
    expect(box.cancel('ann', booking)).toEqual(box.bookingNow(booking));
    expect(box.lockNow(lock).status).toBe('released');
    expect(box.announced.at(-1)).toMatchObject({ version: null, seats: [] });
    box.wait(RULES.lockTtlMs);
    expect(box.settle('ann', payment, 'completed').status).toBe('refunded');
    expect(box.bookingNow(booking)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
  });

  test('a booking that its user cancelled after the event had started stays cancelled, and is refunded', () => {
    const box = new BoxOffice();
    const { payment, bookings } = timedOut(box, [1]);
    box.wait(DAY_MS);
    box.cancel('ann', bookings[0]);
    expect(box.settle('ann', payment, 'completed').status).toBe('refunded');
    expect(box.bookingNow(bookings[0])).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
  });

  test('bookings that their user had cancelled stay cancelled, and the others are confirmed again', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 5], processing);
    box.cancel('ann', bookings[0]);
    box.lock('bob', [1]);
    box.wait(PENDING_MS);
    box.expireBookings();
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'completed',
      refundedAmount: 1_500,
    });
    expect(bookings.map((booking) => box.bookingNow(booking).status)).toEqual(['cancelled', 'confirmed']);
  });

  test('a booking that was not cancelled yet is confirmed, whatever becomes of the one that was', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 5]);
    const payment = box.pay('ann', [first, second], processing);
    const [early] = box.confirm('ann', [first], payment);
    box.wait(SECOND_MS);
    const [late] = box.confirm('ann', [second], payment);
    box.wait(PENDING_MS - SECOND_MS);
    box.expireBookings();
    box.lock('bob', [1]);
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'completed',
      refundedAmount: 1_500,
    });
    expect([early, late].map((booking) => box.bookingNow(booking).status)).toEqual([
      'cancelled',
      'confirmed',
    ]);
  });

  test('a lock of the same payment that had expired without a booking is no obstacle, and its share is refunded', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 5]);
    const payment = box.pay('ann', [first, second], processing);
    const [booking] = box.confirm('ann', [first], payment);
    box.wait(PENDING_MS);
    box.expireBookings();
    box.lock('bob', [5]);
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'completed',
      refundedAmount: 1_000,
    });
    expect(box.bookingNow(booking).status).toBe('confirmed');
  });
});

describe('a COMPLETED that comes late and the seat limit', () => {
  const limit = RULES.seatsPerViewerMax;
  const seats = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

  test('bookings stay CANCELLED and are refunded if the payer has reached the seat limit', () => {
    const box = new BoxOffice();
    const { payment, bookings, locks } = timedOut(box, seats(1, limit));
    box.book('ann', seats(limit + 1, limit));
    expect(box.settle('ann', payment, 'completed')).toMatchObject({
      status: 'refunded',
      refundedAmount: payment.amount,
    });
    expect(bookings.map(box.bookingNow)).toMatchObject(
      Array(limit).fill({ status: 'cancelled', paymentStatus: 'refunded' }),
    );
    expect(locks.map((lock) => box.lockNow(lock).status)).toEqual(Array(limit).fill('expired'));
    expect(box.store.event.bookedSeats).toBe(limit);
  });

  test.each([
    ['are confirmed again up to the limit', limit - 2, 'completed', 'confirmed'],
    ['stay CANCELLED, all of them, one seat above it', limit - 1, 'refunded', 'cancelled'],
  ] as const)('two bookings %s', (_, others, status, bookingStatus) => {
    const box = new BoxOffice();
    const { payment, bookings } = timedOut(box, [1, 2]);
    box.lock('ann', seats(3, others));
    expect(box.settle('ann', payment, 'completed').status).toBe(status);
    expect(bookings.map((booking) => box.bookingNow(booking).status)).toEqual([bookingStatus, bookingStatus]);
  });

  test('expired locks of the payer do not count, and seats of other users do not either', () => {
    const box = new BoxOffice();
    const { payment, booking } = box.bookOne('ann', 1, processing);
    box.wait(PENDING_MS);
    box.expireBookings();
    box.lock('ann', seats(2, limit));
    box.wait(RULES.lockTtlMs);
    box.lock('bob', seats(11, limit));
    expect(box.settle('ann', payment, 'completed').status).toBe('completed');
    expect(box.bookingNow(booking).status).toBe('confirmed');
  });

  test.each(['locked before', 'locked after'])('in one batch with the lock of another seat: %s', (order) => {
    const box = new BoxOffice();
    const { payment } = timedOut(box, [1]);
    box.lock('ann', seats(3, limit - 1));
    const lock = lockSeatsCommand('ann', EVENT_ID, [2]);
    const settle = settlePaymentCommand('ann', payment.id, 'completed');
    const commands = order === 'locked before' ? [lock, settle] : [settle, lock];
    const set = box.store.load(commands, box.now);
    for (const command of commands) set.apply(decide(set, command, box.now, RULES).changes);
    box.store.write(set, box.now);
    const held = [...box.store.locks.values()].filter((each) => each.userId === 'ann' && isLive(each));
    expect(held).toHaveLength(limit);
    expect(box.paymentNow(payment).status).toBe(order === 'locked before' ? 'refunded' : 'completed');
  });
});

describe('a PENDING payment that can buy nothing any more', () => {
  const ended = {
    status: 'failed',
    reason: SEATS_NO_LONGER_HELD,
    retryable: false,
    refundedAmount: 0,
  } as const;
  const expire = (box: BoxOffice) => [box.wait(RULES.lockTtlMs), box.expireLocks()];

  test.each<[how: string, end: (box: BoxOffice, lock: { id: string }) => unknown]>([
    ['expired', expire],
    ['was taken over', (box) => [box.wait(RULES.lockTtlMs), box.lock('bob', [1])]],
    ['was released', (box, lock) => box.release('ann', lock)],
    [
      'was released after it had expired',
      (box, lock) => [box.wait(RULES.lockTtlMs), box.release('ann', lock)],
    ],
  ])('fails with its lock that %s, and is REFUNDED when it settles as COMPLETED after that', (_, end) => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], processing);
    end(box, lock);
    expect(box.paymentNow(payment)).toEqual({ ...payment, ...ended, processedAt: box.now });
    box.wait(DAY_MS);
    const settled = box.settle('ann', payment, 'completed');
    expect(settled).toMatchObject({
      status: 'refunded',
      refundedAmount: payment.amount,
      reason: null,
      retryable: null,
    });
    expect(box.settle('ann', payment, 'completed')).toEqual(settled);
    expect(codeOf(() => box.settle('ann', payment, 'failed'))).toBe('PAYMENT_ALREADY_SETTLED');
  });

  test('fails with the last of its locks and not before', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1, 5]);
    const payment = box.pay('ann', locks, processing);
    box.release('ann', locks[0]);
    expect(box.paymentNow(payment).status).toBe('pending');
    box.release('ann', locks[1]);
    expect(box.paymentNow(payment)).toMatchObject(ended);
  });

  test('fails once if all of its locks expire at once', () => {
    const box = new BoxOffice();
    const payment = box.pay('ann', box.lock('ann', [1, 5]), processing);
    expire(box);
    expect(box.paymentNow(payment)).toMatchObject({ ...ended, processedAt: box.now });
  });

  test('fails with the last booking that its user cancels, and the bookings say so', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 5], processing);
    box.cancel('ann', bookings[0]);
    expect(box.bookingNow(bookings[0]).paymentStatus).toBe('pending');
    expect(box.cancel('ann', bookings[1])).toMatchObject({ status: 'cancelled', paymentStatus: 'failed' });
    expect(box.paymentNow(payment)).toMatchObject(ended);
    expect(box.bookingNow(bookings[0]).paymentStatus).toBe('failed');
    expect(box.settle('ann', payment, 'completed')).toMatchObject({ status: 'refunded' });
    expect(bookings.map((booking) => box.bookingNow(booking).paymentStatus)).toEqual([
      'refunded',
      'refunded',
    ]);
  });

  test('waits on for a booking that time cancelled: a late settlement confirms it', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 5]);
    const payment = box.pay('ann', [first, second], processing);
    const [booking] = box.confirm('ann', [first], payment);
    expire(box);
    box.wait(PENDING_MS);
    box.expireBookings();
    expect(box.paymentNow(payment).status).toBe('pending');
    box.settle('ann', payment, 'completed');
    expect(box.bookingNow(booking).status).toBe('confirmed');
  });

  test('fails when its user cancels what time had cancelled before', () => {
    const box = new BoxOffice();
    const { payment, bookings } = timedOut(box, [1]);
    expect(box.cancel('ann', bookings[0]).paymentStatus).toBe('failed');
    expect(box.paymentNow(payment)).toMatchObject({ ...ended, processedAt: box.now });
  });

  test('that fails at the network after its end is settled as FAILED, for good', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock], processing);
    box.release('ann', lock);
    expect(box.settle('ann', payment, 'failed')).toMatchObject({
      status: 'failed',
      reason: 'Card was declined',
    });
    expect(codeOf(() => box.settle('ann', payment, 'completed'))).toBe('PAYMENT_ALREADY_SETTLED');
  });
});

describe('settled as FAILED', () => {
  test('PENDING bookings are cancelled and their seats are free', () => {
    const box = new BoxOffice();
    const { locks, payment, bookings } = box.book('ann', [1, 5], processing);
    box.wait(SECOND_MS);
    expect(box.settle('ann', payment, 'failed')).toEqual({
      ...payment,
      status: 'failed',
      reason: 'Card was declined',
      retryable: true,
      processedAt: box.now,
    });
    expect(bookings.map(box.bookingNow)).toMatchObject(
      Array(2).fill({ status: 'cancelled', paymentStatus: 'failed', expiresAt: null }),
    );
    expect(locks.map(box.lockNow)).toMatchObject(Array(2).fill({ status: 'released', endedAt: box.now }));
    expect(box.store.event).toMatchObject({ bookedSeats: 0, unbookedSeats: 20 });
    expect(codeOf(() => box.lock('bob', [1, 5]))).toBe('done');
  });

  test('a lock that is still active stays active and can be paid again', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    box.settle('ann', box.pay('ann', [lock], processing), 'failed');
    expect(box.lockNow(lock)).toEqual(lock);
  });

  test.each<[how: string, end: (box: BoxOffice, booking: { id: string }) => unknown, lock: string]>([
    ['its user', (box, booking) => box.cancel('ann', booking), 'released'],
    ['time', (box) => [box.wait(PENDING_MS), box.expireBookings()], 'expired'],
  ])('a booking that %s had cancelled stays so, and nothing is refunded', (_, end, status) => {
    const box = new BoxOffice();
    const { lock, payment, booking } = box.bookOne('ann', 1, processing);
    end(box, booking);
    expect(box.settle('ann', payment, 'failed')).toMatchObject({ status: 'failed', refundedAmount: 0 });
    expect(box.bookingNow(booking)).toMatchObject({ status: 'cancelled', paymentStatus: 'failed' });
    expect(box.lockNow(lock).status).toBe(status);
  });
});

describe('settled again', () => {
  test.each([
    ['completed', 'completed', 'done'],
    ['completed', 'failed', 'PAYMENT_ALREADY_SETTLED'],
    ['failed', 'failed', 'done'],
    ['failed', 'completed', 'PAYMENT_ALREADY_SETTLED'],
  ] as const)('%s, then %s: %s', (first, second, code) => {
    const box = new BoxOffice();
    const { payment } = box.book('ann', [1], processing);
    const settled = box.settle('ann', payment, first);
    box.wait(SECOND_MS);
    expect(codeOf(() => box.settle('ann', payment, second))).toBe(code);
    expect(box.paymentNow(payment)).toEqual(settled);
  });

  test('a payment that went back since counts as completed', () => {
    const box = new BoxOffice();
    const { payment, booking } = box.bookOne('ann', 1, processing);
    box.settle('ann', payment, 'completed');
    box.cancel('ann', booking);
    expect(box.settle('ann', payment, 'completed').status).toBe('refunded');
    expect(refusalOf(() => box.settle('ann', payment, 'failed')).details).toEqual({ status: 'REFUNDED' });
  });

  test.each([
    ['success', 'completed', 'done'],
    ['success', 'failed', 'PAYMENT_ALREADY_SETTLED'],
    ['declined', 'failed', 'done'],
    ['declined', 'completed', 'PAYMENT_ALREADY_SETTLED'],
  ] as const)('a payment that never was PENDING (%s), as %s: %s', (cardStatus, outcome, code) => {
    const box = new BoxOffice();
    const payment = box.pay('ann', box.lock('ann', [1]), { cardStatus });
    expect(codeOf(() => box.settle('ann', payment, outcome))).toBe(code);
  });
});

test('an unknown payment and another user’s payment get the same refusal', () => {
  const box = new BoxOffice();
  const { payment } = box.book('bob', [1], processing);
  const [foreign, none] = [payment, { id: NO_PAYMENT_ID }].map((each) =>
    refusalOf(() => box.settle('ann', each, 'completed')),
  );
  expect(none?.code).toBe('PAYMENT_NOT_FOUND');
  expect([foreign?.code, foreign?.message, foreign?.details]).toEqual([
    none?.code,
    none?.message,
    none?.details,
  ]);
  expect(box.paymentNow(payment).status).toBe('pending');
});

test('a payment at a provider is settled by the provider alone, also where payments are simulated now', () => {
  const box = new BoxOffice();
  const { payment, booking } = box.bookOne('ann', 1, processing);
  box.store.payments.set(payment.id, { ...box.paymentNow(payment), provider: 'stripe' });
  for (const userId of ['ann', 'olga'])
    expect(codeOf(() => box.settle(userId, payment, 'completed'))).toBe('PAYMENT_PROVIDER_OTHER');
  expect(codeOf(() => box.settle('bob', payment, 'completed'))).toBe('PAYMENT_NOT_FOUND');
  box.settle(null, payment, 'completed');
  expect(box.bookingNow(booking).status).toBe('confirmed');
});
