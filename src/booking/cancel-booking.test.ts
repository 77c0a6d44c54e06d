import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  MINUTE_MS,
  NO_BOOKING_ID,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';

describe('a cancelled booking', () => {
  test('frees its seat, refunds its share and lowers the counter, in one batch', () => {
    const box = new BoxOffice();
    const { lock, payment, booking } = box.bookOne('ann', 1);
    box.wait(MINUTE_MS);
    expect(box.cancel('ann', booking)).toEqual({
      ...booking,
      status: 'cancelled',
      paymentStatus: 'refunded',
    });
    expect(box.lockNow(lock)).toMatchObject({
      status: 'released',
      endedAt: box.now,
      bookingId: booking.id,
    });
    expect(box.paymentNow(payment)).toMatchObject({ status: 'refunded', refundedAmount: 1_500 });
    expect(box.store.event).toMatchObject({ bookedSeats: 0, unbookedSeats: 20, version: 3 });
    expect(codeOf(() => box.lock('bob', [1]))).toBe('done');
  });

  test('cancelled again is returned unchanged, even after the event’s date, and nothing is refunded twice', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 2]);
    const cancelled = box.cancel('ann', bookings[0]);
    for (const waitMs of [0, 2 * DAY_MS]) {
      box.wait(waitMs);
      expect(box.cancel('ann', bookings[0])).toEqual(cancelled);
      expect(box.announced.at(-1)).toBeNull();
    }
    expect(box.paymentNow(payment)).toMatchObject({ status: 'completed', refundedAmount: 1_500 });
    expect(box.store.event.bookedSeats).toBe(1);
  });

  test('that was PENDING frees its seat at once; its money waits for the settlement', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 2], { cardStatus: 'processing' });
    expect(box.cancel('ann', bookings[0])).toMatchObject({
      status: 'cancelled',
      paymentStatus: 'pending',
      expiresAt: null,
    });
    expect(box.paymentNow(payment)).toMatchObject({ status: 'pending', refundedAmount: 0 });
    expect(codeOf(() => box.lock('bob', [1]))).toBe('done');
  });
});

test.each<[what: string, seats: number[], amount: number, cancelled: number[], refunded: number]>([
  ['a seat with a price', [1, 5], 2_500, [1], 1_500],
  ['a seat with a price beside one without', [1, 9], 1_900, [1], 1_500],
  ['a seat without a price beside one with', [1, 9], 1_900, [9], 400],
  ['the lowest of the seats without one', [11, 9, 10], 1_001, [9], 335],
  ['another of them', [11, 9, 10], 1_001, [11], 333],
  ['two of them', [11, 9, 10], 1_001, [11, 9], 668],
  ['all of them', [11, 9, 10], 1_001, [10, 11, 9], 1_001],
])('the share of %s is refunded: seats %j for %i, cancelled %j', (_, seats, amount, cancelled, refunded) => {
  const box = new BoxOffice();
  const { payment, bookings } = box.book('ann', seats, { amount });
  for (const booking of bookings) if (cancelled.includes(booking.seatNumber)) box.cancel('ann', booking);
  expect(box.paymentNow(payment)).toMatchObject({
    refundedAmount: refunded,
    status: refunded === amount ? 'refunded' : 'completed',
  });
});

test.each([
  ['a millisecond before', DAY_MS - 1, 'done'],
  ['from', DAY_MS, 'BOOKING_NOT_CANCELLABLE'],
] as const)('a booking can be cancelled %s the event’s date: %s', (_, waitMs, code) => {
  const box = new BoxOffice();
  const { booking } = box.bookOne('ann', 1);
  box.wait(waitMs);
  expect(codeOf(() => box.cancel('ann', booking))).toBe(code);
});

test('a booking can be cancelled after its lock’s time', () => {
  const box = new BoxOffice();
  const { booking } = box.bookOne('ann', 1);
  box.wait(RULES.lockTtlMs);
  expect(box.cancel('ann', booking).status).toBe('cancelled');
});

test('an unknown booking and another user’s booking get the same refusal', () => {
  const box = new BoxOffice();
  const { booking } = box.bookOne('bob', 1);
  box.cancel('bob', box.bookOne('bob', 2).booking);
  const cancelledId = [...box.store.bookings.values()].find(({ seatNumber }) => seatNumber === 2)?.id;
  for (const id of [booking.id, cancelledId as string, NO_BOOKING_ID]) {
    const { code, message, details } = refusalOf(() => box.cancel('ann', { id }));
    expect([code, message, details]).toEqual([
      'BOOKING_NOT_FOUND',
      'You have no booking with this id.',
      { field: 'id' },
    ]);
  }
  expect(box.bookingNow(booking).status).toBe('confirmed');
});
