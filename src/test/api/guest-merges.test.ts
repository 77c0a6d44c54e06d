import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { MERGE_REPEATED_MS } from '../../account/guests.js';
import { newLockId } from '../../core/ids.js';
import { BatchTransaction } from '../../store/batches/batch-transaction.js';
import { CommandBatches } from '../../store/batches/command-batches.js';
import { GuestStore } from '../../store/queries/guest-store.js';
import { RULES } from '../support/booking-fixtures.js';
import { captureLog } from '../support/captured-log.js';
import {
  BOOKING_TICKET,
  CHECK_IN,
  CONFIRM_BOOKINGS,
  LOCK_SEATS,
  LOG_IN,
  ME,
  MY_BOOKINGS,
  MY_EVENTS,
  MY_LOCKS,
  MY_RESERVATIONS_CHANGED,
  RENEW_TOKEN,
  SEAT_MAP,
  SIGN_UP,
  SIMULATE_PAYMENT,
  START_GUEST,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import { TestApp, type TestUser } from '../support/test-app.js';
import { occupanciesOf } from '../support/test-database.js';
import { TestServers } from '../support/test-servers.js';

/** A guest logs in to an account, which gets all that the guest has. */

const SERVERS = 2;
const RACES = 20;
const [FIRST_REPETITION_MS, LAST_REPETITION_MS] = MERGE_REPEATED_MS;
const HOUR_MS = 60 * 60_000;

let servers: TestServers;
let app: TestApp;
let organizer: TestUser;
/** One password hash for all accounts: hashing takes longer than the rest of a test. */
const PASSWORD = 'a long password';
let passwordHash: string;
beforeAll(async () => {
  servers = await TestServers.start(SERVERS);
  app = servers.first;
  organizer = await app.user();
  await app.ok(SIGN_UP, { input: { email: 'hash@example.com', password: PASSWORD } });
  passwordHash = (await app.database.users.findOne({ email: 'hash@example.com' }).lean())
    ?.passwordHash as string;
});
afterAll(() => servers.close());

let eventId: string;
beforeEach(async () => {
  eventId = await app.event(organizer);
});

async function account(): Promise<TestUser> {
  const user = await app.user();
  await app.database.users.updateOne({ _id: user.id }, { passwordHash });
  return user;
}
const startGuest = async () => (await app.ok(START_GUEST)).startGuest;
type Guest = Awaited<ReturnType<typeof startGuest>>;
const logIn = (on: TestApp, { email }: TestUser, guest: Pick<TestUser, 'token'>) =>
  on.call(LOG_IN, { input: { email, password: PASSWORD } }, guest);
const lock = (on: TestApp, user: Pick<TestUser, 'token'>, seatNumbers: number[], event = eventId) =>
  on.call(LOCK_SEATS, { input: { eventId: event, seatNumbers } }, user);
const hold = async (user: Pick<TestUser, 'token'>, seatNumbers: number[], event = eventId) => {
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId: event, seatNumbers } }, user);
  return lockSeats.map(({ id }) => id);
};
const payment = (lockIds: string[]) => ({
  input: {
    lockIds,
    amount: 1_000,
    currency: 'USD',
    cardStatus: 'SUCCESS' as const,
    requestId: `pay ${lockIds[0]}`,
  },
});
async function book(user: Pick<TestUser, 'token'>, seatNumbers: number[], event = eventId) {
  return bookHeld(user, await hold(user, seatNumbers, event));
}
async function bookHeld(user: Pick<TestUser, 'token'>, lockIds: string[]) {
  const { paymentId } = (await app.ok(SIMULATE_PAYMENT, payment(lockIds), user)).simulatePayment;
  const confirmation = { input: { lockIds, paymentId, requestId: `confirm ${lockIds[0]}` } };
  const { confirmBookings } = await app.ok(CONFIRM_BOOKINGS, confirmation, user);
  return { lockIds, paymentId, confirmation, confirmBookings };
}
/** What the records of all collections say whose they are. */
const recordsOf = (userId: string) =>
  Promise.all([
    app.database.locks.countDocuments({ userId }),
    app.database.payments.countDocuments({ userId }),
    app.database.bookings.countDocuments({ userId }),
    app.database.requests.countDocuments({ _id: new RegExp(`^${userId}:`) }),
  ]);
const runMergesAfter = async (ms: number) => {
  app.clock.advance(ms);
  await app.app.jobs.guestMerge.run();
};

test('held and booked seats, payments, events and repeated calls become the account’s; live feeds and both limits follow', async () => {
  const user = await account();
  const own = [1, 2, 3, 4, 5, 6];
  await hold(user, own);
  const guest = await startGuest();
  const elsewhere = await app.event(guest as never, { totalSeats: 10 });
  const booked = await book(guest, [21, 22]);
  const held = await hold(guest, [31, 32, 33]);
  const bookedElsewhere = await book(guest, [1], elsewhere);
  const feed = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, user);
  expect((await feed.next()).myReservationsChanged.locks).toHaveLength(own.length);
  const guestsSocket = app.socket(guest);
  const guestsFeed = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, guest, guestsSocket);
  await guestsFeed.next();
  const { version } = (await app.ok(SEAT_MAP, { id: eventId })).event?.seatMap ?? {};

  // The client has lost the answer of its last confirmation, and the user logs in.
  const { data } = await logIn(app, user, guest);
  expect(data?.logIn?.user).toMatchObject({ id: user.id, email: user.email });
  const signedIn = data?.logIn as Guest;

  const { locks } = (await app.ok(MY_LOCKS, { eventId }, signedIn)).me;
  expect(locks.map(({ seatNumber }) => seatNumber).sort((a, b) => a - b)).toEqual([...own, 31, 32, 33]);
  const { nodes } = (await app.ok(MY_BOOKINGS, {}, signedIn)).me.bookings;
  expect(nodes.map(({ seatNumber }) => seatNumber).sort((a, b) => a - b)).toEqual([1, 21, 22]);
  for (const { lockIds, paymentId, confirmation, confirmBookings } of [booked, bookedElsewhere]) {
    expect(await app.ok(CONFIRM_BOOKINGS, confirmation, signedIn)).toEqual({ confirmBookings });
    const { simulatePayment } = await app.ok(SIMULATE_PAYMENT, payment(lockIds), signedIn);
    expect(simulatePayment.paymentId).toBe(paymentId);
  }
  expect((await app.ok(MY_EVENTS, {}, signedIn)).me.events.nodes).toMatchObject([{ id: elsewhere }]);
  expect(await recordsOf(guest.user.id)).toEqual([0, 0, 0, 0]);

  // Eleven seats are above the limit of ten: they stay and can be booked, and a twelfth is refused.
  const more = await lock(app, signedIn, [40]);
  expect(more.errors?.[0]?.extensions.code).toBe('SEAT_LIMIT_REACHED');
  expect((await app.ok(SEAT_MAP, { id: eventId })).event?.seatMap.version).toBe(version);
  await bookHeld(signedIn, held);

  // The account's feed has all of it. The guest's socket is closed, and the guest's token refused.
  await feed.until(
    ({ myReservationsChanged: mine }) => mine.locks.length === 11 && mine.bookings.length === 5,
  );
  expect(await guestsFeed.end()).toMatchObject({ code: 4403 });
  for (const server of servers.all) {
    expect((await server.refused(ME, {}, guest)).code).toBe('UNAUTHENTICATED');
    expect((await server.refused(RENEW_TOKEN, {}, guest)).code).toBe('UNAUTHENTICATED');
    expect((await logIn(server, user, guest)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  }
});

test('the scans of an event whose organizer was a guest are the account’s: the same scanId gets the same answer', async () => {
  const [user, buyer] = [await account(), await app.user()];
  const guest = await startGuest();
  const own = await app.event(guest as never, { totalSeats: 10 });
  const { confirmBookings } = await book(buyer, [1, 2], own);
  const codes = await Promise.all(
    confirmBookings.map(async ({ id }) => {
      const { booking } = await app.ok(BOOKING_TICKET, { id }, buyer);
      return booking?.ticket?.code as string;
    }),
  );
  const scan = (scanner: Pick<TestUser, 'token'>, code: string | undefined, scanId: string) => {
    const at = app.clock.now().toISOString();
    return app.ok(CHECK_IN, { input: { eventId: own, code: code ?? '', scanId, at } }, scanner);
  };
  const admitted = await scan(guest, codes[0], 'first');
  expect(admitted.checkIn?.result).toBe('ADMITTED');
  const again = await scan(guest, codes[0], 'second');
  expect(again.checkIn?.result).toBe('ALREADY_ADMITTED');

  await logIn(app, user, guest);
  expect(await scan(user, codes[0], 'first')).toEqual(admitted);
  expect(await scan(user, codes[0], 'second')).toEqual(again);
  expect((await scan(user, codes[1], 'third')).checkIn?.result).toBe('ADMITTED');
  expect(await recordsOf(guest.user.id)).toEqual([0, 0, 0, 0]);
});

test('a merge is repeated for a lock that was still on its way; then the guest is deleted', async () => {
  const user = await account();
  const guest = await startGuest();
  await hold(guest, [1]);
  await logIn(app, user, guest);
  const late = async (seatNumber: number) => {
    const now = app.clock.now();
    const expiresAt = new Date(now.getTime() + RULES.lockTtlMs);
    const rest = { createdAt: now, expiresAt, endedAt: null, bookingId: null, paymentId: null };
    const _id = newLockId(eventId);
    const userId = guest.user.id;
    await app.database.locks.create({ _id, eventId, seatNumber, userId, status: 'active', ...rest });
  };
  await late(2);
  await runMergesAfter(FIRST_REPETITION_MS);
  await late(3);
  await runMergesAfter(LAST_REPETITION_MS - FIRST_REPETITION_MS);
  const { locks } = (await app.ok(MY_LOCKS, { eventId }, user)).me;
  expect(locks.map(({ seatNumber }) => seatNumber)).toEqual([1, 2, 3]);
  expect(await app.database.users.countDocuments({ _id: guest.user.id })).toBe(0);
  expect((await app.refused(ME, {}, guest)).code).toBe('UNAUTHENTICATED');
});

test(`a guest who locks seats on ${SERVERS} servers while logging in loses none of them, ${RACES} times`, async () => {
  for (let race = 0; race < RACES; race++) {
    const user = await account();
    const guest = await startGuest();
    const event = await app.event(organizer);
    const locking = Array.from({ length: 8 }, (_, index) =>
      lock(servers.of(index), guest, [index + 1], event),
    );
    // From "before any lock" to "after all of them".
    for (let locked = 0; locked < race % 9; locked++) await Promise.race(locking);
    const { data } = await logIn(servers.of(race), user, guest);
    const granted = (await Promise.all(locking)).flatMap((answer) => answer.data?.lockSeats ?? []);
    expect(data?.logIn?.user.id).toBe(user.id);
    await runMergesAfter(FIRST_REPETITION_MS);
    const { locks } = (await app.ok(MY_LOCKS, { eventId: event }, user)).me;
    expect(locks.map(({ id }) => id).sort()).toEqual(granted.map(({ id }) => id).sort());
    expect(await recordsOf(guest.user.id)).toEqual([0, 0, 0, 0]);
    const { event: counted } = await recount(app.database, event);
    expect(counted.version).toBeLessThanOrEqual(granted.length);
  }
});

test.each([
  ['after the intention was stored', 0],
  ['after the first of two events', 1],
])('a merge whose server died %s is completed by the job', async (_, eventsDone) => {
  const user = await account();
  const guest = await startGuest();
  const other = await app.event(organizer);
  await hold(guest, [1]);
  const { confirmation, confirmBookings } = await book(guest, [2], other);
  const guests = new GuestStore(app.database, app.clock);
  const now = app.clock.now();
  const due = new Date(now.getTime() + FIRST_REPETITION_MS);
  await guests.beginMerge(guest.user.id, user.id, now, due);
  if (eventsDone === 1) {
    const { log } = captureLog();
    const batches = new CommandBatches(
      new BatchTransaction(app.database, () => app.clock.now(), occupanciesOf(app.database), RULES, log),
    );
    onTestFinished(() => batches.close());
    const [fromUserId, toUserId] = [guest.user.id, user.id];
    await batches.submit({ kind: 'transferReservations', eventId, fromUserId, toUserId });
  }
  await runMergesAfter(FIRST_REPETITION_MS);
  expect(await recordsOf(guest.user.id)).toEqual([0, 0, 0, 0]);
  expect((await app.ok(MY_LOCKS, { eventId }, user)).me.locks).toHaveLength(1);
  expect(await app.ok(CONFIRM_BOOKINGS, confirmation, user)).toEqual({ confirmBookings });
});

test('a guest belongs to the first account that it was merged into, and a guest who has signed up to none', async () => {
  const [first, second] = [await account(), await account()];
  const guest = await startGuest();
  await hold(guest, [1]);
  const answers = await Promise.all([logIn(app, first, guest), logIn(servers.of(1), second, guest)]);
  expect(answers.filter(({ data }) => data?.logIn).length).toBeGreaterThan(0);
  const held = await Promise.all(
    [first, second].map(async (user) => (await app.ok(MY_LOCKS, { eventId }, user)).me.locks.length),
  );
  expect(held.sort()).toEqual([0, 1]);

  const named = await startGuest();
  await hold(named, [2]);
  const email = `${named.user.id}@example.com`;
  await app.ok(SIGN_UP, { input: { email, password: PASSWORD } }, named);
  expect((await logIn(servers.of(1), first, named)).data?.logIn?.user.id).toBe(first.id);
  expect((await app.ok(MY_LOCKS, { eventId }, named)).me.locks).toHaveLength(1);
});

test('idle guests are deleted a day after their last token has expired; guests who paid or booked, never', async () => {
  const [unused, renewed, holding, buyer, refused] = (await Promise.all(
    Array.from({ length: 5 }, startGuest),
  )) as [Guest, Guest, Guest, Guest, Guest];
  const named = await startGuest();
  await app.ok(SIGN_UP, { input: { email: 'kept@example.com', password: PASSWORD } }, named);
  await hold(holding, [1]);
  await book(buyer, [2]);
  const declined = { ...payment(await hold(refused, [3])).input, cardStatus: 'DECLINED' as const };
  await app.ok(SIMULATE_PAYMENT, { input: declined }, refused);
  const left = async () => {
    await app.app.jobs.guestDeletion.run();
    const ids = [unused, renewed, holding, buyer, refused, named].map(({ user }) => user.id);
    const users = await app.database.users.find({ _id: { $in: ids } }).lean();
    return ids.map((id) => users.some(({ _id }) => _id === id));
  };
  app.clock.advance(11 * HOUR_MS);
  await app.ok(RENEW_TOKEN, {}, renewed);
  app.clock.advance(25 * HOUR_MS - 1);
  expect(await left()).toEqual([true, true, true, true, true, true]);
  app.clock.advance(1);
  expect(await left()).toEqual([false, true, false, true, true, true]);
  app.clock.advance(11 * HOUR_MS);
  expect(await left()).toEqual([false, false, false, true, true, true]);
});
