import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LockStatus } from '../../booking/lock.js';
import { newLockId, newUserId } from '../../core/ids.js';
import { CONFIRM_BOOKING, LOCK_SEAT, LOCK_SEATS, SIMULATE_PAYMENT } from '../support/operations.js';
import { recount } from '../support/recount.js';
import { withSeed } from '../support/seeded-random.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { TestServers } from '../support/test-servers.js';

const DUPLICATE_KEY = 11000;
const LOCK_TTL_MS = 300_000;

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

  test.each([1, 2, 3])(
    '200 callers for one seat: one lock, 199 times SEAT_UNAVAILABLE with the nearest free seats (round %i)',
    async () => {
      const callers = await app.users(200);
      const eventId = await app.event(callers[0] as TestUser);

      const answers = await Promise.all(
        callers.map((user, index) =>
          servers.of(index).call(LOCK_SEAT, { input: { eventId, seatNumber: 50 } }, user),
        ),
      );

      const locked = answers.flatMap(({ data }) => data?.lockSeat ?? []);
      expect(locked).toMatchObject([{ seatNumber: 50, status: 'ACTIVE' }]);
      const refusals = answers.flatMap(({ errors }) => errors ?? []);
      expect(refusals).toHaveLength(199);
      for (const { extensions } of refusals) {
        expect(extensions).toEqual({
          code: 'SEAT_UNAVAILABLE',
          // Beside it, and in the row in front: rows have 20 seats.
          details: {
            seatNumbers: [50],
            suggestedSeats: [49, 51, 48, 52, 47],
            suggestions: [49, 51, 48, 52, 47].map((seatNumber) => ({
              seatNumber,
              label: `Main, row C, seat ${seatNumber - 40}`,
              price: null,
            })),
          },
        });
      }
      const { locks } = await recount(app.database, eventId);
      const winner = callers[answers.findIndex(({ data }) => data?.lockSeat)];
      expect(locks).toMatchObject([{ _id: locked[0]?.id, userId: winner?.id, status: 'active' }]);
    },
  );

  test('100 callers for one expired lock’s seat: one gets it, and the old lock is recorded as expired', async () => {
    const callers = await app.users(100);
    const eventId = await app.event(callers[0] as TestUser);
    const input = { eventId, seatNumber: 1 };
    const { lockSeat: old } = await app.ok(LOCK_SEAT, { input }, await app.user());
    app.clock.advance(LOCK_TTL_MS);

    const answers = await Promise.all(
      callers.map((user, index) => servers.of(index).call(LOCK_SEAT, { input }, user)),
    );

    expect(answers.filter(({ data }) => data?.lockSeat)).toHaveLength(1);
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(codes).toEqual(Array(99).fill('SEAT_UNAVAILABLE'));
    const { locks, live } = await recount(app.database, eventId);
    expect(locks).toHaveLength(2);
    expect(live).toHaveLength(1);
    expect(locks.find(({ _id }) => _id === old.id)?.status).toBe('expired');
  });

  test('50 calls of one viewer for one seat: the same lock 50 times', async () => {
    const user = await app.user();
    const eventId = await app.event(user);

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        servers.of(index).ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user),
      ),
    );

    expect(new Set(answers.map(({ lockSeat }) => lockSeat.id)).size).toBe(1);
    expect((await recount(app.database, eventId)).locks).toHaveLength(1);
  });

  test('the seat limit holds however many seats one viewer asks for at once', async () => {
    const user = await app.user();
    const eventId = await app.event(user);

    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        servers.of(index).call(LOCK_SEAT, { input: { eventId, seatNumber: index + 1 } }, user),
      ),
    );

    expect(answers.filter(({ data }) => data?.lockSeat)).toHaveLength(10);
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(codes).toEqual(Array(50).fill('SEAT_LIMIT_REACHED'));
    expect((await recount(app.database, eventId)).live).toHaveLength(10);
  });

  test('100 viewers book the 100 seats of an event at once: 100 bookings, and every count is exact', async () => {
    const users = await app.users(100);
    const eventId = await app.event(users[0] as TestUser);

    const bookings = await Promise.all(
      users.map(async (user, index) => {
        const server = (step: number) => servers.of(index + step);
        const seat = { eventId, seatNumber: index + 1 };
        const { lockSeat } = await server(0).ok(LOCK_SEAT, { input: seat }, user);
        const card = { amount: 15_000, currency: 'USD', cardStatus: 'SUCCESS' as const };
        const payment = { lockIds: [lockSeat.id], ...card };
        const { simulatePayment } = await server(1).ok(SIMULATE_PAYMENT, { input: payment }, user);
        const { paymentId } = simulatePayment;
        const input = { lockId: lockSeat.id, paymentId, requestId: 'mine' };
        return (await server(2).ok(CONFIRM_BOOKING, { input }, user)).confirmBooking;
      }),
    );

    expect(new Set(bookings.map(({ id }) => id)).size).toBe(100);
    expect(bookings.map(({ seatNumber }) => seatNumber)).toEqual(users.map((_, index) => index + 1));
    const { event, live, standing, payments } = await recount(app.database, eventId);
    expect(event).toMatchObject({ totalSeats: 100, bookedSeats: 100, availableSeats: 0 });
    expect(standing.map(({ _id }) => _id).sort()).toEqual(bookings.map(({ id }) => id).sort());
    expect(new Set(standing.map(({ userId }) => userId)).size).toBe(100);
    expect(live.every(({ status }) => status === 'used')).toBe(true);
    expect(payments.map(({ status }) => status)).toEqual(Array(100).fill('completed'));

    const latecomer = await app.user();
    const refusal = await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 50 } }, latecomer);
    expect(refusal).toMatchObject({ code: 'SEAT_UNAVAILABLE', details: { suggestedSeats: [] } });
  });

  test.each([1, 2, 3])(
    '50 callers for the same five seats: one gets all five, 49 are refused with all five (round %i)',
    async () => {
      const callers = await app.users(50);
      const eventId = await app.event(callers[0] as TestUser);
      const seatNumbers = [3, 9, 4, 20, 1];

      const answers = await Promise.all(
        callers.map((user, index) =>
          servers.of(index).call(LOCK_SEATS, { input: { eventId, seatNumbers } }, user),
        ),
      );

      const winners = answers.flatMap(({ data }) => (data?.lockSeats ? [data.lockSeats] : []));
      expect(winners.map((locks) => locks.map(({ seatNumber }) => seatNumber))).toEqual([seatNumbers]);
      const refusals = answers.flatMap(({ errors }) => errors ?? []);
      expect(refusals).toHaveLength(49);
      for (const { extensions } of refusals) {
        expect(extensions).toMatchObject({ code: 'SEAT_UNAVAILABLE', details: { seatNumbers } });
      }
      expect((await recount(app.database, eventId)).locks).toHaveLength(5);
    },
  );

  test('callers for overlapping sets get all of their seats or none, and the refusal names every lost seat', () =>
    withSeed(async (random) => {
      const seats = Array.from({ length: 30 }, (_, index) => index + 1);
      const callers = await app.users(60);
      const eventId = await app.event(callers[0] as TestUser, { totalSeats: seats.length });
      const wanted = callers.map(() => random.some(seats, 2 + random.below(4)));
      const ask = (index: number) => {
        const input = { eventId, seatNumbers: wanted[index] as number[] };
        return servers.of(index).call(LOCK_SEATS, { input }, callers[index]);
      };

      const answers = await Promise.all(callers.map((_, index) => ask(index)));

      const { live } = await recount(app.database, eventId);
      const seatsOf = (user: TestUser | undefined) =>
        live.filter(({ userId }) => userId === user?.id).map(({ seatNumber }) => seatNumber);
      const held = live.map(({ seatNumber }) => seatNumber);
      expect(answers.some(({ data }) => data?.lockSeats)).toBe(true);
      for (const [index, { data, errors }] of answers.entries()) {
        const asked = wanted[index] as number[];
        if (data?.lockSeats) {
          expect(data.lockSeats.map(({ seatNumber }) => seatNumber)).toEqual(asked);
          expect(seatsOf(callers[index]).sort()).toEqual([...asked].sort());
          continue;
        }
        expect(seatsOf(callers[index])).toEqual([]);
        const [error] = errors ?? [];
        expect(error?.extensions.code).toBe('SEAT_UNAVAILABLE');
        // No lock is released here, so a seat lost at the time of the answer is still locked now …
        const lost = error?.extensions.details.seatNumbers as number[];
        expect(lost.length).toBeGreaterThan(0);
        expect(asked.filter((seat) => lost.includes(seat))).toEqual(lost);
        expect(held).toEqual(expect.arrayContaining(lost));
        // … and a second call, with no other caller, must name every one of them.
        const again = await ask(index);
        expect(again.errors?.[0]?.extensions.details.seatNumbers).toEqual(
          asked.filter((seat) => held.includes(seat)),
        );
      }
      expect((await recount(app.database, eventId)).locks).toHaveLength(live.length);
    }));
});

describe('the database itself guarantees', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  const lockOf = (eventId: string, status: LockStatus, seatNumber = 7) => ({
    _id: newLockId(eventId) as never,
    eventId,
    seatNumber,
    userId: newUserId(),
    status,
    createdAt: app.clock.now(),
    expiresAt: app.clock.now(),
    endedAt: null,
    bookingId: null,
    paymentId: null,
  });
  const refused = (write: Promise<unknown>) => expect(write).rejects.toMatchObject({ code: DUPLICATE_KEY });

  test.each([
    ['active', 'active'],
    ['active', 'used'],
    ['used', 'active'],
    ['used', 'used'],
    ['heldBack', 'active'],
    ['active', 'heldBack'],
    ['used', 'heldBack'],
  ] as const)('a seat with a lock that is %s refuses another one that is %s', async (first, second) => {
    const { collection } = app.database.locks;
    const eventId = await app.event(await app.user());
    await collection.insertOne(lockOf(eventId, first));

    await refused(collection.insertOne(lockOf(eventId, second)));

    expect(await collection.countDocuments({ eventId })).toBe(1);
  });

  test.each(['expired', 'released'] as const)(
    'a lock that is %s cannot become live while another live lock exists',
    async (ended) => {
      const { collection } = app.database.locks;
      const eventId = await app.event(await app.user());
      const old = lockOf(eventId, ended);
      await collection.insertMany([old, lockOf(eventId, ended), lockOf(eventId, 'active')]);

      await refused(collection.updateOne({ _id: old._id }, { $set: { status: 'used' } }));
      await refused(collection.updateOne({ _id: old._id }, { $set: { status: 'active' } }));
    },
  );

  test('other seats, and the same seat of other events, may have one', async () => {
    const { collection } = app.database.locks;
    const user = await app.user();
    const [eventId, other] = [await app.event(user), await app.event(user)];
    const locks = [lockOf(eventId, 'active'), lockOf(eventId, 'used', 8), lockOf(other, 'active')];

    await expect(collection.insertMany(locks)).resolves.toMatchObject({ insertedCount: 3 });
  });

  test('two writers at once without a claim: one live lock', async () => {
    const { collection } = app.database.locks;
    const eventId = await app.event(await app.user());

    const writes = await Promise.allSettled(
      Array.from({ length: 50 }, () => collection.insertOne(lockOf(eventId, 'active'))),
    );

    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await collection.countDocuments({ eventId })).toBe(1);
  });

  test('an event’s version, a payment’s id and a requestId are unique', async () => {
    const { changes, payments, requests } = app.database;
    const eventId = await app.event(await app.user());
    const change = { eventId, version: 1, seats: [], reservations: [], at: app.clock.now() };
    await changes.collection.insertOne({ ...change });
    await payments.collection.insertOne({ paymentId: `pay_${eventId}` } as never);
    await requests.collection.insertOne({ _id: eventId } as never);

    await refused(changes.collection.insertOne({ ...change }));
    await refused(payments.collection.insertOne({ paymentId: `pay_${eventId}` } as never));
    await refused(requests.collection.insertOne({ _id: eventId } as never));
  });
});
