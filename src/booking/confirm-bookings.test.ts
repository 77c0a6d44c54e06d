import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  NO_LOCK_ID,
  NO_PAYMENT_ID,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import { confirmBookingsCommand } from './confirm-bookings.js';

describe('a paid lock', () => {
  test('becomes a booking: the lock is used and the counters have moved, in one batch', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 3);
    const payment = box.pay('ann', [lock]);
    box.wait(MINUTE_MS);
    const [booking] = box.confirm('ann', [lock], payment, 'r');
    expect(booking).toEqual({
      id: expect.stringMatching(/^book_event0000000_/),
      eventId: EVENT_ID,
      userId: 'ann',
      seatNumber: 3,
      lockId: lock.id,
      paymentId: payment.id,
      requestId: 'r',
      status: 'confirmed',
      paymentStatus: 'completed',
      createdAt: box.now,
      expiresAt: null,
      ticketIssue: 1,
      checkedInAt: null,
      isInvitation: false,
    });
    expect(box.lockNow(lock)).toEqual({
      ...lock,
      status: 'used',
      endedAt: box.now,
      bookingId: booking.id,
      paymentId: payment.id,
    });
    expect(box.store.event).toMatchObject({ bookedSeats: 1, unbookedSeats: 19, version: 2 });
  });

  test('with a PENDING payment becomes a PENDING booking that waits for the pending time', () => {
    const { booking } = new BoxOffice().bookOne('ann', 1, { cardStatus: 'processing' });
    expect(booking).toMatchObject({
      status: 'pending',
      paymentStatus: 'pending',
      expiresAt: later(RULES.pendingBookingTtlMs),
    });
  });

  test('that is PENDING counts as booked', () => {
    const box = new BoxOffice();
    box.book('ann', [1, 2], { cardStatus: 'processing' });
    expect(box.store.event).toMatchObject({ bookedSeats: 2, unbookedSeats: 18 });
  });

  test.each([
    ['in its last millisecond', RULES.lockTtlMs - 1, 'done'],
    ['from expiresAt on', RULES.lockTtlMs, 'LOCK_EXPIRED'],
  ] as const)('is confirmed %s: %s', (_, waitMs, code) => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    const payment = box.pay('ann', locks);
    box.wait(waitMs);
    expect(codeOf(() => box.confirm('ann', locks, payment))).toBe(code);
  });

  test.each([
    ['a millisecond before', 1, 'done'],
    ['from', 0, 'EVENT_CLOSED'],
  ] as const)('is confirmed %s the event’s date: %s', (_, leftMs, code) => {
    const box = new BoxOffice(eventOf({ eventDate: later(MINUTE_MS) }));
    const locks = box.lock('ann', [1]);
    const payment = box.pay('ann', locks);
    box.wait(MINUTE_MS - leftMs);
    expect(codeOf(() => box.confirm('ann', locks, payment))).toBe(code);
  });
});

describe('several locks of one payment', () => {
  test('become bookings in the order of the locks, each with an id of its own', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [9, 2, 5]);
    const bookings = box.confirm('ann', locks.toReversed(), box.pay('ann', locks));
    expect(bookings.map((booking) => booking.seatNumber)).toEqual([5, 2, 9]);
    expect(bookings.map((booking) => booking.lockId)).toEqual(locks.toReversed().map((lock) => lock.id));
    expect(new Set(bookings.map((booking) => booking.id)).size).toBe(3);
  });

  test('become bookings all or none', () => {
    const box = new BoxOffice();
    const [first, second, third] = box.lock('ann', [1, 2, 3]);
    const payment = box.pay('ann', [first, second]);
    expect(codeOf(() => box.confirm('ann', [first, second, third], payment))).toBe('PAYMENT_MISMATCH');
    expect(box.store.bookings.size).toBe(0);
    expect(box.lockNow(first).status).toBe('active');
  });

  test('may be confirmed one after the other', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', [first, second]);
    box.confirm('ann', [second], payment);
    expect(codeOf(() => box.confirm('ann', [first], payment))).toBe('done');
    expect(box.store.event.bookedSeats).toBe(2);
  });

  test('of which one was released: the other is still paid for', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', [first, second]);
    box.release('ann', first);
    expect(box.confirm('ann', [second], payment)[0]).toMatchObject({ paymentStatus: 'completed' });
  });
});

describe('a repetition with the same requestId', () => {
  test.each<[what: string, act: (box: BoxOffice, booking: { id: string }) => unknown]>([
    ['at once', () => undefined],
    ['after the lock’s time and the event’s date', (box) => box.wait(2 * DAY_MS)],
    ['after a cancellation', (box, booking) => box.cancel('ann', booking)],
    ['after another user got the seat', (box, booking) => [box.cancel('ann', booking), box.book('bob', [1])]],
  ])('%s returns the same booking in its present state, and creates nothing', (_, act) => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    const payment = box.pay('ann', locks);
    const confirm = () => box.confirm('ann', locks, payment, 'r');
    const [booking] = confirm();
    act(box, booking);
    const count = box.store.bookings.size;
    expect(confirm()).toEqual([box.bookingNow(booking)]);
    expect(box.store.bookings.size).toBe(count);
    expect(box.announced.at(-1)).toBeNull();
  });

  test('answers in the order of the first call’s locks', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [3, 1, 2]);
    const payment = box.pay('ann', locks);
    const confirm = () => box.confirm('ann', locks, payment, 'r');
    expect(confirm().map(({ id }) => id)).toEqual(confirm().map(({ id }) => id));
  });

  test('but with other input is IDEMPOTENCY_CONFLICT, before anything else is checked', () => {
    const box = new BoxOffice();
    const { locks, payment } = box.book('ann', [1, 2]);
    expect([...box.store.requests.keys()]).toEqual(['ann:confirmBookings:request-1']);
    for (const [locksOfCall, paymentOfCall] of [
      [[locks[1], locks[0]], payment],
      [[locks[0]], payment],
      [[{ id: NO_LOCK_ID }], payment],
      [locks, { id: NO_PAYMENT_ID }],
    ] as const) {
      const code = codeOf(() => box.confirm('ann', locksOfCall, paymentOfCall, 'request-1'));
      expect(code).toBe('IDEMPOTENCY_CONFLICT');
    }
  });

  test('of a call that failed is a first call', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    const failed = box.pay('ann', locks, { cardStatus: 'declined' });
    expect(codeOf(() => box.confirm('ann', locks, failed, 'r'))).toBe('PAYMENT_FAILED');
    expect(codeOf(() => box.confirm('ann', locks, box.pay('ann', locks), 'r'))).toBe('done');
  });

  test('applies to one operation and one user', () => {
    const confirmation = { lockIds: [NO_LOCK_ID], paymentId: NO_PAYMENT_ID, requestId: 'r' };
    const keys = [
      confirmBookingsCommand('confirmBooking', 'ann', confirmation),
      confirmBookingsCommand('confirmBookings', 'ann', confirmation),
      confirmBookingsCommand('confirmBooking', 'bob', confirmation),
    ].map((command) => command.request.id);
    expect(new Set(keys).size).toBe(3);
  });
});

describe('a payment that did not pay', () => {
  test.each([
    ['declined', { reason: 'Card was declined', retryable: true }],
    ['insufficientFunds', { reason: 'Insufficient funds in account', retryable: true }],
    ['expired', { reason: 'Card has expired', retryable: false }],
  ] as const)('because the card was %s says why and whether another try can help', (cardStatus, details) => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    const payment = box.pay('ann', locks, { cardStatus });
    expect(refusalOf(() => box.confirm('ann', locks, payment))).toMatchObject({
      code: 'PAYMENT_FAILED',
      details: { ...details, paymentId: payment.id },
    });
  });

  test('because it is REFUNDED is PAYMENT_FAILED and not retryable', () => {
    const box = new BoxOffice();
    const locks = box.lock('ann', [1]);
    const payment = box.pay('ann', locks);
    const stored = { ...payment, status: 'refunded' as const, refundedAmount: payment.amount };
    box.store.payments.set(payment.id, stored);
    expect(refusalOf(() => box.confirm('ann', locks, payment))).toMatchObject({
      code: 'PAYMENT_FAILED',
      details: { reason: 'Payment was refunded', retryable: false },
    });
  });

  test('for this lock is PAYMENT_MISMATCH and names the locks', () => {
    const box = new BoxOffice();
    const [first, second] = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', [first]);
    expect(refusalOf(() => box.confirm('ann', [first, second], payment))).toMatchObject({
      code: 'PAYMENT_MISMATCH',
      details: { paymentId: payment.id, lockIds: [second.id] },
    });
  });
});

test('refusals have the order of the contract', () => {
  const box = new BoxOffice(eventOf({ eventDate: later(RULES.lockTtlMs) }));
  const { lock: used } = box.bookOne('ann', 1);
  const expired = box.lockOne('ann', 2);
  const foreign = box.lockOne('bob', 3);
  const foreignPayment = box.pay('bob', [foreign]);
  box.wait(1);
  const [good, other] = box.lock('ann', [4, 5]);
  const mismatched = box.pay('ann', [other], { cardStatus: 'declined' });
  const failed = box.pay('ann', [good], { cardStatus: 'declined' });
  const open = box.store.event;
  box.wait(RULES.lockTtlMs - 1);

  const invalid = [good, expired, used, foreign];
  const codes = [
    codeOf(() => box.confirm('ann', invalid, foreignPayment)),
    codeOf(() => box.confirm('ann', invalid.slice(0, 3), foreignPayment)),
    codeOf(() => box.confirm('ann', invalid.slice(0, 2), foreignPayment)),
    codeOf(() => box.confirm('ann', [good], foreignPayment)),
  ];
  box.store.event = { ...open, eventDate: later(DAY_MS) };
  codes.push(
    codeOf(() => box.confirm('ann', [good], foreignPayment)),
    codeOf(() => box.confirm('ann', [good], { id: NO_PAYMENT_ID })),
    codeOf(() => box.confirm('ann', [good], mismatched)),
    codeOf(() => box.confirm('ann', [good], failed)),
    codeOf(() => box.confirm('ann', [good], box.pay('ann', [good]))),
  );
  expect(codes).toEqual([
    'LOCK_NOT_FOUND',
    'LOCK_ALREADY_USED',
    'LOCK_EXPIRED',
    'EVENT_CLOSED',
    'PAYMENT_NOT_FOUND',
    'PAYMENT_NOT_FOUND',
    'PAYMENT_MISMATCH',
    'PAYMENT_FAILED',
    'done',
  ]);
});

test('an unknown lock and another user’s lock get the same refusal', () => {
  const box = new BoxOffice();
  const [foreign, none] = [box.lockOne('bob', 1), { id: NO_LOCK_ID }].map((lock) =>
    refusalOf(() => box.confirm('ann', [lock], { id: NO_PAYMENT_ID })),
  );
  expect([foreign?.message, foreign?.details]).toEqual([none?.message, none?.details]);
  expect(none?.details).toEqual({ field: 'lockId' });
});
