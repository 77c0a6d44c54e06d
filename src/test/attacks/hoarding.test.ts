import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.js';
import {
  CONFIRM_BOOKING,
  CREATE_EVENT,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  RELEASE_LOCK,
  SIGN_UP,
  SIMULATE_PAYMENT,
  START_GUEST,
} from '../support/operations.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { BEHIND_PROXY, callFrom, detailsOf, outcomeOf } from './caller.js';

/** Users who keep seats from everybody without buying them. */

const MINUTE_MS = 60_000;

async function server(config: Partial<Config> = {}) {
  const app = await TestApp.start({ config: { rateLimitPerMinute: 10_000, ...BEHIND_PROXY, ...config } });
  onTestFinished(() => app.close());
  const [organizer, ann] = (await app.users(2)) as [TestUser, TestUser];
  const eventId = await app.event(organizer);
  return { app, eventId, ann };
}

const seats = (eventId: string, from: number, count: number) => ({
  input: { eventId, seatNumbers: Array.from({ length: count }, (_, index) => from + index) },
});

test('one user gets ten seats; the refusal says when the first of them expires', async () => {
  const { app, eventId, ann } = await server();
  await app.ok(LOCK_SEATS, seats(eventId, 1, 4), ann);
  app.clock.advance(MINUTE_MS);
  await app.ok(LOCK_SEATS, seats(eventId, 5, 6), ann);
  const one = await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 50 } }, ann);
  expect(one).toMatchObject({
    code: 'SEAT_LIMIT_REACHED',
    details: { limit: 10, retryAfterMs: 4 * MINUTE_MS },
  });
  // For five more, a lock of the second call must expire as well.
  expect((await app.refused(LOCK_SEATS, seats(eventId, 50, 5), ann)).details.retryAfterMs).toBe(
    5 * MINUTE_MS,
  );
  expect((await app.refused(LOCK_SEATS, seats(eventId, 50, 11), ann)).details).toEqual({ limit: 10 });
  app.clock.advance(4 * MINUTE_MS);
  expect((await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 50 } }, ann)).lockSeat.status).toBe(
    'ACTIVE',
  );
});

test('a user who has booked the limit gets no retry time: bookings do not expire', async () => {
  const { app, eventId, ann } = await server({ seatsPerViewerMax: 1 });
  const { lockSeat } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, ann);
  const payment = { lockIds: [lockSeat.id], amount: 100, currency: 'USD', cardStatus: 'SUCCESS' as const };
  const { simulatePayment } = await app.ok(SIMULATE_PAYMENT, { input: payment }, ann);
  const { paymentId } = simulatePayment;
  await app.ok(CONFIRM_BOOKING, { input: { lockId: lockSeat.id, paymentId, requestId: 'r' } }, ann);
  const refused = await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, ann);
  expect(refused).toMatchObject({ code: 'SEAT_LIMIT_REACHED' });
  expect(refused.details).toEqual({ limit: 1 });
});

test('a lock that is extended again and again ends fifteen minutes after it was made', async () => {
  const { app, eventId, ann } = await server();
  const { lockSeat } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, ann);
  const { id: lockId } = lockSeat;
  let extended = 0;
  for (; extended < 100; extended++) {
    app.clock.advance(MINUTE_MS);
    if (outcomeOf(await app.call(EXTEND_LOCK, { lockId }, ann)) !== 'done') break;
  }
  expect(extended).toBe(10);
  app.clock.advance(4 * MINUTE_MS);
  const other = await app.user();
  expect((await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, other)).lockSeat.status).toBe(
    'ACTIVE',
  );
});

test('a loop of locking and releasing ends, for this user and this event; locking a seat that the user already holds costs nothing', async () => {
  const { app, eventId, ann } = await server({ seatLocksPerViewerMax: 5 });
  const lock = (seatNumber = 1) => app.call(LOCK_SEAT, { input: { eventId, seatNumber } }, ann);
  for (let rounds = 0; rounds < 5; rounds++) {
    const { data } = await lock();
    if (rounds === 4) break;
    // A double click.
    expect(outcomeOf(await lock())).toBe('done');
    await app.ok(RELEASE_LOCK, { lockId: data?.lockSeat?.id as string }, ann);
  }
  const refused = await lock(2);
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  const { retryAfterMs } = detailsOf(refused);
  expect(retryAfterMs).toBeGreaterThan(60 * MINUTE_MS);
  // Another event and another user are not affected.
  const elsewhere = await app.event(ann);
  expect(outcomeOf(await app.call(LOCK_SEAT, { input: { eventId: elsewhere, seatNumber: 1 } }, ann))).toBe(
    'done',
  );
  const bob = await app.user();
  expect(outcomeOf(await app.call(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, bob))).toBe('done');
});

test('a seat lost to others does not count against the user who tried', async () => {
  const { app, eventId, ann } = await server({ seatLocksPerViewerMax: 2 });
  const bob = await app.user();
  await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, bob);
  for (let tries = 0; tries < 5; tries++)
    expect(outcomeOf(await app.call(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, ann))).toBe(
      'SEAT_UNAVAILABLE',
    );
  expect(outcomeOf(await app.call(LOCK_SEATS, seats(eventId, 2, 2), ann))).toBe('done');
});

test('many accounts behind one address hold so many seats of an event together, and users elsewhere can still lock', async () => {
  const { app, eventId } = await server({ seatLocksPerAddressMax: 20 });
  const users = await app.users(4);
  const take = (user: TestUser, from: number, address: string) =>
    callFrom(app, { user, address }, LOCK_SEATS, seats(eventId, from, 10));
  expect(outcomeOf(await take(users[0] as TestUser, 1, '192.0.2.1'))).toBe('done');
  expect(outcomeOf(await take(users[1] as TestUser, 11, '192.0.2.1'))).toBe('done');
  const refused = await take(users[2] as TestUser, 21, '192.0.2.1');
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(detailsOf(refused).retryAfterMs).toBe(15 * MINUTE_MS);
  expect(outcomeOf(await take(users[3] as TestUser, 31, '192.0.2.2'))).toBe('done');
  app.clock.advance(15 * MINUTE_MS);
  expect(outcomeOf(await take(users[2] as TestUser, 21, '192.0.2.1'))).toBe('done');
});

test('simultaneous calls lock no more seats of an event than their address may', async () => {
  const { app, ann } = await server({ seatLocksPerAddressMax: 50 });
  const eventId = await app.event(ann, { totalSeats: 1_000 });
  const users = await app.users(80);
  const answers = await Promise.all(
    users.map((user, index) => app.call(LOCK_SEATS, seats(eventId, 1 + 10 * index, 10), user)),
  );
  expect(answers.map(outcomeOf).filter((outcome) => outcome === 'done')).toHaveLength(5);
  const refused = answers.filter((answer) => outcomeOf(answer) === 'RATE_LIMITED');
  expect(refused).toHaveLength(75);
  for (const answer of refused) expect(detailsOf(answer).retryAfterMs).toBe(15 * MINUTE_MS);
  expect(await app.database.locks.countDocuments({ eventId })).toBe(50);
});

test('simultaneous calls lock no more seats than their user may, and a seat that is free can still be locked', async () => {
  const { app, eventId, ann } = await server({ seatLocksPerViewerMax: 3 });
  const ask = (seatNumber: number) => app.call(LOCK_SEAT, { input: { eventId, seatNumber } }, ann);
  const outcomes = (await Promise.all([1, 2, 3, 4, 5, 6].map(ask))).map(outcomeOf);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(3);
  expect(outcomes.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(3);
});

test('every loser of a rush for one seat gets SEAT_UNAVAILABLE, however many share one address', async () => {
  const { app, eventId } = await server({ seatLocksPerAddressMax: 2 });
  const ask = (user: TestUser, seatNumber: number) =>
    app.call(LOCK_SEAT, { input: { eventId, seatNumber } }, user);
  const users = await app.users(30);
  const outcomes = (await Promise.all(users.map((user) => ask(user, 1)))).map(outcomeOf);
  expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === 'SEAT_UNAVAILABLE')).toHaveLength(29);
  // The quota of the losers was given back.
  expect(outcomeOf(await ask(users[0] as TestUser, 2))).not.toBe('RATE_LIMITED');
});

test('accounts per address and hour are limited; invalid input does not count', async () => {
  const { app } = await server({ signUpsPerAddressMax: 2 });
  const signUp = async (email: string, password = 'a long password', address = '192.0.2.1') =>
    callFrom(app, { address }, SIGN_UP, { input: { email, password } });
  expect(outcomeOf(await signUp('a@example.com', 'short'))).toBe('BAD_USER_INPUT');
  expect(outcomeOf(await signUp('a@example.com'))).toBe('done');
  // Whether an address is taken is information worth guessing for.
  expect(outcomeOf(await signUp('a@example.com'))).toBe('EMAIL_TAKEN');
  const refused = await signUp('b@example.com');
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(outcomeOf(await signUp('c@example.com', 'a long password', '192.0.2.2'))).toBe('done');
  app.clock.advance(detailsOf(refused).retryAfterMs as number);
  expect(outcomeOf(await signUp('b@example.com'))).toBe('done');
});

test('guests per address and hour are limited, and hold no more seats of an event together than other users', async () => {
  const { app, eventId } = await server({ guestsPerAddressMax: 2, seatLocksPerAddressMax: 12 });
  const startGuest = async (address: string) => callFrom(app, { address }, START_GUEST);
  const first = await startGuest('192.0.2.1');
  const second = await startGuest('192.0.2.1');
  const refused = await startGuest('192.0.2.1');
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(outcomeOf(await startGuest('192.0.2.2'))).toBe('done');
  const lock = (guest: typeof first, seat: number, address: string) =>
    callFrom(app, { user: guest.data?.startGuest as never, address }, LOCK_SEATS, seats(eventId, seat, 10));
  expect(outcomeOf(await lock(first, 1, '192.0.2.1'))).toBe('done');
  expect(outcomeOf(await lock(second, 11, '192.0.2.1'))).toBe('RATE_LIMITED');
  app.clock.advance(detailsOf(refused).retryAfterMs as number);
  expect(outcomeOf(await startGuest('192.0.2.1'))).toBe('done');
});

test('users behind one address share a limit of calls a minute on all servers, and no user can use it up alone', async () => {
  const config = { rateLimitPerMinute: 20, callsPerAddressMax: 100, ...BEHIND_PROXY };
  const { app } = await server(config);
  const other = await TestApp.start({ sharing: app, config });
  onTestFinished(() => other.close({ keepData: true }));
  const users = await app.users(12);
  const call = (on: TestApp, user: TestUser, address = '192.0.2.1') =>
    callFrom(on, { user, address }, '{ me { id } }');
  const greedy = users.pop() as TestUser;
  for (let calls = 0; calls < 150; calls++) await call(app, greedy);
  expect(outcomeOf(await call(app, greedy))).toBe('RATE_LIMITED');
  const fresh = users.pop() as TestUser;
  let passed = 20;
  let refused: Awaited<ReturnType<typeof call>> | undefined;
  for (let calls = 0; calls < 18 && refused === undefined; calls++) {
    for (const user of users) {
      const answer = await call(calls % 2 === 0 ? app : other, user);
      if (outcomeOf(answer) === 'done') passed += 1;
      else refused = answer;
    }
  }
  expect(passed).toBeGreaterThanOrEqual(100);
  expect(outcomeOf(refused as NonNullable<typeof refused>)).toBe('RATE_LIMITED');
  // Each server refuses once it knows the other's count, long before its own count reaches the limit.
  for (const server of [app, other])
    await expect
      .poll(async () => outcomeOf(await call(server, fresh)), { interval: 1_000 })
      .toBe('RATE_LIMITED');
  expect(refused?.status).toBe(429);
  expect(Number(refused?.retryAfter)).toBeLessThanOrEqual(60);
  expect(outcomeOf(await call(app, users[0] as TestUser, '192.0.2.2'))).toBe('done');
  app.clock.advance(MINUTE_MS);
  expect(outcomeOf(await call(app, users[0] as TestUser))).toBe('done');
});

test('events per user and per address and day are limited; invalid input does not count', async () => {
  const { app } = await server({ eventsPerViewerMax: 2, eventsPerAddressMax: 4 });
  const users = await app.users(3);
  const eventDate = new Date(app.clock.now().getTime() + 7 * 24 * 60 * MINUTE_MS).toISOString();
  const make = async (user: number, totalSeats = 10, address = '192.0.2.1') => {
    const input = { name: 'One more', eventDate, totalSeats };
    return callFrom(app, { user: users[user] as TestUser, address }, CREATE_EVENT, { input });
  };
  expect(outcomeOf(await make(0, -1))).toBe('BAD_USER_INPUT');
  expect([outcomeOf(await make(0)), outcomeOf(await make(0))]).toEqual(['done', 'done']);
  const refused = await make(0);
  expect(outcomeOf(refused)).toBe('RATE_LIMITED');
  expect(detailsOf(refused).retryAfterMs).toBe(24 * 60 * MINUTE_MS);
  expect(refused.retryAfter).toBe(String(24 * 60 * 60));
  // One that was refused for its user did not count for the address.
  for (let tries = 0; tries < 5; tries++) await make(0);
  expect([outcomeOf(await make(1)), outcomeOf(await make(1))]).toEqual(['done', 'done']);
  expect(outcomeOf(await make(2))).toBe('RATE_LIMITED');
  expect(outcomeOf(await make(2, 10, '192.0.2.2'))).toBe('done');
});

test('RATE_LIMIT_PER_MINUTE=0 turns off every limit except the seats of one user', async () => {
  const { app, eventId, ann } = await server({
    rateLimitPerMinute: 0,
    callsPerAddressMax: 1,
    eventsPerViewerMax: 1,
    eventsPerAddressMax: 1,
    signUpsPerAddressMax: 1,
    guestsPerAddressMax: 1,
    seatLocksPerViewerMax: 1,
    seatLocksPerAddressMax: 1,
  });
  expect(outcomeOf(await app.call(LOCK_SEATS, seats(eventId, 1, 10), ann))).toBe('done');
  expect(outcomeOf(await app.call(LOCK_SEATS, seats(eventId, 1, 10), ann))).toBe('done');
  for (const email of ['a@example.com', 'b@example.com'])
    expect(outcomeOf(await app.call(SIGN_UP, { input: { email, password: 'a long password' } }))).toBe(
      'done',
    );
  expect(outcomeOf(await app.call(LOCK_SEAT, { input: { eventId, seatNumber: 11 } }, ann))).toBe(
    'SEAT_LIMIT_REACHED',
  );
  expect(await app.database.rateCounts.countDocuments()).toBe(0);
});
