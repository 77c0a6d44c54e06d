import { describe, expect, test } from 'vitest';
import { BoxOffice, RULES } from '../test/support/booking-fixtures.js';
import { messagesOf } from './outbox-messages.js';
import type { Payment } from './payment.js';
import { WorkingSet } from './working-set.js';

const STRIPE = 'stripe';
const ids = (box: BoxOffice) => [...box.store.outbox.keys()];

/** A PENDING booking of these seats whose payment was started at a provider. */
function started<const Seats extends readonly number[]>(box: BoxOffice, seats: Seats) {
  const booked = box.book('ann', seats, { cardStatus: 'processing' });
  box.store.payments.set(booked.payment.id, { ...box.paymentNow(booked.payment), provider: STRIPE });
  return booked;
}

describe('a payment at a provider', () => {
  const ofNewPayment = (payment: Partial<Payment>) => {
    const box = new BoxOffice();
    const { payment: made } = box.bookOne('ann', 1, { cardStatus: 'processing' });
    const set = new WorkingSet({
      event: box.store.event,
      locks: [],
      payments: [],
      bookings: [],
      requests: [],
      occupancy: null,
    });
    const changed = { ...made, provider: STRIPE, ...payment };
    set.apply({
      settings: null,
      locks: [],
      payments: [changed],
      bookings: [],
      requests: [],
      removedRequestIds: [],
    });
    return { messages: messagesOf(set), payment: changed };
  };

  test('is started, with the sum of the seats', () => {
    const { messages, payment } = ofNewPayment({});
    expect(messages).toEqual([
      {
        id: `${payment.id}:start`,
        kind: 'startPayment',
        paymentId: payment.id,
        provider: STRIPE,
        amount: payment.amount,
        currency: 'USD',
      },
    ]);
  });

  test('is not started if it is simulated, or failed in the batch that made it', () => {
    expect(ofNewPayment({ provider: 'simulated' }).messages).toEqual([]);
    expect(ofNewPayment({ status: 'failed', reason: 'The seats were no longer held' }).messages).toEqual([]);
  });

  test('is cancelled when its bookings time out, and once however many they are', () => {
    const box = new BoxOffice();
    const { payment } = started(box, [1, 2]);
    box.wait(RULES.pendingBookingTtlMs);
    box.expireBookings();
    expect(ids(box)).toEqual([`${payment.id}:cancel`]);
  });

  test('is cancelled when the user gives the last seat back, and not before', () => {
    const box = new BoxOffice();
    const { payment, bookings } = started(box, [1, 2]);
    box.cancel('ann', bookings[0]);
    expect(ids(box)).toEqual([]);
    box.cancel('ann', bookings[1]);
    expect(ids(box)).toEqual([`${payment.id}:cancel`]);
  });

  test('that succeeds after its time-out is refunded if a seat is gone, and nothing else is asked', () => {
    const box = new BoxOffice();
    const { payment, locks } = started(box, [1]);
    box.wait(RULES.pendingBookingTtlMs);
    box.expireBookings();
    box.lock('bob', [1]);
    box.settle(null, payment, 'completed');
    expect(ids(box)).toEqual([`${payment.id}:cancel`, `${payment.id}:refund:${locks[0].id}`]);
  });

  test('that the provider fails is neither cancelled nor refunded', () => {
    const box = new BoxOffice();
    const { payment } = started(box, [1]);
    box.settle(null, payment, 'failed');
    expect(ids(box)).toEqual([]);
  });
});

describe('a refund', () => {
  test('is asked for each seat, with the price of that seat', () => {
    const box = new BoxOffice();
    const { payment, bookings } = box.book('ann', [1, 5]);
    box.cancel('ann', bookings[1]);
    box.cancel('ann', bookings[0]);
    const amounts = [...box.store.outbox.values()].map((message) => 'amount' in message && message.amount);
    expect(amounts).toEqual([1_000, 1_500]);
    expect(new Set(ids(box)).size).toBe(2);
    expect(box.paymentNow(payment).status).toBe('refunded');
  });

  test('of a share of nothing is not asked: providers refuse it', () => {
    const box = new BoxOffice();
    const { bookings } = box.book('ann', [9, 10], { amount: 1, currency: 'USD' });
    for (const booking of bookings) box.cancel('ann', booking);
    expect([...box.store.outbox.values()]).toMatchObject([{ amount: 1 }]);
  });
});
