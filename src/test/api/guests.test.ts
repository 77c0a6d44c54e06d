import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CONFIRM_BOOKINGS,
  LOCK_SEATS,
  LOG_OUT_EVERYWHERE,
  ME,
  MY_BOOKINGS,
  MY_RESERVATIONS_CHANGED,
  RENEW_TOKEN,
  SIGN_UP,
  SIMULATE_PAYMENT,
  START_GUEST,
} from '../support/operations.js';
import { TestApp, type TestUser } from '../support/test-app.js';

/** Guests: users without address and password. */

const PASSWORD = 'a long password';
const TOKEN_TTL_MS = 12 * 60 * 60_000;

let app: TestApp;
let organizer: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  organizer = await app.user();
});
afterAll(() => app.close());

const startGuest = async () => (await app.ok(START_GUEST)).startGuest;
const lock = (eventId: string, seatNumbers: number[]) => ({ input: { eventId, seatNumbers } });
const payFor = (lockIds: string[], requestId: string) => ({
  input: { lockIds, amount: 1_000, currency: 'USD', cardStatus: 'SUCCESS' as const, requestId },
});

test('a guest holds, pays, books and watches; the sign-up gives the same user an address, and a lost answer is repeated', async () => {
  const eventId = await app.event(organizer);
  const guest = await startGuest();
  expect(guest.user).toMatchObject({ email: null, isGuest: true });
  const socket = app.socket(guest);
  const mine = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, guest, socket);
  await mine.next();
  const { lockSeats } = await app.ok(LOCK_SEATS, lock(eventId, [1, 2]), guest);
  const lockIds = lockSeats.map(({ id }) => id);
  await mine.until(({ myReservationsChanged: { locks } }) => locks.length === 2);
  const payment = payFor(lockIds, 'pay');
  const { paymentId } = (await app.ok(SIMULATE_PAYMENT, payment, guest)).simulatePayment;
  const confirmation = { input: { lockIds, paymentId, requestId: 'confirm' } };
  const { confirmBookings } = await app.ok(CONFIRM_BOOKINGS, confirmation, guest);
  await mine.until(({ myReservationsChanged: { bookings } }) => bookings.length === 2);

  const taken = await app.user();
  const refused = await app.refused(SIGN_UP, { input: { email: taken.email, password: PASSWORD } }, guest);
  expect(refused.code).toBe('EMAIL_TAKEN');
  expect((await app.ok(ME, {}, guest)).me).toMatchObject({ id: guest.user.id, isGuest: true });

  const input = { email: `${guest.user.id}@example.com`, password: PASSWORD };
  const { signUp } = await app.ok(SIGN_UP, { input }, guest);
  expect(signUp.user).toMatchObject({ id: guest.user.id, email: input.email });
  // The guest's token stays good: it belongs to the same user.
  for (const token of [guest, signUp]) {
    expect((await app.ok(ME, {}, token)).me).toEqual({ ...signUp.user, isGuest: false });
    expect(await app.ok(CONFIRM_BOOKINGS, confirmation, token)).toEqual({ confirmBookings });
    expect((await app.ok(SIMULATE_PAYMENT, payment, token)).simulatePayment.paymentId).toBe(paymentId);
    const { nodes } = (await app.ok(MY_BOOKINGS, {}, token)).me.bookings;
    expect(nodes.map(({ id }) => id).sort()).toEqual(confirmBookings.map(({ id }) => id).sort());
  }
  await app.ok(LOCK_SEATS, lock(eventId, [3]), signUp);
  await mine.until(({ myReservationsChanged: { locks } }) =>
    locks.some(({ seatNumber }) => seatNumber === 3),
  );
  // It is an ordinary account now: a second sign-up makes another one.
  const second = { email: `second.${guest.user.id}@example.com`, password: PASSWORD };
  expect((await app.ok(SIGN_UP, { input: second }, signUp)).signUp.user.id).not.toBe(guest.user.id);
});

test('ten sign-ups of one guest at once, on two servers: one of them names the guest, and nobody loses seats', async () => {
  const other = await TestApp.start({ sharing: app });
  try {
    const guest = await startGuest();
    const servers = [app, other];
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const input = { email: `${index}.${guest.user.id}@example.com`, password: PASSWORD };
        return (servers[index % 2] as TestApp).ok(SIGN_UP, { input }, guest);
      }),
    );
    const ids = answers.map(({ signUp }) => signUp.user.id);
    expect(ids.filter((id) => id === guest.user.id)).toHaveLength(1);
    expect(new Set(ids).size).toBe(10);
    // Both servers know it as soon as the change stream has delivered it.
    for (const server of servers)
      await expect.poll(async () => (await server.ok(ME, {}, guest)).me.isGuest).toBe(false);
  } finally {
    await other.close({ keepData: true });
  }
});

test('a renewed token lasts longer than the old one, which stays good; a log-out everywhere ends both', async () => {
  for (const start of [startGuest, () => app.user()]) {
    const first = await start();
    app.clock.advance(TOKEN_TTL_MS - 1_000);
    const { renewToken } = await app.ok(RENEW_TOKEN, {}, first);
    expect(renewToken.expiresAt).toBe(new Date(app.clock.now().getTime() + TOKEN_TTL_MS).toISOString());
    expect((await app.ok(ME, {}, first)).me.id).toBe(renewToken.user.id);
    app.clock.advance(1_000);
    expect((await app.refused(ME, {}, first)).code).toBe('UNAUTHENTICATED');
    const { renewToken: second } = await app.ok(RENEW_TOKEN, {}, renewToken);
    await app.ok(LOG_OUT_EVERYWHERE, {}, renewToken);
    for (const token of [renewToken, second])
      expect((await app.refused(ME, {}, token)).code).toBe('UNAUTHENTICATED');
  }
});

test('no token that is renewed while the user logs out everywhere outlives the log-out', async () => {
  for (let round = 0; round < 20; round++) {
    const guest = await startGuest();
    const renewals = Array.from({ length: 5 }, () => app.call(RENEW_TOKEN, {}, guest));
    await app.ok(LOG_OUT_EVERYWHERE, {}, guest);
    for (const { data } of await Promise.all(renewals)) {
      if (!data?.renewToken) continue;
      expect((await app.refused(ME, {}, data.renewToken)).code).toBe('UNAUTHENTICATED');
    }
  }
});

test('the page keeps a guest in its cookie, as it keeps an account', async () => {
  const guest = await startGuest();
  const session = await fetch(`${app.url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: guest.token }),
  });
  const [cookie] = (session.headers.get('set-cookie') ?? '').split(';');
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: cookie as string },
    body: JSON.stringify({ query: '{ me { id isGuest } }' }),
  });
  expect(await answer.json()).toMatchObject({ data: { me: { id: guest.user.id, isGuest: true } } });
});

test('the index of addresses of an earlier release is replaced by one that admits many guests, also if two servers start at once', async () => {
  const old = await TestApp.start();
  const users = old.database.users.collection;
  for (const { name } of await users.indexes()) if (name !== '_id_') await users.dropIndex(name as string);
  await users.createIndex({ email: 1 }, { unique: true });
  const input = { email: 'first@example.com', password: PASSWORD };
  await old.ok(SIGN_UP, { input });
  const upgraded = await Promise.all([0, 1].map(() => TestApp.start({ sharing: old })));
  try {
    for (const server of [old, ...upgraded]) {
      await server.ok(START_GUEST);
      expect((await server.refused(SIGN_UP, { input })).code).toBe('EMAIL_TAKEN');
    }
    expect((await users.indexes()).filter(({ key }) => 'email' in key)).toMatchObject([
      { unique: true, sparse: true },
    ]);
  } finally {
    for (const server of upgraded) await server.close({ keepData: true });
    await old.close();
  }
});
