import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EVENT_AMOUNT_MAX } from '../../catalog/money.js';
import { newPaymentId } from '../../core/ids.js';
import type { PaymentDocument } from '../../store/models/payment.model.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKINGS,
  LOCK_SEATS,
  SALES,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { attempt, bearer, TRANSPORTS } from '../support/transports.js';

/** Amounts beyond 32 bits, through the whole server and the real database. */

const INT_MAX = 2 ** 31 - 1;

let app: TestApp;
let organizer: TestUser;
let ann: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  [organizer, ann] = (await app.users(2)) as [TestUser, TestUser];
});
afterAll(() => app.close());

const priced = (amount: number, currency: string) =>
  app.event(organizer, { totalSeats: 10, price: { amount, currency } });
const unpriced = () => app.event(organizer, { totalSeats: 10 });

async function lock(eventId: string, seatNumbers: number[]): Promise<string[]> {
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, ann);
  return lockSeats.map(({ id }) => id);
}

/** Books the locks with a payment of their price, or of the given amount. */
async function book(lockIds: string[], named: { amount?: number; currency?: string } = {}) {
  const input = { lockIds, ...named, cardStatus: 'SUCCESS' as const };
  const { simulatePayment: payment } = await app.ok(SIMULATE_PAYMENT, { input }, ann);
  const confirmation = { lockIds, paymentId: payment.paymentId, requestId: payment.paymentId };
  const { confirmBookings } = await app.ok(CONFIRM_BOOKINGS, { input: confirmation }, ann);
  return { payment, bookings: confirmBookings };
}

const salesOf = async (id: string) => (await app.ok(SALES, { id }, organizer)).event?.sales;
const amountPaid = async (id: string) => (await app.database.events.findById(id).lean().exec())?.amountPaid;

test('two seats at 2,000,000,000 KRW: the organizer sees the revenue, and then the refunds', async () => {
  const eventId = await priced(2_000_000_000, 'KRW');
  const { payment, bookings } = await book(await lock(eventId, [1, 2]));
  expect(payment).toMatchObject({ amount: 4_000_000_000, currency: 'KRW' });
  expect(await salesOf(eventId)).toMatchObject({
    revenue: [{ amount: 4_000_000_000, currency: 'KRW' }],
    refunded: [],
  });
  for (const { id } of bookings) await app.ok(CANCEL_BOOKING, { id }, ann);
  expect(await salesOf(eventId)).toMatchObject({
    revenue: [],
    refunded: [{ amount: 4_000_000_000, currency: 'KRW' }],
  });
});

test('two payments of the largest Int, cancelled: the organizer sees the refunds', async () => {
  const eventId = await unpriced();
  for (const seatNumber of [1, 2]) {
    const { bookings } = await book(await lock(eventId, [seatNumber]), { amount: INT_MAX, currency: 'USD' });
    for (const { id } of bookings) await app.ok(CANCEL_BOOKING, { id }, ann);
  }
  expect(await salesOf(eventId)).toMatchObject({
    cancelledBookings: 2,
    revenue: [],
    refunded: [{ amount: 2 * INT_MAX, currency: 'USD' }],
  });
});

test.each(TRANSPORTS)(
  'over %s two seats at 1,500,000,000 IDR are paid by a client that omits the amount',
  async (transport) => {
    const eventId = await priced(1_500_000_000, 'IDR');
    const lockIds = await lock(eventId, [1, 2]);
    const query = `mutation($lockIds: [ID!]!) {
      simulatePayment(input: { lockIds: $lockIds, cardStatus: SUCCESS }) { id paymentId amount currency status }
    }`;
    const paid = { query, variables: { lockIds }, authorization: bearer(ann) };
    const { data, errors } = await attempt(app, transport, paid);
    expect(errors).toBeUndefined();
    const { id, paymentId, ...rest } = (data?.simulatePayment ?? {}) as Record<string, unknown>;
    expect(rest).toEqual({ amount: 3_000_000_000, currency: 'IDR', status: 'COMPLETED' });
    expect(id).toBe(paymentId);
  },
);

test('a client that declares its amount as an Int, as before, is accepted', async () => {
  const [lockId] = await lock(await unpriced(), [1]);
  const query = `mutation($lockId: ID!, $amount: Int!, $currency: String!) {
    simulatePayment(
      input: { lockIds: [$lockId], amount: $amount, currency: $currency, cardStatus: SUCCESS }
    ) { amount }
  }`;
  const variables = { lockId, amount: INT_MAX, currency: 'USD' };
  expect(await app.call(query, variables, ann)).toEqual({ data: { simulatePayment: { amount: INT_MAX } } });
});

test('sums of large and small amounts are exact in the database, to the unit', async () => {
  const eventId = await unpriced();
  const createdAt = app.clock.now();
  // As the driver writes them: 32-bit integers, and doubles for larger numbers.
  const amounts = [2 ** 51 + 1, 2 ** 50 + 1, 2 ** 31, INT_MAX, 1, 1];
  const documents = amounts.map(
    (amount): PaymentDocument => ({
      ...{ paymentId: newPaymentId(eventId, createdAt), userId: ann.id, eventId, lockIds: [], shares: [] },
      ...{ amount, refundedAmount: amount - 1, currency: 'USD', status: 'completed' },
      ...{ reason: null, retryable: null, createdAt, processedAt: createdAt },
    }),
  );
  await app.database.payments.insertMany(documents);
  const taken = amounts.reduce((sum, amount) => sum + BigInt(amount), 0n);
  expect(taken < BigInt(EVENT_AMOUNT_MAX)).toBe(true);
  expect(await salesOf(eventId)).toMatchObject({
    revenue: [{ amount: amounts.length, currency: 'USD' }],
    refunded: [{ amount: Number(taken) - amounts.length, currency: 'USD' }],
  });
});

describe('an event’s revenue', () => {
  test('counts each successful payment, with or without an amount from the client', async () => {
    const eventId = await priced(1_000, 'USD');
    const [first, second, third] = (await lock(eventId, [1, 2, 3])) as [string, string, string];
    const pay = (lockId: string, input: object) =>
      app.call(SIMULATE_PAYMENT, { input: { lockIds: [lockId], cardStatus: 'SUCCESS', ...input } }, ann);
    const counted: unknown[] = [];
    for (const [lockId, input] of [
      [first, { amount: 999, currency: 'USD' }],
      [first, { amount: 1_000, currency: 'USD', cardStatus: 'DECLINED' }],
      [first, { amount: 1_000, currency: 'USD', requestId: 'once' }],
      [first, { amount: 1_000, currency: 'USD', requestId: 'once' }],
      [second, {}],
      [third, { cardStatus: 'PROCESSING' }],
    ] as const) {
      await pay(lockId, input);
      counted.push(await amountPaid(eventId));
    }
    expect(counted).toEqual([0, 0, 1_000, 1_000, 2_000, 3_000]);
  });

  test('starts at zero for an event from before revenue was counted', async () => {
    const eventId = await priced(1_000, 'USD');
    const lockIds = await lock(eventId, [1, 2]);
    await app.database.events.updateOne({ _id: eventId }, { $unset: { amountPaid: 1 } });
    // With an amount, the batch's first statement writes the amount too.
    await book(lockIds, { amount: 2_000, currency: 'USD' });
    expect(await amountPaid(eventId)).toBe(2_000);
  });

  test('has a maximum; a payment beyond it is refused and changes nothing', async () => {
    const eventId = await priced(INT_MAX, 'USD');
    await app.database.events.updateOne({ _id: eventId }, { amountPaid: EVENT_AMOUNT_MAX - INT_MAX });
    const lockIds = await lock(eventId, [1, 2]);
    const both = { input: { lockIds, cardStatus: 'SUCCESS' as const } };
    expect(await app.refused(SIMULATE_PAYMENT, both, ann)).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'amount', max: INT_MAX },
    });
    expect(await amountPaid(eventId)).toBe(EVENT_AMOUNT_MAX - INT_MAX);
    await book(lockIds.slice(0, 1));
    expect(await amountPaid(eventId)).toBe(EVENT_AMOUNT_MAX);
  });
});
