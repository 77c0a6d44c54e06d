import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newEventId, newLockId } from '../../core/ids.js';
import {
  CANCEL_BOOKING,
  CHECK_OUT,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  CREATE_EVENT,
  LOCK_SEATS,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import type { TestApp, TestUser } from '../support/test-app.js';
import { TestServers } from '../support/test-servers.js';

const AT_ONCE = 50;
const LOCK_TTL_MS = 300_000;
const DAY_MS = 86_400_000;

type CardStatus = 'SUCCESS' | 'DECLINED' | 'INSUFFICIENT_FUNDS' | 'EXPIRED' | 'PROCESSING';

/** Calls of one server share batches, and those of two servers meet in the database. */
const SERVERS = 2;
describe('with two servers of one database', () => {
  let servers: TestServers;
  let app: TestApp;
  beforeAll(async () => {
    servers = await TestServers.start(SERVERS);
    app = servers.first;
  });
  afterAll(() => servers.close());
  /** Sends so many calls at once, spread over the servers. */
  const atOnce = <Answer>(call: (server: TestApp, index: number) => Promise<Answer>, count = AT_ONCE) =>
    Promise.all(Array.from({ length: count }, (_, index) => call(servers.of(index), index)));

  test(`createEvent, ${AT_ONCE} simultaneous calls with one requestId: one event, ${AT_ONCE} equal answers`, async () => {
    const user = await app.user();
    const eventDate = new Date(app.clock.now().getTime() + DAY_MS).toISOString();
    const price = { amount: 900, currency: 'USD' };
    const sections = [{ name: 'Stalls', rows: 2, seatsPerRow: 5, price }];
    const input = { name: 'Once', eventDate, sections, requestId: 'tap tap tap' };

    const answers = await atOnce((server) => server.ok(CREATE_EVENT, { input }, user));

    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await app.database.events.countDocuments({ organizerId: user.id })).toBe(1);
    const other = { ...input, name: 'Twice' };
    expect((await app.refused(CREATE_EVENT, { input: other }, user)).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  describe('confirmBooking', () => {
    test(`${AT_ONCE} simultaneous calls with one requestId: one booking, ${AT_ONCE} equal answers`, async () => {
      const { user, eventId, lockIds } = await holding(app, [1]);
      const paymentId = await pay(app, user, lockIds);
      const input = { lockId: lockIds[0] as string, paymentId, requestId: 'tap tap tap' };

      const answers = await atOnce((server) => server.ok(CONFIRM_BOOKING, { input }, user));

      for (const answer of answers) expect(answer).toEqual(answers[0]);
      const { bookings, event } = await recount(app.database, eventId);
      expect(bookings).toMatchObject([{ _id: answers[0]?.confirmBooking.id, status: 'confirmed' }]);
      expect(event).toMatchObject({ bookedSeats: 1, version: 2 });
      expect(await app.database.requests.countDocuments({ resultIds: bookings[0]?._id as string })).toBe(1);
    });

    test('the same requestId with another lock or another payment is IDEMPOTENCY_CONFLICT and books nothing', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2]);
      const [lockId, otherLockId] = lockIds as [string, string];
      const paymentId = await pay(app, user, [lockId]);
      const otherPaymentId = await pay(app, user, [otherLockId]);
      const confirm = (input: { lockId: string; paymentId: string }) => ({
        input: { ...input, requestId: 'once' },
      });
      const first = await app.ok(CONFIRM_BOOKING, confirm({ lockId, paymentId }), user);

      for (const input of [
        { lockId: otherLockId, paymentId: otherPaymentId },
        { lockId: otherLockId, paymentId },
        { lockId, paymentId: otherPaymentId },
      ]) {
        const { code } = await servers.of(1).refused(CONFIRM_BOOKING, confirm(input), user);
        expect(code).toBe('IDEMPOTENCY_CONFLICT');
      }

      expect(await servers.of(1).ok(CONFIRM_BOOKING, confirm({ lockId, paymentId }), user)).toEqual(first);
      expect((await recount(app.database, eventId)).bookings).toHaveLength(1);
    });

    test('a used requestId with an impossible lock, or a lock of an unknown event, is a conflict too', async () => {
      const { user, lockIds } = await holding(app, [1]);
      const [lockId] = lockIds as [string];
      const paymentId = await pay(app, user, lockIds, { requestId: 'card' });
      await app.ok(CONFIRM_BOOKING, { input: { lockId, paymentId, requestId: 'once' } }, user);

      for (const other of ['nonsense', lockId.slice(0, -1), newLockId(newEventId())]) {
        const confirm = (requestId: string) => ({ input: { lockId: other, paymentId, requestId } });
        expect(await servers.of(1).refused(CONFIRM_BOOKING, confirm('once'), user)).toMatchObject({
          code: 'IDEMPOTENCY_CONFLICT',
        });
        expect(await servers.of(1).refused(CONFIRM_BOOKING, confirm('new'), user)).toMatchObject({
          code: 'LOCK_NOT_FOUND',
          details: { field: 'lockId' },
        });
        const card = (requestId: string) => ({
          input: {
            lockIds: [other],
            amount: 1000,
            currency: 'USD',
            cardStatus: 'SUCCESS' as const,
            requestId,
          },
        });
        expect(await app.refused(SIMULATE_PAYMENT, card('card'), user)).toMatchObject({
          code: 'IDEMPOTENCY_CONFLICT',
        });
        expect(await app.refused(SIMULATE_PAYMENT, card('new'), user)).toMatchObject({
          code: 'LOCK_NOT_FOUND',
          details: { field: 'lockIds' },
        });
      }
    });

    test('two different inputs with one requestId at once: one is booked, the other conflicts', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2]);
      const inputs = await Promise.all(
        lockIds.map(async (lockId) => ({
          lockId,
          paymentId: await pay(app, user, [lockId]),
          requestId: 'once',
        })),
      );

      const answers = await atOnce((server, index) => {
        // Calls are spread over the servers one by one, so inputs must alternate pair by pair.
        const input = inputs[(index >> 1) % 2] as (typeof inputs)[number];
        return server.call(CONFIRM_BOOKING, { input }, user);
      });

      const booked = answers.flatMap(({ data }) => data?.confirmBooking ?? []);
      expect(booked).toHaveLength(booked[0]?.lockId === inputs[0]?.lockId ? 26 : 24);
      for (const booking of booked) expect(booking).toEqual(booked[0]);
      const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
      expect(codes).toEqual(Array(AT_ONCE - booked.length).fill('IDEMPOTENCY_CONFLICT'));
      expect((await recount(app.database, eventId)).bookings).toHaveLength(1);
    });

    test('one requestId for two events of one user at once: one booking and one IDEMPOTENCY_CONFLICT, never two', async () => {
      for (let round = 0; round < 10; round++) {
        const user = await app.user();
        const inputs = await Promise.all(
          [0, 1].map(async () => {
            const { eventId, lockIds } = await holding(app, [1], user);
            const paymentId = await pay(app, user, lockIds);
            return { eventId, input: { lockId: lockIds[0] as string, paymentId, requestId: 'once' } };
          }),
        );

        const answers = await Promise.all(
          inputs.map(({ input }, index) => servers.of(index).call(CONFIRM_BOOKING, { input }, user)),
        );

        expect(answers.filter(({ data }) => data?.confirmBooking)).toHaveLength(1);
        const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
        expect(codes).toEqual(['IDEMPOTENCY_CONFLICT']);
        expect(await app.database.bookings.countDocuments({ userId: user.id })).toBe(1);
        for (const { eventId } of inputs) await recount(app.database, eventId);
      }
    });

    test('two users may use the same requestId', async () => {
      const confirmed = await Promise.all(
        [0, 1].map(async (index) => {
          const { user, lockIds } = await holding(app, [1]);
          const paymentId = await pay(app, user, lockIds);
          const input = { lockId: lockIds[0] as string, paymentId, requestId: 'once' };
          return (await servers.of(index).ok(CONFIRM_BOOKING, { input }, user)).confirmBooking;
        }),
      );

      expect(confirmed[0]?.id).not.toBe(confirmed[1]?.id);
    });

    test.each(['DECLINED', 'INSUFFICIENT_FUNDS', 'EXPIRED'] as const)(
      'a confirm that failed on a card that was %s has not used its requestId',
      async (cardStatus) => {
        const { user, eventId, lockIds } = await holding(app, [1]);
        const lockId = lockIds[0] as string;
        const declined = await pay(app, user, lockIds, { cardStatus });
        const failed = { lockId, paymentId: declined, requestId: 'once' };
        for (const server of servers.all) {
          const refusal = await server.refused(CONFIRM_BOOKING, { input: failed }, user);
          expect(refusal).toMatchObject({
            code: 'PAYMENT_FAILED',
            details: { retryable: cardStatus !== 'EXPIRED' },
          });
        }

        const paymentId = await pay(app, user, lockIds);
        const answers = await atOnce((server) => {
          return server.ok(CONFIRM_BOOKING, { input: { lockId, paymentId, requestId: 'once' } }, user);
        }, 10);

        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(answers[0]?.confirmBooking).toMatchObject({ status: 'CONFIRMED', paymentId });
        expect((await recount(app.database, eventId)).bookings).toHaveLength(1);
      },
    );

    test('a replay answers after the lock would have expired, after a cancellation and after the start of the event, and changes nothing', async () => {
      const { user, eventId, lockIds } = await holding(app, [1]);
      const paymentId = await pay(app, user, lockIds);
      const input = { lockId: lockIds[0] as string, paymentId, requestId: 'once' };
      const { confirmBooking } = await app.ok(CONFIRM_BOOKING, { input }, user);
      const replays = () =>
        Promise.all(
          servers.all.map(
            async (server) => (await server.ok(CONFIRM_BOOKING, { input }, user)).confirmBooking,
          ),
        );

      app.clock.advance(LOCK_TTL_MS + 1);
      for (const replay of await replays()) expect(replay).toEqual(confirmBooking);

      const { cancelBooking } = await app.ok(CANCEL_BOOKING, { id: confirmBooking.id }, user);
      expect(cancelBooking).toMatchObject({ id: confirmBooking.id, status: 'CANCELLED' });
      for (const replay of await replays()) expect(replay).toEqual(cancelBooking);

      await app.database.events.updateOne({ _id: eventId }, { eventDate: app.clock.now() });
      for (const replay of await replays()) expect(replay).toEqual(cancelBooking);
      const { bookings, event, payments } = await recount(app.database, eventId);
      expect(bookings).toHaveLength(1);
      expect(event).toMatchObject({ bookedSeats: 0, version: 3 });
      expect(payments).toMatchObject([{ status: 'refunded', refundedAmount: 15_000 }]);
    });

    test('a replay answers although somebody else has the seat now', async () => {
      const { user, eventId, lockIds } = await holding(app, [1]);
      const paymentId = await pay(app, user, lockIds);
      const input = { lockId: lockIds[0] as string, paymentId, requestId: 'once' };
      const { confirmBooking } = await app.ok(CONFIRM_BOOKING, { input }, user);
      await app.ok(CANCEL_BOOKING, { id: confirmBooking.id }, user);
      const other = await app.user();
      await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers: [1] } }, other);

      const replay = await servers.of(1).ok(CONFIRM_BOOKING, { input }, user);

      expect(replay.confirmBooking).toMatchObject({ id: confirmBooking.id, status: 'CANCELLED' });
      expect((await recount(app.database, eventId)).live).toMatchObject([{ userId: other.id }]);
    });
  });

  describe('confirmBookings', () => {
    test(`${AT_ONCE} simultaneous calls with one requestId: each lock booked once, ${AT_ONCE} equal answers in the order of the locks`, async () => {
      const { user, eventId, lockIds } = await holding(app, [3, 1, 2]);
      const paymentId = await pay(app, user, lockIds);
      const input = { lockIds, paymentId, requestId: 'all of them' };

      const answers = await atOnce((server) => server.ok(CONFIRM_BOOKINGS, { input }, user));

      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]?.confirmBookings.map(({ lockId }) => lockId)).toEqual(lockIds);
      expect(answers[0]?.confirmBookings.map(({ seatNumber }) => seatNumber)).toEqual([3, 1, 2]);
      expect((await recount(app.database, eventId)).event).toMatchObject({ bookedSeats: 3, version: 2 });
    });

    test('other locks or another payment under the same requestId are IDEMPOTENCY_CONFLICT', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2, 3]);
      const [first, second, third] = lockIds as [string, string, string];
      const paymentId = await pay(app, user, [first, second]);
      const otherPaymentId = await pay(app, user, [third]);
      const requestId = 'once';
      await app.ok(CONFIRM_BOOKINGS, { input: { lockIds: [first, second], paymentId, requestId } }, user);

      for (const input of [
        { lockIds: [third], paymentId: otherPaymentId },
        { lockIds: [first], paymentId },
        { lockIds: [first, second], paymentId: otherPaymentId },
      ]) {
        const variables = { input: { ...input, requestId } };
        expect((await servers.of(1).refused(CONFIRM_BOOKINGS, variables, user)).code).toBe(
          'IDEMPOTENCY_CONFLICT',
        );
      }
      expect((await recount(app.database, eventId)).event.bookedSeats).toBe(2);
    });

    test('a call that failed has booked none of its locks and has not used its requestId', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2]);
      const onlyOne = await pay(app, user, lockIds.slice(0, 1));
      const failed = { lockIds, paymentId: onlyOne, requestId: 'once' };
      const { code } = await app.refused(CONFIRM_BOOKINGS, { input: failed }, user);
      expect(code).toBe('PAYMENT_MISMATCH');
      expect((await recount(app.database, eventId)).bookings).toEqual([]);

      const input = { ...failed, lockIds: lockIds.slice(0, 1) };
      const { confirmBookings } = await servers.of(1).ok(CONFIRM_BOOKINGS, { input }, user);

      expect(confirmBookings).toMatchObject([{ lockId: lockIds[0], status: 'CONFIRMED' }]);
    });

    test('a replay answers after an expiry and after one of its bookings was cancelled', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2]);
      const paymentId = await pay(app, user, lockIds);
      const input = { lockIds, paymentId, requestId: 'once' };
      const { confirmBookings } = await app.ok(CONFIRM_BOOKINGS, { input }, user);
      app.clock.advance(LOCK_TTL_MS + 1);
      const [kept, given] = confirmBookings as [(typeof confirmBookings)[0], (typeof confirmBookings)[0]];
      const { cancelBooking } = await app.ok(CANCEL_BOOKING, { id: given.id }, user);

      const replay = await servers.of(1).ok(CONFIRM_BOOKINGS, { input }, user);

      expect(replay.confirmBookings).toEqual([kept, cancelBooking]);
      expect((await recount(app.database, eventId)).event.bookedSeats).toBe(1);
    });
  });

  describe('simulatePayment', () => {
    test.each([
      ['SUCCESS', 'COMPLETED'],
      ['PROCESSING', 'PENDING'],
      ['DECLINED', 'FAILED'],
      ['INSUFFICIENT_FUNDS', 'FAILED'],
      ['EXPIRED', 'FAILED'],
    ] as const)(
      `${AT_ONCE} simultaneous calls with one requestId and a card that is %s: one payment, ${AT_ONCE} times %s`,
      async (cardStatus, status) => {
        const { user, eventId, lockIds } = await holding(app, [1]);
        const input = { lockIds, amount: 15_000, currency: 'USD', cardStatus, requestId: 'tap tap tap' };

        const answers = await atOnce((server) => server.ok(SIMULATE_PAYMENT, { input }, user));

        for (const answer of answers) expect(answer).toEqual(answers[0]);
        expect(answers[0]?.simulatePayment.status).toBe(status);
        const { payments } = await recount(app.database, eventId);
        expect(payments).toMatchObject([{ paymentId: answers[0]?.simulatePayment.paymentId }]);
      },
    );

    test('without a requestId every call is a separate attempt', async () => {
      const { user, eventId, lockIds } = await holding(app, [1]);

      const tries = await atOnce((server) => pay(server, user, lockIds, { cardStatus: 'DECLINED' }), 5);

      expect(new Set(tries).size).toBe(5);
      expect((await recount(app.database, eventId)).payments).toHaveLength(5);
    });

    test('other input under the same requestId is IDEMPOTENCY_CONFLICT, even if only the card differs', async () => {
      const { user, eventId, lockIds } = await holding(app, [1, 2]);
      const [lockId, otherLockId] = lockIds as [string, string];
      const cardStatus: CardStatus = 'DECLINED';
      const input = { lockIds: [lockId], amount: 15_000, currency: 'USD', cardStatus, requestId: 'once' };
      await app.ok(SIMULATE_PAYMENT, { input }, user);

      for (const other of [
        { lockIds: [otherLockId] },
        { amount: 14_999 },
        { currency: 'EUR' },
        { cardStatus: 'SUCCESS' as const },
      ]) {
        const variables = { input: { ...input, ...other } };
        expect((await servers.of(1).refused(SIMULATE_PAYMENT, variables, user)).code).toBe(
          'IDEMPOTENCY_CONFLICT',
        );
      }
      expect((await recount(app.database, eventId)).payments).toHaveLength(1);
    });

    test('a call that ended in an error has not used its requestId', async () => {
      const price = { amount: 15_000, currency: 'USD' };
      const { user, eventId, lockIds } = await holding(app, [1], undefined, { totalSeats: 10, price });
      const card = { currency: 'USD', cardStatus: 'SUCCESS' as const, requestId: 'once' };
      const wrong = { input: { lockIds, amount: 1, ...card } };
      expect((await app.refused(SIMULATE_PAYMENT, wrong, user)).code).toBe('AMOUNT_MISMATCH');

      const right = { input: { lockIds, amount: 15_000, ...card } };
      const { simulatePayment } = await servers.of(1).ok(SIMULATE_PAYMENT, right, user);

      expect(simulatePayment.status).toBe('COMPLETED');
      expect((await recount(app.database, eventId)).payments).toHaveLength(1);
    });

    test('a replay answers the payment’s present state, after an expiry and after its refund', async () => {
      const { user, eventId, lockIds } = await holding(app, [1]);
      const paymentId = await pay(app, user, lockIds, { requestId: 'pay' });
      const input = { lockId: lockIds[0] as string, paymentId, requestId: 'confirm' };
      const { confirmBooking } = await app.ok(CONFIRM_BOOKING, { input }, user);
      app.clock.advance(LOCK_TTL_MS + 1);
      await app.ok(CANCEL_BOOKING, { id: confirmBooking.id }, user);

      const again = await pay(servers.of(1), user, lockIds, { requestId: 'pay' });

      expect(again).toBe(paymentId);
      const { payments } = await recount(app.database, eventId);
      expect(payments).toMatchObject([{ paymentId, status: 'refunded' }]);
    });
  });

  describe('checkOut', () => {
    const amount = { amount: 15_000, currency: 'USD' };

    test.each(['SUCCESS', 'DECLINED', 'PROCESSING'] as const)(
      `${AT_ONCE} simultaneous calls with one requestId (%s): one payment, ${AT_ONCE} equal answers`,
      async (simulatedCard) => {
        const { user, eventId } = await holding(app, [1, 2]);
        const input = { eventId, seatNumbers: [1, 2], amount, simulatedCard, requestId: 'tap tap tap' };

        const answers = await atOnce((server) => server.ok(CHECK_OUT, { input }, user));

        for (const answer of answers) expect(answer).toEqual(answers[0]);
        const { bookings, payments } = await recount(app.database, eventId);
        expect(payments).toHaveLength(1);
        expect(bookings).toHaveLength(simulatedCard === 'DECLINED' ? 0 : 2);
      },
    );

    test('two devices check out one hold at once, twenty times: one pays, and the other hears that the seats are booked', async () => {
      for (let round = 0; round < 20; round++) {
        const { user, eventId } = await holding(app, [1, 2]);
        const devices = ['phone', 'laptop'].map((requestId, index) => {
          const input = { eventId, seatNumbers: [1, 2], amount, requestId };
          return servers.of(index).call(CHECK_OUT, { input }, user);
        });
        const refused = (await Promise.all(devices)).flatMap(({ errors = [] }) => errors);
        expect(refused.map(({ extensions }) => extensions)).toEqual([
          { code: 'HOLD_EXPIRED', details: { seatNumbers: [1, 2], bookedSeatNumbers: [1, 2] } },
        ]);
        const { bookings, payments } = await recount(app.database, eventId);
        expect([payments.length, bookings.length]).toEqual([1, 2]);
      }
    });
  });

  test('every replay answers after a restart of all servers', async () => {
    const before = await TestServers.start(SERVERS);
    const { first } = before;
    const { user, eventId, lockIds } = await holding(first, [1, 2, 3]);
    const [one, ...others] = lockIds as [string, string, string];
    const card = { amount: 15_000, currency: 'USD' };
    const declined = { ...card, lockIds, cardStatus: 'DECLINED' as const, requestId: 'declined' };
    const paid = { ...card, lockIds, cardStatus: 'SUCCESS' as const, requestId: 'paid' };
    const send = async (server: TestApp) => {
      const { simulatePayment: failed } = await server.ok(SIMULATE_PAYMENT, { input: declined }, user);
      const { simulatePayment } = await server.ok(SIMULATE_PAYMENT, { input: paid }, user);
      const { paymentId } = simulatePayment;
      const single = { lockId: one, paymentId, requestId: 'one' };
      const several = { lockIds: others, paymentId, requestId: 'the others' };
      return {
        failed,
        simulatePayment,
        ...(await server.ok(CONFIRM_BOOKING, { input: single }, user)),
        ...(await server.ok(CONFIRM_BOOKINGS, { input: several }, user)),
      };
    };
    const answers = await send(first);
    await before.close({ keepData: true });

    const { databaseName, clock } = first;
    const after = await TestServers.start(SERVERS, { databaseName, clock });
    try {
      clock.advance(DAY_MS / 4);
      for (const server of after.all) expect(await send(server)).toEqual(answers);
      const { bookings, payments } = await recount(after.first.database, eventId);
      expect(bookings).toHaveLength(3);
      expect(payments).toHaveLength(2);
    } finally {
      await after.close();
    }
  });
});

/** A user who holds these seats of an event of their own. */
async function holding(app: TestApp, seatNumbers: number[], somebody?: TestUser, event?: object) {
  const user = somebody ?? (await app.user());
  const eventId = await app.event(user, { totalSeats: 20, ...event });
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
  return { user, eventId, lockIds: lockSeats.map(({ id }) => id) };
}

async function pay(
  app: TestApp,
  user: TestUser,
  lockIds: string[],
  card: { cardStatus?: CardStatus; requestId?: string } = {},
): Promise<string> {
  const input = { lockIds, amount: 15_000, currency: 'USD', cardStatus: 'SUCCESS' as const, ...card };
  return (await app.ok(SIMULATE_PAYMENT, { input }, user)).simulatePayment.paymentId;
}
