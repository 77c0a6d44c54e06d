import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  BOOKING,
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  LOCK_SEAT,
  LOG_IN,
  MY_PAYMENTS,
  PAYMENT,
  RELEASE_LOCK,
  SEAT_LOCK,
  SETTLE_PAYMENT,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { type TestApp as App, TestApp } from '../support/test-app.js';

/**
 * What MongoDB's TTL indexes delete and keep: nothing is lost that a booking, a payment that may still settle or be
 * refunded, or a repeated call needs. The test deletes by the indexes' conditions, at the test's time.
 */

const DAY_MS = 24 * 60 * 60 * 1_000;
const credentials = { email: 'ann@example.com', password: 'a long password' };

let app: App;
let user: { token: string };
let eventId: string;
beforeAll(async () => {
  app = await TestApp.start({ config: { seatsPerViewerMax: 100 } });
  await app.ok(SIGN_UP, { input: credentials });
});
afterAll(() => app.close());
beforeEach(async () => {
  await logIn();
  const eventDate = new Date(app.clock.now().getTime() + 200 * DAY_MS).toISOString();
  eventId = await app.event(await app.user(), { totalSeats: 50, eventDate });
});

/** Tokens do not live as long as records do. */
async function logIn(): Promise<void> {
  user = (await app.ok(LOG_IN, { input: credentials })).logIn;
}

/** Deletes what MongoDB would delete. */
async function deleteOutdated(): Promise<void> {
  for (const { collection } of Object.values(app.database.connection.models)) {
    for (const { key, expireAfterSeconds, partialFilterExpression } of await collection.indexes()) {
      if (expireAfterSeconds === undefined) continue;
      const [field = ''] = Object.keys(key);
      const before = new Date(app.clock.now().getTime() - expireAfterSeconds * 1_000);
      await collection.deleteMany({ $and: [partialFilterExpression ?? {}, { [field]: { $lt: before } }] });
    }
  }
}

async function daysLater(days: number): Promise<void> {
  app.clock.advance(days * DAY_MS);
  await deleteOutdated();
  await logIn();
}

const lock = async (seatNumber: number) =>
  (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, user)).lockSeat.id;
type Card = 'SUCCESS' | 'PROCESSING' | 'DECLINED';
const payment = (lockId: string, cardStatus: Card) => ({
  input: { lockIds: [lockId], amount: 1_000, currency: 'USD', cardStatus, requestId: `pay ${lockId}` },
});
const pay = async (lockId: string, cardStatus: Card) =>
  (await app.ok(SIMULATE_PAYMENT, payment(lockId, cardStatus), user)).simulatePayment.paymentId;
const confirmation = (lockId: string, paymentId: string) => ({
  input: { lockId, paymentId, requestId: `confirm ${lockId}` },
});
const confirm = async (lockId: string, paymentId: string) =>
  (await app.ok(CONFIRM_BOOKING, confirmation(lockId, paymentId), user)).confirmBooking.id;
const settle = async (paymentId: string, outcome: 'COMPLETED' | 'FAILED') =>
  (await app.ok(SETTLE_PAYMENT, { input: { paymentId, outcome } }, user)).settlePayment;
const bookingOf = async (id: string) => (await app.ok(BOOKING, { id }, user)).booking;
/** Lets enough time pass for locks to expire and PENDING bookings to be cancelled, and runs the jobs. */
async function expireAll(): Promise<void> {
  app.clock.advance(31 * 60_000);
  await app.app.jobs.lockExpiry.run();
  await app.app.jobs.bookingExpiry.run();
}

describe('after 29 days', () => {
  test('everything is still stored, and a repeated call gives the same answer', async () => {
    const released = await lock(1);
    await app.ok(RELEASE_LOCK, { lockId: released }, user);
    const tried = await lock(2);
    const refused = await pay(tried, 'DECLINED');
    const booked = await lock(3);
    const paid = await pay(booked, 'SUCCESS');
    const booking = await confirm(booked, paid);
    await expireAll();
    await daysLater(29);
    for (const [id, status] of [
      [released, 'RELEASED'],
      [tried, 'EXPIRED'],
      [booked, 'USED'],
    ] as const) {
      expect((await app.ok(SEAT_LOCK, { id }, user)).seatLock).toMatchObject({ id, status });
    }
    expect(await pay(tried, 'DECLINED')).toBe(refused);
    expect(await pay(booked, 'SUCCESS')).toBe(paid);
    expect(await confirm(booked, paid)).toBe(booking);
  });
});

describe('after 32 days', () => {
  test('locks that ended unpaid and payments that were refused at once are deleted for everybody', async () => {
    const released = await lock(1);
    await app.ok(RELEASE_LOCK, { lockId: released }, user);
    const tried = await lock(2);
    const refused = await pay(tried, 'DECLINED');
    await expireAll();
    await daysLater(32);
    for (const id of [released, tried]) {
      expect(await app.refused(SEAT_LOCK, { id }, user)).toMatchObject({ code: 'LOCK_NOT_FOUND' });
      expect(await app.refused(RELEASE_LOCK, { lockId: id }, user)).toMatchObject({ code: 'LOCK_NOT_FOUND' });
    }
    expect(await app.refused(PAYMENT, { paymentId: refused }, user)).toMatchObject({
      code: 'PAYMENT_NOT_FOUND',
    });
    expect(await app.refused(SIMULATE_PAYMENT, payment(tried, 'DECLINED'), user)).toMatchObject({
      code: 'LOCK_NOT_FOUND',
    });
    // The seats are still free.
    await lock(1);
  });

  test('a payment that is still PENDING still finds its expired lock when it settles, and is refunded', async () => {
    const slow = await pay(await lock(1), 'PROCESSING');
    await expireAll();
    await daysLater(32);
    expect(await settle(slow, 'COMPLETED')).toMatchObject({ status: 'REFUNDED' });
  });

  test('a booking that timed out is confirmed by its late payment', async () => {
    const lockId = await lock(1);
    const slow = await pay(lockId, 'PROCESSING');
    const booking = await confirm(lockId, slow);
    await expireAll();
    expect(await bookingOf(booking)).toMatchObject({ status: 'CANCELLED' });
    await daysLater(32);
    expect(await settle(slow, 'COMPLETED')).toMatchObject({ status: 'COMPLETED' });
    expect(await bookingOf(booking)).toMatchObject({ status: 'CONFIRMED' });
    expect((await app.ok(SEAT_LOCK, { id: lockId }, user)).seatLock).toMatchObject({ status: 'USED' });
  });

  test('a confirmed booking can be cancelled, and is refunded', async () => {
    const lockId = await lock(1);
    const paid = await pay(lockId, 'SUCCESS');
    const booking = await confirm(lockId, paid);
    await daysLater(32);
    await app.ok(CANCEL_BOOKING, { id: booking }, user);
    await daysLater(32);
    expect(await bookingOf(booking)).toMatchObject({ status: 'CANCELLED', payment: { status: 'REFUNDED' } });
    expect((await app.ok(SEAT_LOCK, { id: lockId }, user)).seatLock).toMatchObject({ status: 'RELEASED' });
    expect((await app.ok(PAYMENT, { paymentId: paid }, user)).payment).toMatchObject({ status: 'REFUNDED' });
  });

  test('a booking whose payment failed when it settled still has that payment', async () => {
    const lockId = await lock(1);
    const slow = await pay(lockId, 'PROCESSING');
    const booking = await confirm(lockId, slow);
    await settle(slow, 'FAILED');
    await daysLater(32);
    expect(await bookingOf(booking)).toMatchObject({ status: 'CANCELLED', payment: { status: 'FAILED' } });
    expect(await settle(slow, 'FAILED')).toMatchObject({ status: 'FAILED' });
    const { me } = await app.ok(MY_PAYMENTS, { first: 100 }, user);
    expect(me.payments.nodes.map(({ paymentId }) => paymentId)).toContain(slow);
  });
});

test('a repeated payment whose record was deleted first is PAYMENT_NOT_FOUND', async () => {
  const lockId = await lock(1);
  const refused = await pay(lockId, 'DECLINED');
  await app.database.payments.deleteOne({ paymentId: refused });
  expect(await app.refused(SIMULATE_PAYMENT, payment(lockId, 'DECLINED'), user)).toMatchObject({
    code: 'PAYMENT_NOT_FOUND',
  });
});
