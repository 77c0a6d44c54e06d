import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scene } from '../support/event-fixture.js';
import {
  BOOKING,
  CONFIRM_BOOKING,
  PROVIDER_OF_PAYMENT,
  RELEASE_LOCK,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { type TestApp as App, TestApp } from '../support/test-app.js';

/** Without simulated payments, nobody gets a ticket by claiming that it is paid. */

let simulating: App;
let app: App;
beforeAll(async () => {
  simulating = await TestApp.start();
  app = await TestApp.start({ sharing: simulating, config: { paymentProvider: 'none' } });
});
afterAll(async () => {
  await app.close({ keepData: true });
  await simulating.close();
});

test('a payment that is PENDING cannot be settled by its payer, and its booking stays PENDING', async () => {
  const scene = await Scene.make(simulating);
  const lockId = await scene.lock();
  const paymentId = await scene.pay(lockId, 'PROCESSING');
  const { confirmBooking } = await simulating.ok(
    CONFIRM_BOOKING,
    { input: { lockId, paymentId, requestId: 'r' } },
    scene.user,
  );
  const refusal = await app.refused(
    SETTLE_PAYMENT,
    { input: { paymentId, outcome: 'COMPLETED' } },
    scene.user,
  );
  expect(refusal.code).toBe('PAYMENT_PROVIDER_OTHER');
  expect((await app.ok(BOOKING, { id: confirmBooking.id }, scene.user)).booking.status).toBe('PENDING');
});

test('no simulated card pays; the lock stays unpaid, and can be released', async () => {
  const scene = await Scene.make(app);
  const lockId = await scene.lock();
  const input = { lockIds: [lockId], amount: 100, currency: 'USD', cardStatus: 'SUCCESS' as const };
  expect((await app.refused(SIMULATE_PAYMENT, { input }, scene.user)).code).toBe('PAYMENT_PROVIDER_OTHER');
  expect(await app.database.payments.countDocuments({ userId: scene.user.id })).toBe(0);
  expect((await app.ok(RELEASE_LOCK, { lockId }, scene.user)).releaseLock.status).toBe('RELEASED');
});

test('a caller without a token gets UNAUTHENTICATED, as everywhere', async () => {
  const input = { paymentId: 'none', outcome: 'COMPLETED' } as const;
  expect((await app.refused(SETTLE_PAYMENT, { input })).code).toBe('UNAUTHENTICATED');
});

test('a payment names its provider, also one that an earlier release stored', async () => {
  const scene = await Scene.make(simulating);
  const paymentId = await scene.pay(await scene.lock());
  const answer = () => simulating.ok(PROVIDER_OF_PAYMENT, { paymentId }, scene.user);
  expect(await answer()).toEqual({ payment: { provider: 'simulated' } });
  await app.database.payments.collection.updateOne({ paymentId }, { $unset: { provider: '' } });
  expect(await answer()).toEqual({ payment: { provider: 'simulated' } });
});

test('a simulated payment is settled by its payer or the organizer of its event, and by nobody else', async () => {
  const scene = await Scene.make(simulating);
  const payer = await simulating.user();
  const lockIds = [await scene.lock(1, payer)];
  const card = { lockIds, amount: 100, currency: 'USD', cardStatus: 'PROCESSING' as const };
  const { paymentId } = (await simulating.ok(SIMULATE_PAYMENT, { input: card }, payer)).simulatePayment;
  const input = { paymentId, outcome: 'COMPLETED' as const };
  const otherOrganizer = (await Scene.make(simulating)).user;
  const refusal = await simulating.refused(SETTLE_PAYMENT, { input }, otherOrganizer);
  expect(refusal.code).toBe('PAYMENT_NOT_FOUND');
  const { settlePayment } = await simulating.ok(SETTLE_PAYMENT, { input }, scene.user);
  expect(settlePayment).toMatchObject({ paymentId, status: 'COMPLETED' });
});
