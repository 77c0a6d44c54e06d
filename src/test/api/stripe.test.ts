import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CLAIM_MS } from '../../booking/outbox.js';
import { DECLINES_MAX } from '../../payments/notifications.js';
import { FIRST_CHECK_MS } from '../../payments/settlements.js';
import { BEHIND_PROXY, callFrom, outcomeOf } from '../attacks/caller.js';
import { captureLog } from '../support/captured-log.js';
import { FakeStripe, type Intent, STRIPE_KEYS, sendEvent } from '../support/fake-stripe.js';
import {
  BOOKING,
  CANCEL_BOOKING,
  CHECK_OUT,
  CREATE_EVENT,
  EVENT,
  LOCK_SEATS,
  PAYMENT,
  SETTLE_PAYMENT,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import { TestApp, type TestUser } from '../support/test-app.js';

/** Payments by Stripe, through the whole server and the real database; Stripe itself is a fake with books. */

const PENDING_MS = 1_800_000;
const PRICE = { amount: 1_500, currency: 'EUR' };
const { log, lines } = captureLog();

let stripe: FakeStripe;
let app: TestApp;
let organizer: TestUser;
let ann: TestUser;
let bob: TestUser;
beforeAll(async () => {
  stripe = await FakeStripe.start();
  const config = { paymentProvider: 'stripe' as const, ...STRIPE_KEYS, stripeApiUrl: stripe.url };
  app = await TestApp.start({ config, log });
  [organizer, ann, bob] = (await app.users(3)) as [TestUser, TestUser, TestUser];
});
afterAll(async () => {
  await app.close();
  await stripe.close();
});
afterEach(() => {
  stripe.losesAnswer = () => false;
  stripe.refuses = () => null;
  stripe.events.splice(0);
});

const deliver = () => stripe.deliver(app.url, app.clock.now().getTime());
const send = (event: Parameters<typeof sendEvent>[1]) => sendEvent(app.url, event, app.clock.now().getTime());
const hold = (eventId: string, seatNumbers: number[], user = ann) =>
  app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);

/** Checks seats of a new event out, which the customer has not paid yet. */
async function checkOut(seatNumbers = [1]) {
  const eventId = await app.event(organizer, { totalSeats: 20, price: PRICE });
  await hold(eventId, seatNumbers);
  const input = { eventId, requestId: eventId };
  const again = async () => (await app.ok(CHECK_OUT, { input }, ann)).checkOut;
  const { payment, bookings, clientSecret } = await again();
  const { paymentId } = payment;
  await expect.poll(() => stripe.intentsOf(paymentId)).toHaveLength(1);
  const intent = stripe.intentsOf(paymentId)[0] as Intent;
  const bookingId = bookings[0]?.id as string;
  const paymentNow = async () => (await app.ok(PAYMENT, { paymentId }, ann)).payment;
  const bookingNow = async () => (await app.ok(BOOKING, { id: bookingId }, ann)).booking?.status;
  return { eventId, paymentId, bookingId, bookings, clientSecret, intent, again, paymentNow, bookingNow };
}

/** Sends what is due, as the job does, until nothing waits for an earlier message. */
async function sendDue(ms = CLAIM_MS): Promise<void> {
  app.clock.advance(ms);
  await app.app.jobs.outbox.run();
  app.clock.advance(2_000);
  await app.app.jobs.outbox.run();
}

const isDone = (id: string) => app.database.outbox.exists({ _id: id, state: 'done' }).exec();

async function timeOut(): Promise<void> {
  app.clock.advance(PENDING_MS);
  await app.app.jobs.bookingExpiry.run();
}

test('a check-out keeps the seats and gives the secret to pay with, the same when it is repeated', async () => {
  const { clientSecret, intent, bookings, again, paymentNow, bookingNow } = await checkOut([1, 2]);
  expect(intent).toMatchObject({ amount: 3_000, currency: 'eur', status: 'requires_payment_method' });
  expect(clientSecret).toBe(intent.client_secret);
  expect(bookings.map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
  expect((await again()).clientSecret).toBe(intent.client_secret);
  expect(stripe.intents.size).toBe(1);

  stripe.pay(intent);
  expect(await deliver()).toEqual([200]);
  expect([(await paymentNow())?.status, await bookingNow()]).toEqual(['COMPLETED', 'CONFIRMED']);
  expect((await again()).clientSecret).toBeNull();
  // A secret lets anybody see and pay the PaymentIntent.
  expect(JSON.stringify(lines)).not.toContain('_secret_');
});

test('the page gets the publishable key, and nobody can simulate or settle', async () => {
  const { eventId, paymentId } = await checkOut();
  expect((await app.ok(EVENT, { id: eventId })).event).toMatchObject({
    paymentProvider: 'STRIPE',
    stripePublishableKey: STRIPE_KEYS.stripePublishableKey,
  });
  const settle = { input: { paymentId, outcome: 'COMPLETED' as const } };
  expect((await app.refused(SETTLE_PAYMENT, settle, ann)).code).toBe('PAYMENT_PROVIDER_OTHER');
  // A payment that was started here is not settled by its payer where payments are simulated later.
  const simulating = await TestApp.start({
    sharing: app,
    config: { ...STRIPE_KEYS, paymentProvider: 'simulated' },
  });
  expect((await simulating.refused(SETTLE_PAYMENT, settle, ann)).code).toBe('PAYMENT_PROVIDER_OTHER');
  // Stripe's rules about amounts are not those of simulated payments.
  await simulating.event(organizer, { totalSeats: 1, price: { amount: 1_234, currency: 'KWD' } });
  await simulating.close({ keepData: true });
});

describe('a start', () => {
  test('whose answer is lost is repeated, and there is one PaymentIntent', async () => {
    stripe.losesAnswer = ({ route }) => route === 'POST /v1/payment_intents';
    const { clientSecret, intent, paymentId, again } = await checkOut();
    expect(clientSecret).toBeNull();
    stripe.losesAnswer = () => false;
    expect((await again()).clientSecret).toBe(intent.client_secret);
    await sendDue();
    expect(await isDone(`${paymentId}:start`)).not.toBeNull();
    expect(stripe.intentsOf(paymentId)).toEqual([intent]);
  });

  test('whose notification is faster than its own answer is settled all the same, and can be refunded', async () => {
    stripe.losesAnswer = ({ route }) => route === 'POST /v1/payment_intents';
    const { intent, bookingId, bookingNow } = await checkOut();
    stripe.pay(intent);
    expect(await deliver()).toEqual([200]);
    expect(await bookingNow()).toBe('CONFIRMED');
    await app.ok(CANCEL_BOOKING, { id: bookingId }, ann);
    await expect.poll(() => stripe.kept(intent)).toBe(0);
  });

  test('that Stripe refuses for good fails the payment and frees the seats', async () => {
    stripe.refuses = ({ route }) =>
      route === 'POST /v1/payment_intents'
        ? { status: 400, body: { error: { type: 'invalid_request_error', code: 'amount_too_small' } } }
        : null;
    const eventId = await app.event(organizer, { totalSeats: 20, price: PRICE });
    await hold(eventId, [1]);
    const input = { eventId, requestId: eventId };
    const { payment, clientSecret } = (await app.ok(CHECK_OUT, { input }, ann)).checkOut;
    expect(clientSecret).toBeNull();
    const { paymentId } = payment;
    const failed = { status: 'FAILED', reason: 'The payment provider refused the payment' };
    await expect.poll(async () => (await app.ok(PAYMENT, { paymentId }, ann)).payment).toMatchObject(failed);
    await hold(eventId, [1], bob);
  });
});

describe('a start that is sent again', () => {
  /** As if this process had died before it recorded that the message was sent, and Stripe was asked a day later. */
  async function unrecordedStart() {
    const made = await checkOut();
    const id = `${made.paymentId}:start`;
    await expect.poll(() => isDone(id)).not.toBeNull();
    await app.database.outbox.updateOne({ _id: id }, { $set: { state: 'waiting' } });
    stripe.forgetKeys();
    return { ...made, id };
  }

  test('makes no second PaymentIntent, and fails no payment that can be paid already', async () => {
    const { id, intent, paymentId, again, bookingNow } = await unrecordedStart();
    stripe.refuses = ({ route }) =>
      route === 'POST /v1/payment_intents'
        ? { status: 400, body: { error: { type: 'idempotency_error' } } }
        : null;
    await sendDue();
    expect(await isDone(id)).not.toBeNull();
    expect(stripe.intentsOf(paymentId)).toEqual([intent]);
    expect((await again()).clientSecret).toBe(intent.client_secret);
    stripe.pay(intent);
    await deliver();
    expect(await bookingNow()).toBe('CONFIRMED');
  });

  test('by a repeated check-out gives no secret of a payment that was cancelled at Stripe, and settles it', async () => {
    const { intent, again, bookingNow } = await checkOut();
    intent.status = 'canceled';
    expect((await again()).clientSecret).toBeNull();
    expect(await bookingNow()).toBe('CANCELLED');
  });
});

describe('a payment whose bookings timed out', () => {
  test('is cancelled at Stripe, also if the cancel overtakes the start', async () => {
    stripe.refuses = () => ({ status: 503, body: { error: { type: 'api_error' } } });
    const eventId = await app.event(organizer, { totalSeats: 20, price: PRICE });
    await hold(eventId, [1]);
    const { checkOut: pending } = await app.ok(CHECK_OUT, { input: { eventId, requestId: 'r' } }, ann);
    const { paymentId } = pending.payment;
    await timeOut();
    await expect.poll(() => app.database.outbox.exists({ _id: `${paymentId}:cancel` })).not.toBeNull();
    stripe.refuses = () => null;
    await sendDue();
    await sendDue();
    expect(stripe.intentsOf(paymentId)).toMatchObject([{ status: 'canceled' }]);
    const { payment } = await app.ok(PAYMENT, { paymentId }, ann);
    expect(payment).toMatchObject({ status: 'FAILED', reason: 'Payment was cancelled' });
    // Stripe tells the same once more, also of payments of other tests.
    expect(new Set(await deliver())).toEqual(new Set([200]));
  });

  test('and is paid all the same is confirmed if the seat is free, and refunded if it is not', async () => {
    for (const isTaken of [false, true]) {
      stripe.refuses = ({ route }) =>
        route.endsWith('/cancel') ? { status: 503, body: { error: { type: 'api_error' } } } : null;
      const { eventId, intent, again, paymentNow, bookingNow } = await checkOut();
      await timeOut();
      expect((await again()).clientSecret).toBeNull();
      if (isTaken) await hold(eventId, [1], bob);
      stripe.pay(intent);
      expect(await deliver()).toEqual([200]);
      expect(await bookingNow()).toBe(isTaken ? 'CANCELLED' : 'CONFIRMED');
      await expect.poll(() => stripe.kept(intent)).toBe(isTaken ? 0 : PRICE.amount);
      stripe.refuses = () => null;
      // The cancel finds that it is too late, and changes nothing.
      await sendDue();
      expect((await paymentNow())?.status).toBe(isTaken ? 'REFUNDED' : 'COMPLETED');
      await recount(app.database, eventId);
    }
  });
});

describe('notifications', () => {
  test('change nothing when they are repeated, late or in another order', async () => {
    const { intent, eventId, bookingId, bookingNow } = await checkOut();
    stripe.decline(intent);
    stripe.pay(intent);
    const [declined, paid] = stripe.events.splice(0) as [never, never];
    expect([await send(paid), await send(declined), await send(paid)]).toEqual([200, 200, 200]);
    expect(await bookingNow()).toBe('CONFIRMED');
    await app.ok(CANCEL_BOOKING, { id: bookingId }, ann);
    await expect.poll(() => stripe.kept(intent)).toBe(0);
    expect([await send(paid), await bookingNow()]).toEqual([200, 'CANCELLED']);
    expect(stripe.refunds.filter(({ payment_intent }) => payment_intent === intent.id)).toHaveLength(1);
    await recount(app.database, eventId);
  });

  test('that never come are replaced by a comparison with Stripe', async () => {
    const { intent, bookingNow } = await checkOut();
    stripe.pay(intent);
    stripe.events.splice(0);
    await app.app.jobs.paymentCheck?.run();
    expect(await bookingNow()).toBe('PENDING');
    app.clock.advance(FIRST_CHECK_MS);
    await app.app.jobs.paymentCheck?.run();
    expect(await bookingNow()).toBe('CONFIRMED');
    const calls = stripe.calls.length;
    app.clock.advance(60 * 60_000);
    await app.app.jobs.paymentCheck?.run();
    const compared = stripe.calls.slice(calls).filter(({ route }) => route.includes(intent.id));
    expect(compared).toEqual([]);
  });

  test('without a signature, with a wrong or an old one are refused, and read nothing', async () => {
    const { intent, bookingNow } = await checkOut();
    stripe.pay(intent);
    const [event] = stripe.events.splice(0) as [Parameters<typeof sendEvent>[1]];
    const now = app.clock.now().getTime();
    const unsigned = await fetch(`${app.url}/webhooks/stripe`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
    });
    expect([unsigned.status, await unsigned.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_USER_INPUT', details: { field: 'stripe-signature' } } }] },
    ]);
    expect(await sendEvent(app.url, event, now, 'whsec_other')).toBe(400);
    expect(await sendEvent(app.url, event, now - 301_000)).toBe(400);
    expect(await bookingNow()).toBe('PENDING');
    expect(await send(event)).toBe(200);
    expect(await bookingNow()).toBe('CONFIRMED');
  });

  test('that are forged cause no database work, however many come', async () => {
    const { intent } = await checkOut();
    const { db } = app.database.connection;
    const now = app.clock.now().getTime();
    const forged = stripe.event('payment_intent.succeeded', { ...intent, status: 'succeeded' });
    await db?.command({ profile: 2 });
    const flood = Array.from({ length: 100 }, () => sendEvent(app.url, forged, now, 'whsec_forged'));
    expect(new Set(await Promise.all(flood))).toEqual(new Set([400]));
    const profile = () => db?.collection('system.profile').countDocuments({ op: { $ne: 'getmore' } });
    const afterFlood = await profile();
    // A signed one is seen.
    await send(stripe.event('payment_intent.processing', intent));
    await send(stripe.event('payment_intent.payment_failed', intent));
    await db?.command({ profile: 0 });
    expect([afterFlood, ((await profile()) ?? 0) > 0]).toEqual([0, true]);
  });

  test('of another environment, of unknown payments and of unknown kinds are answered 200 and change nothing', async () => {
    const { intent, paymentId, bookingNow } = await checkOut();
    const paid = { ...intent, status: 'succeeded', amount_received: intent.amount };
    const ofOthers = [
      stripe.event('payment_intent.succeeded', paid, true),
      stripe.event('payment_intent.succeeded', { ...paid, metadata: {} }),
      stripe.event('payment_intent.succeeded', { ...paid, metadata: { paymentId: 'pay_1' } }),
      stripe.event('payment_intent.succeeded', { ...paid, id: 'pi_other' }),
      stripe.event('payment_intent.succeeded', { ...paid, amount_received: 1 }),
      stripe.event('customer.created', { id: 'cus_1' }),
    ];
    for (const event of ofOthers) expect(await send(event)).toBe(200);
    expect(await bookingNow()).toBe('PENDING');
    // The other id and the other sum are of our own payment: somebody has to look at them.
    const errors = lines.filter((line) => line.level === 50 && line.paymentId === paymentId);
    expect(errors).toHaveLength(2);
  });

  test(`after ${DECLINES_MAX} declined cards the payment is cancelled; a repeated notification counts once`, async () => {
    const { intent, bookingNow } = await checkOut();
    for (let declines = 1; declines <= DECLINES_MAX; declines++) {
      expect(intent.status).toBe('requires_payment_method');
      stripe.decline(intent);
      const [event] = stripe.events.splice(0) as [Parameters<typeof sendEvent>[1]];
      expect([await send(event), await send(event)]).toEqual([200, 200]);
    }
    await expect.poll(() => intent.status).toBe('canceled');
    await expect.poll(bookingNow).toBe('CANCELLED');
  });
});

test('cards that are declined at Stripe count for the address that pays, whoever uses it, each notification once', async () => {
  const config = { paymentProvider: 'stripe' as const, ...STRIPE_KEYS, stripeApiUrl: stripe.url };
  const limits = { rateLimitPerMinute: 10_000, declinedPaymentsPerAddressMax: 3, ...BEHIND_PROXY };
  const limited = await TestApp.start({ sharing: app, config: { ...config, ...limits } });
  onTestFinished(() => limited.close({ keepData: true }));
  const eventId = await app.event(organizer, { totalSeats: 20, price: PRICE });
  let seats = 0;
  const start = async (address: string) => {
    const [user] = (await app.users(1)) as [TestUser];
    await hold(eventId, [++seats], user);
    const input = { eventId, requestId: 'r' };
    return callFrom(limited, { user, address }, CHECK_OUT, { input });
  };
  const decline = async ({ data }: Awaited<ReturnType<typeof start>>, times: number) => {
    const { paymentId = '' } = data?.checkOut?.payment ?? {};
    const [intent] = stripe.intentsOf(paymentId) as [Intent];
    for (let declined = 0; declined < times; declined++) {
      stripe.decline(intent);
      const [event] = stripe.events.splice(0) as [Parameters<typeof sendEvent>[1]];
      for (let repeated = 0; repeated < 3; repeated++)
        expect(await sendEvent(limited.url, event, app.clock.now().getTime())).toBe(200);
    }
    return intent;
  };
  const CROWD = '192.0.2.1';
  const first = await start(CROWD);
  const intent = await decline(first, 2);
  const second = await start(CROWD);
  expect(outcomeOf(second)).toBe('done');
  await decline(second, 1);
  expect(outcomeOf(await start(CROWD))).toBe('RATE_LIMITED');
  expect(outcomeOf(await start('192.0.2.2'))).toBe('done');
  // Once it is settled, nothing is kept of who has paid.
  const known = { _id: intent.metadata.paymentId as string, address: { $exists: true } };
  expect(await app.database.providerPayments.countDocuments(known)).toBe(1);
  stripe.pay(intent);
  await deliver();
  expect(await app.database.providerPayments.countDocuments(known)).toBe(0);
});

describe('refunds', () => {
  /** Confirmed bookings of these seats. */
  async function booked(seatNumbers: number[]) {
    const made = await checkOut(seatNumbers);
    stripe.pay(made.intent);
    await deliver();
    return made;
  }
  const refundsOf = ({ id }: Intent) => stripe.refunds.filter(({ payment_intent }) => payment_intent === id);

  test('of one seat after the other give back the price of each, and no more', async () => {
    const { intent, bookings, paymentNow } = await booked([1, 2]);
    await app.ok(CANCEL_BOOKING, { id: bookings[0]?.id as string }, ann);
    await expect.poll(() => stripe.kept(intent)).toBe(PRICE.amount);
    await app.ok(CANCEL_BOOKING, { id: bookings[1]?.id as string }, ann);
    await expect.poll(() => stripe.kept(intent)).toBe(0);
    expect(refundsOf(intent)).toHaveLength(2);
    expect(await paymentNow()).toMatchObject({ status: 'REFUNDED', refundedAmount: 2 * PRICE.amount });
  });

  test('whose answer is lost are found by what they are for, also when Stripe has forgotten the key', async () => {
    const { intent, bookingId } = await booked([1, 2]);
    stripe.losesAnswer = ({ route }) => route === 'POST /v1/refunds';
    await app.ok(CANCEL_BOOKING, { id: bookingId }, ann);
    await expect.poll(() => refundsOf(intent)).toHaveLength(1);
    await expect.poll(() => app.database.outbox.exists({ state: 'waiting', failures: 1 })).not.toBeNull();
    stripe.losesAnswer = () => false;
    stripe.forgetKeys();
    await sendDue();
    expect(refundsOf(intent)).toHaveLength(1);
    expect(await app.database.outbox.exists({ state: 'waiting' })).toBeNull();
  });

  test('that Stripe refuses for good, or that fail later, are given up loudly and never forgotten', async () => {
    const { intent, bookings } = await booked([1, 2]);
    stripe.refuses = ({ route }) =>
      route === 'POST /v1/refunds'
        ? { status: 400, body: { error: { type: 'invalid_request_error', code: 'charge_disputed' } } }
        : null;
    const failedBefore = await app.database.outbox.countDocuments({ state: 'failed' });
    await app.ok(CANCEL_BOOKING, { id: bookings[0]?.id as string }, ann);
    const failed = () => app.database.outbox.countDocuments({ state: 'failed' });
    await expect.poll(failed).toBe(failedBefore + 1);
    stripe.refuses = () => null;
    await app.ok(CANCEL_BOOKING, { id: bookings[1]?.id as string }, ann);
    await expect.poll(() => refundsOf(intent)).toHaveLength(1);
    stripe.failRefund(refundsOf(intent)[0] as never);
    const [event] = stripe.events.splice(0) as [Parameters<typeof sendEvent>[1]];
    expect([await send(event), await send(event)]).toEqual([200, 200]);
    expect(await failed()).toBe(failedBefore + 2);
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toContain(`outbox_failed_messages ${failedBefore + 2}`);
    expect(metrics).toMatch(/outbox_attempts_total\{kind="refundShare",outcome="given_up"\} [2-9]/);
    expect(
      lines.filter(({ level, msg }) => level === 50 && /refund|given up/.test(msg)).length,
    ).toBeGreaterThan(1);
  });

  test('that fail later are made anew when a person sends them again, and only once', async () => {
    const { intent, bookingId } = await booked([1]);
    await app.ok(CANCEL_BOOKING, { id: bookingId }, ann);
    await expect.poll(() => stripe.kept(intent)).toBe(0);
    const id = (
      await app.database.outbox.findOne({ kind: 'refundShare', state: 'done' }).sort({ createdAt: -1 })
    )?._id as string;
    const sendAgain = async () => {
      const again = { state: 'waiting', failures: 0, dueAt: app.clock.now() } as const;
      await app.database.outbox.updateOne({ _id: id }, { $set: again });
      await app.app.jobs.outbox.run();
    };
    await expect.poll(() => isDone(id)).not.toBeNull();
    stripe.failRefund(refundsOf(intent)[0] as never);
    await deliver();
    expect(stripe.kept(intent)).toBe(PRICE.amount);
    await sendAgain();
    await sendAgain();
    expect([stripe.kept(intent), refundsOf(intent).length]).toEqual([0, 2]);
  });

  test('of two processes that send one message are one refund', async () => {
    const { intent, bookingId } = await booked([1]);
    stripe.refuses = ({ route }) =>
      route === 'POST /v1/refunds' ? { status: 503, body: { error: { type: 'api_error' } } } : null;
    await app.ok(CANCEL_BOOKING, { id: bookingId }, ann);
    await expect.poll(() => app.database.outbox.exists({ state: 'waiting', failures: 1 })).not.toBeNull();
    stripe.refuses = () => null;
    const config = { paymentProvider: 'stripe' as const, ...STRIPE_KEYS, stripeApiUrl: stripe.url };
    const other = await TestApp.start({ sharing: app, config });
    app.clock.advance(CLAIM_MS);
    await Promise.all([app.app.jobs.outbox.run(), other.app.jobs.outbox.run()]);
    // A sender that has lost its claim sends it once more.
    const { modifiedCount } = await app.database.outbox.updateOne(
      { 'content.paymentId': intent.metadata.paymentId, kind: 'refundShare' },
      { $set: { state: 'waiting', dueAt: app.clock.now() } },
    );
    await Promise.all([app.app.jobs.outbox.run(), other.app.jobs.outbox.run()]);
    expect([modifiedCount, refundsOf(intent).length]).toEqual([1, 1]);
    await other.close({ keepData: true });
  });
});

test('a price or a sum that Stripe never takes is refused with its field, and no seat is booked', async () => {
  const eventDate = new Date(app.clock.now().getTime() + 1_000_000).toISOString();
  const event = { name: 'A night out', eventDate, totalSeats: 5 };
  for (const price of [
    { amount: 1_234, currency: 'KWD' },
    { amount: 49, currency: 'USD' },
    { amount: 100_000_000, currency: 'USD' },
  ]) {
    const { code, details } = await app.refused(CREATE_EVENT, { input: { ...event, price } }, organizer);
    expect([code, details]).toEqual(['BAD_USER_INPUT', { field: 'price.amount' }]);
  }
  const free = await app.event(organizer, { totalSeats: 5 });
  await hold(free, [1]);
  const amount = { amount: 1_234, currency: 'KWD' };
  const named = await app.refused(
    CHECK_OUT,
    { input: { eventId: free, amount, requestId: 'too dear' } },
    ann,
  );
  expect([named.code, named.details]).toEqual(['BAD_USER_INPUT', { field: 'amount.amount' }]);
  // Each price is one that Stripe takes, but not all of them in one payment.
  const dear = await app.event(organizer, { totalSeats: 5, price: { amount: 60_000_000, currency: 'USD' } });
  await hold(dear, [1, 2]);
  const calls = stripe.calls.length;
  const both = await app.refused(CHECK_OUT, { input: { eventId: dear, requestId: 'too dear' } }, ann);
  expect([both.code, both.details]).toEqual(['BAD_USER_INPUT', { field: 'seatNumbers' }]);
  expect([stripe.calls.length, await app.database.bookings.countDocuments({ eventId: dear })]).toEqual([
    calls,
    0,
  ]);
  const one = { eventId: dear, seatNumbers: [1], requestId: 'too dear' };
  expect((await app.ok(CHECK_OUT, { input: one }, ann)).checkOut.clientSecret).not.toBeNull();
});
