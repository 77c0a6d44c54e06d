import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  BOOKINGS_OF_PAYMENT,
  CANCEL_BOOKING,
  CHECK_OUT,
  CONFIRM_BOOKING,
  LOCK_SEATS,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
  START_GUEST,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';

/** Paying and booking in one step, through the whole server and the real database. */

let app: App;
let organizer: TestUser;
let ann: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  [organizer, ann] = (await app.users(2)) as [TestUser, TestUser];
});
afterAll(() => app.close());
afterEach(() => {
  vi.restoreAllMocks();
});

const PRICE = { amount: 1_500, currency: 'EUR' };

/** An event in which the user holds these seats. */
async function hold(user: Pick<TestUser, 'token'>, seatNumbers: number[]): Promise<string> {
  const eventId = await app.event(organizer, { totalSeats: 20, price: PRICE });
  await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
  return eventId;
}

test('a guest names where the tickets go; an account’s own address is the default', async () => {
  const guest = (await app.ok(START_GUEST)).startGuest;
  const eventId = await hold(guest, [1, 2]);
  for (const contactEmail of [null, 'no address']) {
    const input = { eventId, contactEmail, requestId: 'r' };
    const { code, details } = await app.refused(CHECK_OUT, { input }, guest);
    expect([code, details]).toEqual(['BAD_USER_INPUT', { field: 'contactEmail' }]);
  }
  const input = { eventId, contactEmail: ' Gus@Example.com', requestId: 'r' };
  const { checkOut } = await app.ok(CHECK_OUT, { input }, guest);
  expect(checkOut).toMatchObject({
    payment: { status: 'COMPLETED', amount: 3_000, currency: 'EUR', contactEmail: 'gus@example.com' },
    bookings: [
      { seatNumber: 1, status: 'CONFIRMED' },
      { seatNumber: 2, status: 'CONFIRMED' },
    ],
    clientSecret: null,
  });
  expect(checkOut.payment.bookings).toEqual(checkOut.bookings.map(({ id }) => ({ id })));

  const own = await app.ok(CHECK_OUT, { input: { eventId: await hold(ann, [1]), requestId: 'own' } }, ann);
  expect(own.checkOut.payment.contactEmail).toBe(ann.email);
});

test('a payment shows its bookings as they are, and a reference for people that stays the same', async () => {
  const eventId = await hold(ann, [5, 3]);
  const { checkOut } = await app.ok(CHECK_OUT, { input: { eventId, requestId: eventId } }, ann);
  const { id: cancelled = '' } = checkOut.bookings[1] ?? {};
  await app.ok(CANCEL_BOOKING, { id: cancelled }, ann);
  const { paymentId, reference } = checkOut.payment;
  expect(reference).toMatch(/^[3-9A-Y]{3}-[3-9A-Y]{3}$/);
  expect((await app.ok(BOOKINGS_OF_PAYMENT, { paymentId }, ann)).payment).toEqual({
    reference,
    contactEmail: ann.email,
    bookings: [
      { id: checkOut.bookings[0]?.id, seatNumber: 3, status: 'CONFIRMED' },
      { id: cancelled, seatNumber: 5, status: 'CANCELLED' },
    ],
  });
});

test('a refused card keeps the hold, and a slow one is settled later', async () => {
  const eventId = await hold(ann, [1]);
  const pay = (simulatedCard: 'DECLINED' | 'PROCESSING') =>
    app.ok(CHECK_OUT, { input: { eventId, simulatedCard, requestId: `${eventId} ${simulatedCard}` } }, ann);
  const refused = (await pay('DECLINED')).checkOut;
  expect(refused).toMatchObject({
    payment: { status: 'FAILED', retryable: true, bookings: [] },
    bookings: [],
  });
  const { payment, bookings } = (await pay('PROCESSING')).checkOut;
  expect([payment.status, bookings[0]?.status]).toEqual(['PENDING', 'PENDING']);
  await app.ok(SETTLE_PAYMENT, { input: { paymentId: payment.paymentId, outcome: 'COMPLETED' } }, ann);
  expect(await pay('DECLINED')).toEqual({ checkOut: refused });
  expect((await pay('PROCESSING')).checkOut.bookings[0]?.status).toBe('CONFIRMED');
  await recount(app.database, eventId);
});

test('nothing is paid when one of two seats has lapsed, also once the lapse is recorded', async () => {
  const eventId = await hold(ann, [1]);
  app.clock.advance(60_000);
  await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [2] } }, ann);
  app.clock.advance(4 * 60_000);
  for (const record of [async () => {}, () => app.app.jobs.lockExpiry.run()]) {
    await record();
    for (const seatNumbers of [null, [1, 2]]) {
      const { code, details } = await app.refused(
        CHECK_OUT,
        { input: { eventId, seatNumbers, requestId: eventId } },
        ann,
      );
      expect([code, details]).toEqual(['HOLD_EXPIRED', { seatNumbers: [1], bookedSeatNumbers: [] }]);
    }
  }
  expect((await recount(app.database, eventId)).payments).toEqual([]);
});

test('a lock that simulatePayment has paid for is confirmed, not paid for again', async () => {
  const eventId = await hold(ann, [1, 2]);
  const [lock] = await app.database.locks.find({ eventId, seatNumber: 1 }).lean().exec();
  const lockId = lock?._id as string;
  const card = { lockIds: [lockId], cardStatus: 'SUCCESS' as const };
  const { simulatePayment } = await app.ok(SIMULATE_PAYMENT, { input: card }, ann);
  const { code, details } = await app.refused(CHECK_OUT, { input: { eventId, requestId: eventId } }, ann);
  const { paymentId } = simulatePayment;
  expect([code, details]).toEqual(['LOCK_ALREADY_PAID', { lockId, paymentId }]);
  await app.ok(CONFIRM_BOOKING, { input: { lockId, paymentId, requestId: eventId } }, ann);
  const rest = await app.ok(CHECK_OUT, { input: { eventId, requestId: eventId } }, ann);
  expect(rest.checkOut.bookings.map(({ seatNumber }) => seatNumber)).toEqual([2]);
});

/** What is lost on the way to the database or back, once. */
const LOSSES = ['the claim', 'the commit', 'the commit’s answer'] as const;

test.each(LOSSES)('if %s is lost, a repeated call gives the same bookings and payment', async (what) => {
  const eventId = await hold(ann, [1, 2]);
  loseOnce(what);
  const input = { eventId, requestId: eventId };
  const first = await app.call(CHECK_OUT, { input }, ann);
  const again = await app.ok(CHECK_OUT, { input }, ann);
  if (first.errors === undefined) expect(first.data).toEqual(again);
  const { payments, bookings } = await recount(app.database, eventId);
  expect(payments.map(({ paymentId }) => paymentId)).toEqual([again.checkOut.payment.paymentId]);
  expect(bookings.map(({ _id }) => _id).sort()).toEqual(again.checkOut.bookings.map(({ id }) => id).sort());
});

function loseOnce(what: (typeof LOSSES)[number]): void {
  const lost = () => new mongo.MongoNetworkError('lost');
  const { client, events } = app.database;
  if (what === 'the claim') {
    vi.spyOn(events.collection, 'findOneAndUpdate').mockRejectedValueOnce(lost());
    return;
  }
  const startSession = client.startSession.bind(client);
  let isLost = false;
  vi.spyOn(client, 'startSession').mockImplementation((options) => {
    const session = startSession(options);
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = async () => {
      if (!isLost && what === 'the commit') {
        isLost = true;
        throw lost();
      }
      await commit();
      if (isLost) return;
      isLost = true;
      throw lost();
    };
    return session;
  });
}
