import { expect, test } from 'vitest';
import { BoxOffice, eventOf, later, NOW, RULES } from '../test/support/booking-fixtures.js';
import { PAYMENTS_EXPIRED_AT_ONCE_MAX, PENDING_PAYMENT_MS_MAX } from './expire-payments.js';
import { SEATS_NO_LONGER_HELD } from './payment.js';

const processing = { cardStatus: 'processing' } as const;
const FAR = { eventDate: later(10 * PENDING_PAYMENT_MS_MAX) };

/** A PENDING payment whose booking was cancelled as overdue. */
function timedOut(box: BoxOffice, seatNumber = 1) {
  const booked = box.bookOne('ann', seatNumber, processing);
  box.wait(RULES.pendingBookingTtlMs);
  box.expireBookings();
  return booked;
}

test.each([
  ['in its last millisecond stays PENDING', PENDING_PAYMENT_MS_MAX - 1, 0, 'pending'],
  ['from then on fails', PENDING_PAYMENT_MS_MAX, 1, 'failed'],
] as const)('a payment whose bookings have timed out %s', (_, ageMs, ended, status) => {
  const box = new BoxOffice(eventOf(FAR));
  const { payment, booking } = timedOut(box);
  box.now = later(ageMs);
  expect(box.expirePayments()).toEqual({ ended, hasMore: false });
  expect(box.paymentNow(payment).status).toBe(status);
  expect(box.bookingNow(booking).paymentStatus).toBe(status);
  expect(box.expirePayments()).toEqual({ ended: 0, hasMore: false });
});

test('such a failed payment has a reason, and an even later settlement confirms its booking', () => {
  const box = new BoxOffice(eventOf(FAR));
  const { payment, booking } = timedOut(box);
  box.now = later(PENDING_PAYMENT_MS_MAX);
  box.expirePayments();
  expect(box.paymentNow(payment)).toMatchObject({
    reason: SEATS_NO_LONGER_HELD,
    retryable: false,
    processedAt: box.now,
  });
  box.settle('ann', payment, 'completed');
  expect(box.bookingNow(booking)).toMatchObject({ status: 'confirmed', paymentStatus: 'completed' });
});

test('a payment whose booking is still PENDING is left alone', () => {
  const box = new BoxOffice(eventOf(FAR));
  const { payment } = box.bookOne('ann', 1, processing);
  box.now = later(PENDING_PAYMENT_MS_MAX);
  expect(box.expirePayments()).toEqual({ ended: 0, hasMore: false });
  expect(box.paymentNow(payment)).toEqual(payment);
});

test('a payment that an earlier release left PENDING without a seat fails', () => {
  const box = new BoxOffice(eventOf(FAR));
  const lock = box.lockOne('ann', 1);
  const payment = box.pay('ann', [lock], processing);
  box.store.locks.set(lock.id, {
    ...lock,
    status: 'expired',
    endedAt: lock.expiresAt,
    paymentId: payment.id,
  });
  box.now = later(PENDING_PAYMENT_MS_MAX);
  box.expirePayments();
  expect(box.paymentNow(payment)).toMatchObject({ status: 'failed', reason: SEATS_NO_LONGER_HELD });
  expect(box.settle('ann', payment, 'completed').status).toBe('refunded');
});

test('an expiry command ends no more than its limit, and reports that there is more', () => {
  const count = PAYMENTS_EXPIRED_AT_ONCE_MAX + 1;
  const box = new BoxOffice(eventOf({ ...FAR, totalSeats: count }), { ...RULES, seatsPerViewerMax: count });
  for (let seat = 1; seat <= count; seat++) box.bookOne('ann', seat, processing);
  box.wait(RULES.pendingBookingTtlMs);
  for (let more = true; more; ) more = box.expireBookings().hasMore;
  box.now = later(PENDING_PAYMENT_MS_MAX, NOW);
  expect(box.expirePayments()).toEqual({ ended: PAYMENTS_EXPIRED_AT_ONCE_MAX, hasMore: true });
  expect(box.expirePayments()).toEqual({ ended: 1, hasMore: false });
});
