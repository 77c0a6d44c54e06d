import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../core/errors.js';
import { captureLog } from '../support/captured-log.js';
import { Scene } from '../support/event-fixture.js';
import {
  CANCEL_BOOKING,
  CHECK_OUT,
  CONFIRM_BOOKING,
  CREATE_EVENT,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  LOG_IN,
  ME,
  MY_PAYMENTS,
  MY_RESERVATIONS_CHANGED,
  PAUSE_SALE,
  REISSUE_TICKET,
  RELEASE_LOCK,
  RESET_PASSWORD,
  SEAT_AVAILABILITY_CHANGED,
  SEAT_LOCK,
  SETTLE_PAYMENT,
  SIGN_UP,
  SIMULATE_PAYMENT,
  UPDATE_EVENT,
} from '../support/operations.js';
import { RawSocket } from '../support/raw-socket.js';
import { type TestApp as App, TestApp, type TestUser } from '../support/test-app.js';
import { type Attempt, attempt, bearer, onlyError, TRANSPORTS } from '../support/transports.js';

/** Every error code of the contract has the same message, details and shape over both transports. */

const captured = captureLog();
let app: App;
beforeAll(async () => {
  app = await TestApp.start({ log: captured.log });
});
afterAll(() => app.close());
afterEach(() => {
  vi.restoreAllMocks();
});

/** On the file's server. */
const newScene = (input?: Record<string, unknown>) => Scene.make(app, input);
const inAMinute = () => new Date(app.clock.now().getTime() + 60_000).toISOString();
const NO_EVENT = '0'.repeat(12);
/** After this time without watchers a map is dropped. */
const IDLE_MAP_MS = 30_000;
/** The first delay after which reservations are read again if reading them failed. */
const RETRY_MS = 1_000;

/** How to provoke a code: an attempt that can be made twice, and the details of its error. */
interface Case {
  /** @returns the refused operation, and the server that refuses it, unless it is the file's */
  readonly provoke: () => Promise<Attempt & { readonly by?: App }>;
  readonly details: unknown;
}
/** Codes that no operation returns yet. */
const RESERVED = 'reserved';

const CASES: Readonly<Record<ErrorCode, Case | typeof RESERVED>> = {
  EVENT_NOT_FOUND: {
    provoke: async () =>
      (await newScene()).attempt(LOCK_SEAT, { input: { eventId: NO_EVENT, seatNumber: 1 } }),
    details: { field: 'eventId' },
  },
  EVENT_CLOSED: {
    provoke: async () => {
      const scene = await newScene({ totalSeats: 10, eventDate: inAMinute() });
      app.clock.advance(60_000);
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: {},
  },
  SALE_NOT_OPEN: {
    provoke: async () => {
      const salesStartAt = new Date(app.clock.now().getTime() + 30_000).toISOString();
      const scene = await newScene({ totalSeats: 10, eventDate: inAMinute(), salesStartAt });
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: { opensAt: expect.stringMatching(/^2\d{3}-.*Z$/) },
  },
  SALE_PAUSED: {
    provoke: async () => {
      const scene = await newScene();
      await app.ok(PAUSE_SALE, { eventId: scene.eventId }, scene.user);
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: {},
  },
  REVISION_CONFLICT: {
    provoke: async () => {
      const scene = await newScene();
      await app.ok(PAUSE_SALE, { eventId: scene.eventId }, scene.user);
      return scene.attempt(UPDATE_EVENT, {
        input: { eventId: scene.eventId, ifRevision: 1, name: 'Another' },
      });
    },
    details: { revision: 2 },
  },
  SEAT_NOT_FOUND: {
    provoke: async () => {
      const scene = await newScene();
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 101 } });
    },
    details: { field: 'seatNumber', seatNumbers: [101], totalSeats: 100 },
  },
  SEAT_UNAVAILABLE: {
    provoke: async () => {
      const scene = await newScene();
      await scene.lock(1, await app.user());
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: {
      seatNumbers: [1],
      suggestedSeats: [2, 3, 4, 5, 6],
      suggestions: [2, 3, 4, 5, 6].map((seatNumber) => ({
        seatNumber,
        label: `Main, row A, seat ${seatNumber}`,
        price: null,
      })),
    },
  },
  SEAT_LIMIT_REACHED: {
    provoke: async () => {
      const scene = await newScene();
      const seatNumbers = Array.from({ length: 11 }, (_, index) => index + 1);
      return scene.attempt(LOCK_SEATS, { input: { eventId: scene.eventId, seatNumbers } });
    },
    details: { limit: 10 },
  },
  LEAVES_ORPHAN: {
    provoke: async () => {
      const scene = await newScene({ totalSeats: 20, eventDate: inAMinute(), orphanRule: 'REFUSE' });
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 2 } });
    },
    details: { orphanSeats: [1] },
  },
  COMPANION_ONLY: {
    provoke: async () => {
      const features = [
        { seat: 1, feature: 'WHEELCHAIR' },
        { seat: 2, feature: 'COMPANION' },
      ];
      const sections = [{ name: 'Stalls', rowList: [{ label: 'A', seats: 4, features }] }];
      const scene = await newScene({ eventDate: inAMinute(), sections });
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 2 } });
    },
    details: { seatNumbers: [2] },
  },
  LOCK_NOT_FOUND: {
    provoke: async () => (await newScene()).attempt(RELEASE_LOCK, { lockId: 'none' }),
    details: { field: 'lockId' },
  },
  LOCK_EXPIRED: {
    provoke: async () => {
      const scene = await newScene();
      const lockId = await scene.lock();
      app.clock.advance(300_000);
      return scene.attempt(EXTEND_LOCK, { lockId });
    },
    details: { lockId: expect.any(String), seatNumber: 1, status: 'EXPIRED' },
  },
  LOCK_ALREADY_USED: {
    provoke: async () => {
      const scene = await newScene();
      const { lockId } = await scene.book();
      return scene.attempt(RELEASE_LOCK, { lockId });
    },
    details: { lockId: expect.any(String), bookingId: expect.any(String) },
  },
  LOCK_ALREADY_PAID: {
    provoke: async () => {
      const scene = await newScene();
      const lockId = await scene.lock();
      await scene.pay(lockId, 'PROCESSING');
      const input = { lockIds: [lockId], amount: 100, currency: 'USD', cardStatus: 'SUCCESS' };
      return scene.attempt(SIMULATE_PAYMENT, { input });
    },
    details: { lockId: expect.any(String), paymentId: expect.any(String) },
  },
  LOCK_EXTENSION_LIMIT: {
    provoke: async () => {
      const scene = await newScene();
      return scene.attempt(EXTEND_LOCK, { lockId: await scene.lock() });
    },
    details: { expiresAt: expect.any(String) },
  },
  HOLD_EXPIRED: {
    provoke: async () => {
      const scene = await newScene();
      await scene.book(2);
      const input = { eventId: scene.eventId, seatNumbers: [1, 2], requestId: 'r' };
      return scene.attempt(CHECK_OUT, { input });
    },
    details: { seatNumbers: [1, 2], bookedSeatNumbers: [2] },
  },
  TOTAL_CHANGED: {
    provoke: async () => {
      const scene = await newScene({ totalSeats: 10, price: { amount: 900, currency: 'USD' } });
      await scene.lock();
      const expectedTotal = { amount: 800, currency: 'USD' };
      const input = { eventId: scene.eventId, expectedTotal, requestId: 'r' };
      return scene.attempt(CHECK_OUT, { input });
    },
    details: { total: { amount: 900, currency: 'USD' } },
  },
  AMOUNT_MISMATCH: {
    provoke: async () => {
      const scene = await newScene({ totalSeats: 10, price: { amount: 900, currency: 'USD' } });
      const lockIds = [await scene.lock()];
      const input = { lockIds, amount: 899, currency: 'USD', cardStatus: 'SUCCESS' };
      return scene.attempt(SIMULATE_PAYMENT, { input });
    },
    details: { expectedAmount: 900, atLeast: false, currency: 'USD' },
  },
  PAYMENT_NOT_FOUND: {
    provoke: async () => {
      const scene = await newScene();
      return scene.attempt(SETTLE_PAYMENT, { input: { paymentId: 'none', outcome: 'FAILED' } });
    },
    details: { field: 'paymentId' },
  },
  PAYMENT_MISMATCH: {
    provoke: async () => {
      const scene = await newScene();
      const [lockId, other] = [await scene.lock(1), await scene.lock(2)];
      const input = { lockId, paymentId: await scene.pay(other), requestId: 'r' };
      return scene.attempt(CONFIRM_BOOKING, { input });
    },
    details: { paymentId: expect.any(String), lockIds: [expect.any(String)] },
  },
  PAYMENT_FAILED: {
    provoke: async () => {
      const scene = await newScene();
      const lockId = await scene.lock();
      const input = { lockId, paymentId: await scene.pay(lockId, 'DECLINED'), requestId: 'r' };
      return scene.attempt(CONFIRM_BOOKING, { input });
    },
    details: { reason: 'Card was declined', retryable: true, paymentId: expect.any(String) },
  },
  PAYMENT_ALREADY_SETTLED: {
    provoke: async () => {
      const scene = await newScene();
      const paymentId = await scene.pay(await scene.lock());
      return scene.attempt(SETTLE_PAYMENT, { input: { paymentId, outcome: 'FAILED' } });
    },
    details: { status: 'COMPLETED' },
  },
  PAYMENT_PROVIDER_OTHER: {
    provoke: async () => {
      const by = await TestApp.start({ config: { paymentProvider: 'none' } });
      onTestFinished(() => by.close());
      const scene = await Scene.make(by);
      const input = { lockIds: [await scene.lock()], amount: 1, currency: 'USD', cardStatus: 'SUCCESS' };
      return { ...scene.attempt(SIMULATE_PAYMENT, { input }), by };
    },
    details: {},
  },
  BOOKING_NOT_FOUND: {
    provoke: async () => (await newScene()).attempt(CANCEL_BOOKING, { id: 'none' }),
    details: { field: 'id' },
  },
  BOOKING_NOT_CANCELLABLE: {
    provoke: async () => {
      const scene = await newScene({ totalSeats: 10, eventDate: inAMinute() });
      const { bookingId } = await scene.book();
      app.clock.advance(60_000);
      return scene.attempt(CANCEL_BOOKING, { id: bookingId });
    },
    details: {},
  },
  TICKET_NOT_REISSUABLE: {
    provoke: async () => {
      const scene = await newScene();
      const { bookingId } = await scene.book();
      await scene.app.ok(CANCEL_BOOKING, { id: bookingId }, scene.user);
      return scene.attempt(REISSUE_TICKET, { bookingId });
    },
    details: {},
  },
  IDEMPOTENCY_CONFLICT: {
    provoke: async () => {
      const scene = await newScene();
      const lockId = await scene.lock();
      await scene.pay(lockId, 'DECLINED', 'once');
      const input = {
        lockIds: [lockId],
        amount: 101,
        currency: 'USD',
        cardStatus: 'SUCCESS',
        requestId: 'once',
      };
      return scene.attempt(SIMULATE_PAYMENT, { input });
    },
    details: {},
  },
  EMAIL_TAKEN: {
    provoke: async () => {
      const { user, ...scene } = await newScene();
      const input = { email: user.email.toUpperCase(), password: 'a long password' };
      return { ...scene, query: SIGN_UP as never, variables: { input } };
    },
    details: { field: 'email' },
  },
  RESET_LINK_INVALID: {
    provoke: async () => ({
      query: RESET_PASSWORD as never,
      variables: { token: 'forged', password: 'a long password' },
    }),
    details: {},
  },
  INVALID_CREDENTIALS: {
    provoke: async () => {
      const input = { email: 'nobody@example.com', password: 'a long password' };
      return { query: LOG_IN as never, variables: { input } };
    },
    details: {},
  },
  UNAUTHENTICATED: { provoke: async () => ({ query: ME as never }), details: {} },
  FORBIDDEN: RESERVED,
  BAD_USER_INPUT: {
    provoke: async () => {
      const scene = await newScene();
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1.5 } });
    },
    details: { field: 'seatNumber' },
  },
  GRAPHQL_PARSE_FAILED: { provoke: async () => ({ query: '{ me { id }' }), details: {} },
  GRAPHQL_VALIDATION_FAILED: { provoke: async () => ({ query: '{ me { nickname } }' }), details: {} },
  RATE_LIMITED: {
    provoke: async () => {
      const by = await TestApp.start({ config: { rateLimitPerMinute: 1 } });
      onTestFinished(() => by.close());
      const user = await by.user();
      await by.ok(ME, {}, user);
      return { query: '{ __typename }', authorization: bearer(user), by };
    },
    details: { retryAfterMs: expect.any(Number) },
  },
  TOO_BUSY: {
    provoke: async () => {
      const scene = await newScene();
      neverClaims();
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: { retryAfterMs: expect.any(Number) },
  },
  OUTCOME_UNKNOWN: {
    provoke: async () => {
      const scene = await newScene();
      losesCommitAnswers();
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    details: { retryAfterMs: expect.any(Number) },
  },
  INTERNAL_SERVER_ERROR: {
    provoke: async () => {
      const scene = await newScene();
      const id = await scene.lock();
      vi.spyOn(app.database.locks, 'findById').mockImplementation(throwFault);
      return scene.attempt(SEAT_LOCK, { id });
    },
    details: { correlationId: expect.stringMatching(/^[0-9a-z]{16}$/) },
  },
};

/** Text of the thrown errors that no client may see. */
const SECRET = 'the secret inside';
const throwFault = () => {
  throw new Error(SECRET);
};

/** Makes the process's clock for durations jump, so that a deadline passes without waiting for it. */
function pastDeadlines(): () => void {
  const now = performance.now.bind(performance);
  let jumpedMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now() + jumpedMs);
  return () => {
    jumpedMs += 60_000;
  };
}

/** No batch gets past its claim before its timeout. */
function neverClaims(): void {
  const jump = pastDeadlines();
  vi.spyOn(app.database.events.collection, 'findOneAndUpdate').mockImplementation(() => {
    jump();
    throw new mongo.MongoNetworkError(SECRET);
  });
}

/** Every commit succeeds, and its answer is lost, until the batch's timeout. */
function losesCommitAnswers(): void {
  const jump = pastDeadlines();
  const { client } = app.database;
  const startSession = client.startSession.bind(client);
  vi.spyOn(client, 'startSession').mockImplementation((options) => {
    const session = startSession(options);
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = async () => {
      await commit();
      jump();
      throw new mongo.MongoNetworkError(SECRET);
    };
    return session;
  });
}

const cases = Object.entries(CASES).filter((entry): entry is [ErrorCode, Case] => entry[1] !== RESERVED);

test.each(cases)('%s is the same over HTTP and WebSocket', async (code, { provoke, details }) => {
  const { by = app, ...what } = await provoke();
  const errors = [];
  for (const transport of TRANSPORTS) {
    const answer = await attempt(by, transport, what);
    for (const field of Object.values(answer.data ?? {})) expect(field).toBeNull();
    expect(answer.errors).toHaveLength(1);
    const [error] = answer.errors ?? [];
    expect(error?.extensions).toEqual({ code, details });
    expect(error?.message).toMatch(/^[A-Z"].*\S$/);
    expect(JSON.stringify(answer)).not.toMatch(/stack|at .*\.[jt]s:\d/);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    errors.push(error);
  }
  const [overHttp, overWebSocket] = errors.map((error) => ({ ...error, extensions: null }));
  expect(overWebSocket).toEqual(overHttp);
});

test('every code that a client can meet is in the table, and no other', () => {
  expect(Object.keys(CASES).sort()).toEqual([...ERROR_CODES].sort());
  expect(Object.entries(CASES).flatMap(([code, each]) => (each === RESERVED ? code : []))).toEqual([
    'FORBIDDEN',
  ]);
});

describe('an internal error', () => {
  const HIDDEN = 'Something went wrong on our side. The correlation id leads to it in our log.';

  /** Places where an error is not a refusal. */
  const places: Readonly<Record<string, () => Promise<Attempt>>> = {
    'in a query': async () => {
      const scene = await newScene();
      const id = await scene.lock();
      vi.spyOn(app.database.locks, 'findById').mockImplementation(throwFault);
      return scene.attempt(SEAT_LOCK, { id });
    },
    'in a nested field': async () => {
      const scene = await newScene();
      vi.spyOn(app.database.payments, 'find').mockImplementation(throwFault);
      return scene.attempt(MY_PAYMENTS);
    },
    'in a command': async () => {
      const scene = await newScene();
      vi.spyOn(app.database.events.collection, 'findOneAndUpdate').mockImplementation(throwFault);
      return scene.attempt(LOCK_SEAT, { input: { eventId: scene.eventId, seatNumber: 1 } });
    },
    'in an input that is made into a record': async () => {
      const scene = await newScene();
      vi.spyOn(app.database.events, 'create').mockImplementation(throwFault);
      const input = { name: 'Never', eventDate: inAMinute(), totalSeats: 1 };
      return scene.attempt(CREATE_EVENT, { input });
    },
  };

  test.each(Object.entries(places))(
    '%s: the client gets only an id, which the log has too',
    async (_where, provoke) => {
      const what = await provoke();
      for (const transport of TRANSPORTS) {
        const { message, extensions } = await onlyError(app, transport, what);
        const { correlationId } = extensions.details;
        expect({ message, extensions }).toEqual({
          message: HIDDEN,
          extensions: { code: 'INTERNAL_SERVER_ERROR', details: { correlationId: expect.any(String) } },
        });
        const ofCall = captured.lines.filter((line) => line.correlationId === correlationId);
        const logged = ofCall.filter(({ err }) => err !== undefined);
        expect(logged).toHaveLength(1);
        expect(logged[0]?.err).toMatchObject({
          message: SECRET,
          stack: expect.stringContaining('errors.test'),
        });
      }
    },
  );

  test('during authentication over HTTP', async () => {
    const user = await app.user();
    vi.spyOn(app.database.users, 'find').mockImplementation(throwFault);
    const { errors } = await attempt(app, 'HTTP', { query: '{ __typename }', authorization: bearer(user) });
    expect(errors).toEqual([
      {
        message: HIDDEN,
        extensions: { code: 'INTERNAL_SERVER_ERROR', details: { correlationId: expect.any(String) } },
      },
    ]);
    const { correlationId } = errors?.[0]?.extensions.details ?? {};
    expect(captured.lines.filter((line) => line.correlationId === correlationId)).toHaveLength(1);
  });

  test('during authentication over WebSocket: the client is asked to connect again', async () => {
    const user = await app.user();
    vi.spyOn(app.database.users, 'find').mockImplementation(throwFault);
    const socket = await RawSocket.open(app.url);
    expect(await socket.init({ authorization: bearer(user) })).toBe(false);
    expect(await socket.closed).toEqual({ code: 1013, reason: 'Sign in again' });
  });

  test('before a subscription starts', async () => {
    const { eventId } = await newScene();
    // The map that was used when the event was made is dropped by then, and must be loaded again.
    app.clock.advance(IDLE_MAP_MS);
    vi.spyOn(app.database.client, 'startSession').mockImplementation(throwFault);
    const { errors } = await attempt(app, 'WebSocket', {
      query: SEAT_AVAILABILITY_CHANGED as never,
      variables: { eventId },
    });
    expect(errors).toMatchObject([{ message: HIDDEN, extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  });

  test('in the middle of a subscription: one message has the error, and the next one is right', async () => {
    const scene = await newScene();
    const messages = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId: scene.eventId }, scene.user);
    await messages.next();
    const broken = vi.spyOn(app.database.bookings, 'find').mockImplementation(throwFault);
    await scene.lock(1);
    expect((await messages.nextAnswer())?.errors).toMatchObject([
      {
        message: HIDDEN,
        extensions: { code: 'INTERNAL_SERVER_ERROR', details: { correlationId: expect.any(String) } },
      },
    ]);
    broken.mockRestore();
    await scene.lock(2);
    expect((await messages.next()).myReservationsChanged.locks).toHaveLength(2);
  });

  test('in the middle of a subscription to reservations: they are read again without a change', async () => {
    const scene = await newScene();
    const messages = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId: scene.eventId }, scene.user);
    await messages.next();
    const broken = vi.spyOn(app.database.bookings, 'find').mockImplementation(throwFault);
    await scene.lock(1);
    expect((await messages.nextAnswer())?.errors).toHaveLength(1);
    app.clock.advance(RETRY_MS);
    expect((await messages.nextAnswer())?.errors).toHaveLength(1);
    broken.mockRestore();
    // The second delay is twice as long.
    app.clock.advance(2 * RETRY_MS);
    expect((await messages.next()).myReservationsChanged.locks).toHaveLength(1);
  });
});

test('a rate limit is answered with its status and header, and counts each viewer separately', async () => {
  const limited = await TestApp.start({ config: { rateLimitPerMinute: 2 } });
  onTestFinished(() => limited.close());
  const [ann, bob] = (await limited.users(2)) as [TestUser, TestUser];
  const call = (user: TestUser) =>
    fetch(`${limited.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
      body: JSON.stringify({ query: '{ me { id } }' }),
    });
  expect([(await call(ann)).status, (await call(ann)).status]).toEqual([200, 200]);
  const refused = await call(ann);
  expect(refused.status).toBe(429);
  const body = (await refused.json()) as { errors: { extensions: { details: { retryAfterMs: number } } }[] };
  const retryAfterMs = body.errors[0]?.extensions.details.retryAfterMs ?? 0;
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(retryAfterMs / 1000));
  expect((await call(bob)).status).toBe(200);
});

test('an account has its own limit of log-ins, the same for all clients together', async () => {
  const limited = await TestApp.start({ config: { rateLimitPerMinute: 1_000 } });
  onTestFinished(() => limited.close());
  const logIn = (email: string) =>
    limited.refused(LOG_IN, { input: { email, password: 'a wrong password' } });
  for (let tries = 0; tries < 10; tries++)
    expect((await logIn('ann@example.com')).code).toBe('INVALID_CREDENTIALS');
  for (const email of ['ann@example.com', ' ANN@example.com ']) {
    expect(await logIn(email)).toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterMs: expect.any(Number) },
    });
  }
  expect((await logIn('bob@example.com')).code).toBe('INVALID_CREDENTIALS');
});
