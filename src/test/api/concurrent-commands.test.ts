import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EventExpiry } from '../../jobs/event-expiry.js';
import { cancelOverdueBookings, recordExpiredLocks } from '../../jobs/expiry-jobs.js';
import { BatchTransaction } from '../../store/batches/batch-transaction.js';
import { CommandBatches } from '../../store/batches/command-batches.js';
import { BookingQueries } from '../../store/queries/booking-queries.js';
import { ManualClock } from '../support/manual-clock.js';
import {
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  RELEASE_LOCK,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { recount } from '../support/recount.js';
import { type SeededRandom, withSeed } from '../support/seeded-random.js';
import { ServerProcess } from '../support/server-process.js';
import { dataOf, type GraphQLAnswer, TestApp, type TestUser, uriOf } from '../support/test-app.js';
import { occupanciesOf } from '../support/test-database.js';
import { TestServers } from '../support/test-servers.js';

const MINUTE_MS = 60_000;
const LOCK_TTL_MS = 5 * MINUTE_MS;
const LOCK_LIFE_MS_MAX = 15 * MINUTE_MS;
const PENDING_TTL_MS = 30 * MINUTE_MS;
/** Longer than a command may wait for its batch and a batch may be retried. No call should come near it. */
const CALL_MS_MAX = 10_000;

const RULES = {
  lockTtlMs: LOCK_TTL_MS,
  lockMaxLifeMs: LOCK_LIFE_MS_MAX,
  pendingBookingTtlMs: PENDING_TTL_MS,
  seatsPerViewerMax: 10,
  amountProblem: () => null,
};

type Server = Pick<TestApp, 'call'>;
type Outcome = 'COMPLETED' | 'FAILED';

/** Two kinds of command about one seat at the same time through two servers, many times and in either order. */
describe('two simultaneous commands', () => {
  const ROUNDS = 12;
  const AT_A_TIME = 4;
  let servers: TestServers;
  let app: TestApp;
  beforeAll(async () => {
    servers = await TestServers.start(2);
    app = servers.first;
  });
  afterAll(() => servers.close());

  /** One viewer's seat, and another viewer who wants it. */
  interface Round {
    readonly seatNumber: number;
    readonly viewer: TestUser;
    readonly rival: TestUser;
    readonly lockId: string;
    readonly here: TestApp;
    readonly there: TestApp;
    lockFor(user: TestUser, server: TestApp): Promise<GraphQLAnswer<unknown>>;
  }

  /**
   * Runs several rounds at a time, each with its own seat, so that their commands also share batches.
   *
   * @param midway runs once, while some rounds have ended, some are in progress and some have not started
   */
  async function rounds<Arranged, Answers>(
    arrange: (round: Round) => Promise<Arranged>,
    meet: (round: Round, arranged: Arranged, random: SeededRandom) => Promise<Answers>,
    check: (round: Round, arranged: Arranged, answers: Answers, found: Found) => void,
    midway: () => Promise<unknown> = async () => undefined,
  ): Promise<void> {
    await withSeed(async (random) => {
      const eventId = await app.event(await app.user(), { totalSeats: ROUNDS });
      const [viewers, rivals] = [await app.users(ROUNDS), await app.users(ROUNDS)];
      const all = await Promise.all(
        viewers.map(async (viewer, index) => {
          const input = { eventId, seatNumber: index + 1 };
          const { lockSeat } = await app.ok(LOCK_SEAT, { input }, viewer);
          const side = random.chance(50) ? 0 : 1;
          const round: Round = {
            seatNumber: index + 1,
            viewer,
            rival: rivals[index] as TestUser,
            lockId: lockSeat.id,
            here: servers.of(side),
            there: servers.of(side + 1),
            lockFor: (user, server) => server.call(LOCK_SEAT, { input }, user),
          };
          return { round, arranged: await arrange(round) };
        }),
      );
      // A lock can be extended only after some of its time has passed.
      app.clock.advance(1);

      const answers: Answers[] = [];
      const left = [...all.entries()];
      const midwayAfter = 2 + random.below(ROUNDS - AT_A_TIME - 2);
      let ended = 0;
      let midwayDone: Promise<unknown> = Promise.resolve();
      const lane = async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const [index, { round, arranged }] = next;
          answers[index] = await meet(round, arranged, random);
          ended += 1;
          if (ended === midwayAfter) midwayDone = midway();
        }
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, lane));
      await midwayDone;
      await runJobs(app);

      const counted = await recount(app.database, eventId);
      for (const [index, { round, arranged }] of all.entries()) {
        const { seatNumber } = round;
        const ofSeat = <Each extends { seatNumber: number }>(each: Each[]) =>
          each.filter((one) => one.seatNumber === seatNumber);
        const payments = counted.payments.filter(({ shares }) => ofSeat(shares).length > 0);
        const holder = ofSeat(counted.live)[0];
        const booking = ofSeat(counted.bookings)[0];
        check(round, arranged, answers[index] as Answers, { holder, booking, payments });
      }
    });
  }
  type Counted = Awaited<ReturnType<typeof recount>>;
  interface Found {
    /** The live lock of the seat. */
    readonly holder: Counted['live'][0] | undefined;
    readonly booking: Counted['bookings'][0] | undefined;
    readonly payments: Counted['payments'];
  }

  const pay = (round: Round, server: TestApp, cardStatus: 'SUCCESS' | 'PROCESSING' = 'SUCCESS') => {
    const input = { lockIds: [round.lockId], amount: 15_000, currency: 'USD', cardStatus };
    return server.call(SIMULATE_PAYMENT, { input }, round.viewer);
  };
  const paid = async (round: Round) => dataOf(await pay(round, app)).simulatePayment.paymentId;
  const pending = async (round: Round) =>
    dataOf(await pay(round, app, 'PROCESSING')).simulatePayment.paymentId;
  const confirm = ({ lockId, viewer }: Round, paymentId: string, server: TestApp) =>
    server.call(CONFIRM_BOOKING, { input: { lockId, paymentId, requestId: lockId } }, viewer);
  /** A booking whose payment is still being processed. */
  const pendingBooking = async (round: Round) => {
    const paymentId = await pending(round);
    const { confirmBooking } = dataOf(await confirm(round, paymentId, app));
    return { paymentId, bookingId: confirmBooking.id };
  };
  const settle = ({ viewer }: Round, paymentId: string, outcome: Outcome, server: TestApp) =>
    server.call(SETTLE_PAYMENT, { input: { paymentId, outcome } }, viewer);
  /** Runs the jobs on both servers at the same time, after so long. */
  const runJobsAfter = (ms: number) => {
    app.clock.advance(ms);
    return Promise.all(servers.all.map(runJobs));
  };
  /** Sends both calls at once, in random order. */
  const both = async <A, B>(
    random: SeededRandom,
    a: () => Promise<A>,
    b: () => Promise<B>,
  ): Promise<[A, B]> => {
    if (random.chance(50)) return Promise.all([a(), b()]);
    const [second, first] = await Promise.all([b(), a()]);
    return [first, second];
  };

  const confirmAndSettle = (outcome: Outcome) => (round: Round, paymentId: string, random: SeededRandom) =>
    both(
      random,
      () => confirm(round, paymentId, round.here),
      () => settle(round, paymentId, outcome, round.there),
    );

  test('confirm and a settlement that completes: confirmed in either order, paid, and the seat is booked', () =>
    rounds(
      pending,
      confirmAndSettle('COMPLETED'),
      (round, paymentId, [confirmed, settled], { holder, booking, payments }) => {
        expect([codeOf(confirmed), codeOf(settled)]).toEqual([undefined, undefined]);
        expect(booking).toMatchObject({ paymentId, status: 'confirmed', paymentStatus: 'completed' });
        expect(holder).toMatchObject({ _id: round.lockId, status: 'used' });
        expect(payments).toMatchObject([{ status: 'completed', refundedAmount: 0 }]);
      },
    ));

  test('confirm and a settlement that fails: no booking remains, and the seat is free or still locked', () =>
    rounds(
      pending,
      confirmAndSettle('FAILED'),
      (round, _paymentId, [confirmed, settled], { holder, booking, payments }) => {
        expect(codeOf(settled)).toBeUndefined();
        expect(payments).toMatchObject([{ status: 'failed', refundedAmount: 0 }]);
        if (codeOf(confirmed) === undefined) {
          expect(booking).toMatchObject({ status: 'cancelled', paymentStatus: 'failed' });
          expect(holder).toBeUndefined();
        } else {
          expect(codeOf(confirmed)).toBe('PAYMENT_FAILED');
          expect(booking).toBeUndefined();
          expect(holder).toMatchObject({ _id: round.lockId, status: 'active', paymentId: null });
        }
      },
    ));

  test('two payments for one lock: one is accepted, the other is refused as LOCK_ALREADY_PAID', () =>
    rounds(
      async () => undefined,
      (round, _, random) =>
        both(
          random,
          () => pay(round, round.here),
          () => pay(round, round.there, 'PROCESSING'),
        ),
      (_round, _, answers, { payments, holder }) => {
        const taken = answers.flatMap(({ data }) => data?.simulatePayment?.paymentId ?? []);
        expect(taken).toHaveLength(1);
        expect(payments.map(({ paymentId }) => paymentId)).toEqual(taken);
        expect(holder?.paymentId).toBe(taken[0]);
        const refusals = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions) ?? []);
        expect(refusals).toMatchObject([{ code: 'LOCK_ALREADY_PAID', details: { paymentId: taken[0] } }]);
      },
    ));

  test('a payment and the release of its lock: the payment is refused or refunded', () =>
    rounds(
      async () => undefined,
      (round, _, random) =>
        both(
          random,
          () => pay(round, round.here),
          () => round.there.call(RELEASE_LOCK, { lockId: round.lockId }, round.viewer),
        ),
      (_round, _, [payment, released], { holder, payments }) => {
        expect(codeOf(released)).toBeUndefined();
        expect(holder).toBeUndefined();
        if (codeOf(payment) === undefined) expect(payments).toMatchObject([{ status: 'refunded' }]);
        else {
          expect(codeOf(payment)).toBe('LOCK_EXPIRED');
          expect(payments).toEqual([]);
        }
      },
    ));

  test('a payment and the expiry of its lock, with a rival for the seat: the payer gets the seat or a refund', () =>
    rounds(
      async () => undefined,
      (round, _, random) =>
        both(
          random,
          () => pay(round, round.here),
          () => round.lockFor(round.rival, round.there),
        ),
      (round, _, [payment, rivalry], { holder, payments }) => {
        if (codeOf(rivalry) === undefined) expect(holder).toMatchObject({ userId: round.rival.id });
        else {
          expect(codeOf(rivalry)).toBe('SEAT_UNAVAILABLE');
          expect(holder).toBeUndefined();
        }
        if (codeOf(payment) === undefined) expect(payments).toMatchObject([{ status: 'refunded' }]);
        else {
          expect(codeOf(payment)).toBe('LOCK_EXPIRED');
          expect(payments).toEqual([]);
        }
      },
      async () => {
        app.clock.advance(LOCK_TTL_MS);
        await runJobs(app);
      },
    ));

  test('the confirmation of an expiring lock and a rival for its seat: one of the two gets it', () =>
    rounds(
      paid,
      (round, paymentId, random) =>
        both(
          random,
          () => confirm(round, paymentId, round.here),
          () => round.lockFor(round.rival, round.there),
        ),
      (round, _, [confirmed, rivalry], { holder, booking, payments }) => {
        if (codeOf(confirmed) === undefined) {
          expect(codeOf(rivalry)).toBe('SEAT_UNAVAILABLE');
          expect(holder).toMatchObject({ _id: round.lockId, status: 'used' });
          expect(booking).toMatchObject({ status: 'confirmed' });
          expect(payments).toMatchObject([{ status: 'completed' }]);
        } else {
          expect(codeOf(confirmed)).toBe('LOCK_EXPIRED');
          expect(booking).toBeUndefined();
          expect(payments).toMatchObject([{ status: 'refunded' }]);
          if (codeOf(rivalry) === undefined) expect(holder).toMatchObject({ userId: round.rival.id });
          else expect(holder).toBeUndefined();
        }
      },
      async () => app.clock.advance(LOCK_TTL_MS),
    ));

  test('the extension of a lock and its expiry, with a rival for the seat: one of the two gets it', () =>
    rounds(
      async () => undefined,
      (round, _, random) =>
        both(
          random,
          () => round.here.call(EXTEND_LOCK, { lockId: round.lockId }, round.viewer),
          () => round.lockFor(round.rival, round.there),
        ),
      (round, _, [extended, rivalry], { holder }) => {
        if (codeOf(extended) === undefined) {
          expect(codeOf(rivalry)).toBe('SEAT_UNAVAILABLE');
          expect(holder).toMatchObject({ _id: round.lockId, status: 'active' });
        } else {
          expect(codeOf(extended)).toBe('LOCK_EXPIRED');
          if (codeOf(rivalry) === undefined) expect(holder).toMatchObject({ userId: round.rival.id });
          else expect(holder).toBeUndefined();
        }
      },
      () => runJobsAfter(LOCK_TTL_MS - 1),
    ));

  test('a cancellation and a settlement that completes: the booking stays cancelled and is refunded', () =>
    rounds(
      pendingBooking,
      (round, { paymentId, bookingId }, random) =>
        both(
          random,
          () => round.here.call(CANCEL_BOOKING, { id: bookingId }, round.viewer),
          () => settle(round, paymentId, 'COMPLETED', round.there),
        ),
      (_round, _, answers, { holder, booking, payments }) => {
        expect(answers.map(codeOf)).toEqual([undefined, undefined]);
        expect(holder).toBeUndefined();
        expect(booking).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
        expect(payments).toMatchObject([{ status: 'refunded', refundedAmount: 15_000 }]);
      },
    ));

  test('a late settlement, the end of its PENDING booking and a rival for the seat: one gets it, the other is refunded', () =>
    rounds(
      pendingBooking,
      (round, { paymentId }, random) =>
        both(
          random,
          () => settle(round, paymentId, 'COMPLETED', round.here),
          () => round.lockFor(round.rival, round.there),
        ),
      (round, _, [settled, rivalry], { holder, booking, payments }) => {
        expect(codeOf(settled)).toBeUndefined();
        if (codeOf(rivalry) === undefined) {
          expect(holder).toMatchObject({ userId: round.rival.id });
          expect(booking).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
          expect(payments).toMatchObject([{ status: 'refunded' }]);
        } else {
          expect(codeOf(rivalry)).toBe('SEAT_UNAVAILABLE');
          expect(holder).toMatchObject({ _id: round.lockId, status: 'used' });
          expect(booking).toMatchObject({ status: 'confirmed', paymentStatus: 'completed' });
          expect(payments).toMatchObject([{ status: 'completed' }]);
        }
      },
      () => runJobsAfter(PENDING_TTL_MS),
    ));

  test('two settlements that contradict each other: one counts, the other is PAYMENT_ALREADY_SETTLED', () =>
    rounds(
      pendingBooking,
      (round, { paymentId }, random) =>
        both(
          random,
          () => settle(round, paymentId, 'COMPLETED', round.here),
          () => settle(round, paymentId, 'FAILED', round.there),
        ),
      (_round, _, [completed, failed], { booking, payments }) => {
        const codes = [codeOf(completed), codeOf(failed)];
        const counts = codes[0] === undefined ? 'completed' : 'failed';
        expect(codes.filter((code) => code === undefined)).toHaveLength(1);
        expect(codes).toContain('PAYMENT_ALREADY_SETTLED');
        expect(payments).toMatchObject([{ status: counts }]);
        expect(booking?.status).toBe(counts === 'completed' ? 'confirmed' : 'cancelled');
      },
    ));
});

describe('every kind of command at once', () => {
  let app: TestApp;
  beforeEach(async () => {
    // Starts at the present time, like the clocks of the other processes.
    app = await TestApp.start({ clock: new ManualClock(new Date()) });
  });
  afterEach(() => app.close());

  test('through two servers: no money without a seat, no gap in the versions, exact counters', async () => {
    const other = await TestApp.start({ sharing: app });
    try {
      await withSeed(async (random) => {
        const crowd = await Crowd.of(app, random);

        await crowd.hammer([app, other], 60, {
          every: 20,
          happen: async () => {
            app.clock.advance(random.below(3 * MINUTE_MS));
            await app.app.jobs.lockExpiry.run();
            await app.app.jobs.bookingExpiry.run();
          },
        });

        await crowd.expectAllIsWell(app);
      });
    } finally {
      await other.close({ keepData: true });
    }
  });

  test('through two server processes with jobs and clocks of their own, one of which is killed in the middle: the other one continues, and nothing is half done', async () => {
    const settings = {
      LOCK_TTL_SECONDS: '1',
      LOCK_MAX_LIFE_SECONDS: '2',
      PENDING_BOOKING_TTL_SECONDS: '1',
      LOCK_SWEEP_CRON: '* * * * * *',
      BOOKING_SWEEP_CRON: '* * * * * *',
    };
    const start = () => ServerProcess.start(uriOf(app.databaseName), settings);
    const [killed, other] = await Promise.all([start(), start()]);
    await withSeed(async (random) => {
      const crowd = await Crowd.of(app, random);

      await crowd.hammer([killed, other], 50, {
        every: 50 + random.below(200),
        happen: () => killed.kill(),
        endOf: killed,
      });

      expect(await other.stop()).toBe(0);
      expect(other.errors).toEqual([]);
      await crowd.expectAllIsWell(app, { answersWereLost: true });
    });
  });
});

/** An action repeated while the calls are made. */
interface Meanwhile {
  /** Number of calls between two actions. */
  readonly every: number;
  happen(): Promise<void>;
  /** The server that the action ends. */
  readonly endOf?: Server;
}

/** Viewers who send every kind of command about one event, each from two devices at a time. */
class Crowd {
  readonly #fans: Fan[];
  #slowestMs = 0;

  private constructor(
    private readonly eventId: string,
    users: readonly TestUser[],
    private readonly random: SeededRandom,
  ) {
    this.#fans = users.map((user) => new Fan(user));
  }

  static async of(app: TestApp, random: SeededRandom): Promise<Crowd> {
    const users = await app.users(FANS);
    const eventId = await app.event(users[0] as TestUser, { totalSeats: SEATS });
    return new Crowd(eventId, users, random);
  }

  /** @param calls per device; a device stops when its server is ended */
  async hammer(servers: readonly Server[], calls: number, meanwhile?: Meanwhile): Promise<void> {
    let made = 0;
    let happening: Promise<void> | undefined;
    const device = async (fan: Fan, server: Server) => {
      for (let call = 0; call < calls; call++) {
        const startMs = performance.now();
        try {
          await this.random.pick(ACTIONS)(fan, server, this.eventId, this.random);
        } catch (error) {
          // The connection was cut; the call was not refused.
          if (server === meanwhile?.endOf && happening !== undefined && error instanceof TypeError) return;
          throw error;
        }
        this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startMs);
        made += 1;
        if (meanwhile !== undefined && made % meanwhile.every === 0) {
          happening = Promise.all([happening, meanwhile.happen()]).then(() => undefined);
        }
      }
    };
    await Promise.all(this.#fans.flatMap((fan) => servers.map((server) => device(fan, server))));
    await happening;
  }

  /** To be called when no call is in progress. Ends every lock and payment, and recounts. */
  async expectAllIsWell(app: TestApp, { answersWereLost = false } = {}): Promise<void> {
    expect(this.#slowestMs, 'milliseconds of the slowest call').toBeLessThan(CALL_MS_MAX);
    // The counters are right before everything has ended, too.
    const midway = await recount(app.database, this.eventId);

    for (const { paymentId, userId, status } of midway.payments) {
      if (status !== 'pending') continue;
      const { user } = this.#fans.find((fan) => fan.user.id === userId) as Fan;
      const input = { paymentId, outcome: this.random.pick(['COMPLETED', 'FAILED'] as const) };
      await app.ok(SETTLE_PAYMENT, { input }, user);
    }
    app.clock.advance(LOCK_LIFE_MS_MAX + PENDING_TTL_MS);
    await runJobs(app);

    const { locks, live, bookings, standing, payments, event } = await recount(app.database, this.eventId);
    expect(live.filter(({ status }) => status === 'active')).toEqual([]);
    expect(standing.filter(({ status }) => status === 'pending')).toEqual([]);
    expect(payments.filter(({ status }) => status === 'pending')).toEqual([]);
    // Money is kept for exactly the seats that are booked.
    const kept = payments.flatMap(({ paymentId, status, shares }) =>
      status === 'completed'
        ? shares.filter(({ refunded }) => !refunded).map(({ lockId }) => `${paymentId} ${lockId}`)
        : [],
    );
    expect(kept.sort()).toEqual(standing.map(({ paymentId, lockId }) => `${paymentId} ${lockId}`).sort());
    // The database has everything that was answered and, unless answers were lost, nothing else.
    const answeredIds = <Thing>(of: (fan: Fan) => Iterable<Thing>) =>
      new Set(this.#fans.flatMap((fan) => [...of(fan)]));
    for (const [there, answered] of [
      [locks.map(({ _id }) => _id), answeredIds((fan) => fan.lockIds)],
      [bookings.map(({ _id }) => _id), answeredIds((fan) => fan.bookingIds)],
      [
        payments.map(({ paymentId }) => paymentId),
        answeredIds((fan) => fan.payments.map(({ paymentId }) => paymentId)),
      ],
    ] as const) {
      const expected = answersWereLost ? there.filter((id) => answered.has(id)) : there;
      expect(new Set(expected)).toEqual(answered);
    }
    expect(event.version).toBeGreaterThan(0);
    expect(bookings.length).toBeGreaterThan(0);
  }
}

const FANS = 5;
const SEATS = 16;

/** A viewer, and the ids that the servers returned to this viewer. */
class Fan {
  readonly lockIds = new Set<string>();
  readonly payments: { paymentId: string; lockIds: string[] }[] = [];
  readonly bookingIds = new Set<string>();
  /** Request ids of confirmations and payments. Some are used again. */
  readonly requestIds: string[] = [];

  constructor(readonly user: TestUser) {}

  /** The newest: older ones have mostly ended. */
  recentLocks = () => [...this.lockIds].slice(-6);
  recentPayments = () => this.payments.slice(-6);

  requestId(random: SeededRandom): string {
    if (this.requestIds.length > 0 && random.chance(10)) return random.pick(this.requestIds);
    const requestId = `request ${random.below(2 ** 31)}`;
    this.requestIds.push(requestId);
    return requestId;
  }
}

type Action = (fan: Fan, server: Server, eventId: string, random: SeededRandom) => Promise<void>;

const lockOne: Action = async (fan, server, eventId, random) => {
  const input = { eventId, seatNumber: 1 + random.below(SEATS) };
  const { data } = expectOnly(await server.call(LOCK_SEAT, { input }, fan.user), [
    'SEAT_UNAVAILABLE',
    'SEAT_LIMIT_REACHED',
  ]);
  if (data?.lockSeat) fan.lockIds.add(data.lockSeat.id);
};

const lockSome: Action = async (fan, server, eventId, random) => {
  const seats = Array.from({ length: SEATS }, (_, index) => index + 1);
  const input = { eventId, seatNumbers: random.some(seats, 2 + random.below(2)) };
  const { data } = expectOnly(await server.call(LOCK_SEATS, { input }, fan.user), [
    'SEAT_UNAVAILABLE',
    'SEAT_LIMIT_REACHED',
  ]);
  for (const { id } of data?.lockSeats ?? []) fan.lockIds.add(id);
};

const release: Action = async (fan, server, eventId, random) => {
  if (fan.lockIds.size === 0) return lockOne(fan, server, eventId, random);
  const variables = { lockId: random.pick(fan.recentLocks()) };
  expectOnly(await server.call(RELEASE_LOCK, variables, fan.user), ['LOCK_ALREADY_USED']);
};

const extend: Action = async (fan, server, eventId, random) => {
  if (fan.lockIds.size === 0) return lockOne(fan, server, eventId, random);
  const variables = { lockId: random.pick(fan.recentLocks()) };
  expectOnly(await server.call(EXTEND_LOCK, variables, fan.user), [
    'LOCK_EXPIRED',
    'LOCK_ALREADY_USED',
    'LOCK_EXTENSION_LIMIT',
  ]);
};

const pay: Action = async (fan, server, eventId, random) => {
  if (fan.lockIds.size === 0) return lockOne(fan, server, eventId, random);
  const cardStatus = random.pick(['SUCCESS', 'SUCCESS', 'PROCESSING', 'PROCESSING', 'DECLINED'] as const);
  const lockIds = random.some(fan.recentLocks(), 1 + random.below(2));
  const requestId = random.chance(50) ? fan.requestId(random) : null;
  const input = { lockIds, amount: 10_001, currency: 'USD', cardStatus, requestId };
  const { data } = expectOnly(await server.call(SIMULATE_PAYMENT, { input }, fan.user), [
    'LOCK_EXPIRED',
    'LOCK_ALREADY_USED',
    'LOCK_ALREADY_PAID',
    'IDEMPOTENCY_CONFLICT',
  ]);
  if (data?.simulatePayment) fan.payments.push(data.simulatePayment);
};

const settle: Action = async (fan, server, eventId, random) => {
  if (fan.payments.length === 0) return pay(fan, server, eventId, random);
  const { paymentId } = random.pick(fan.recentPayments());
  const input = { paymentId, outcome: random.pick(['COMPLETED', 'COMPLETED', 'FAILED'] as const) };
  expectOnly(await server.call(SETTLE_PAYMENT, { input }, fan.user), ['PAYMENT_ALREADY_SETTLED']);
};

const CONFIRM_REFUSALS = [
  'LOCK_EXPIRED',
  'LOCK_ALREADY_USED',
  'PAYMENT_MISMATCH',
  'PAYMENT_FAILED',
  'IDEMPOTENCY_CONFLICT',
];

const confirmOne: Action = async (fan, server, eventId, random) => {
  if (fan.payments.length === 0) return pay(fan, server, eventId, random);
  const { paymentId, lockIds } = random.pick(fan.recentPayments());
  const lockId = random.pick(random.chance(90) ? lockIds : fan.recentLocks());
  const input = { lockId, paymentId, requestId: fan.requestId(random) };
  const { data } = expectOnly(await server.call(CONFIRM_BOOKING, { input }, fan.user), CONFIRM_REFUSALS);
  if (data?.confirmBooking) fan.bookingIds.add(data.confirmBooking.id);
};

const confirmAll: Action = async (fan, server, eventId, random) => {
  if (fan.payments.length === 0) return pay(fan, server, eventId, random);
  const { paymentId, lockIds } = random.pick(fan.recentPayments());
  const input = { lockIds, paymentId, requestId: fan.requestId(random) };
  const { data } = expectOnly(await server.call(CONFIRM_BOOKINGS, { input }, fan.user), CONFIRM_REFUSALS);
  for (const { id } of data?.confirmBookings ?? []) fan.bookingIds.add(id);
};

const cancel: Action = async (fan, server, eventId, random) => {
  if (fan.bookingIds.size === 0) return confirmOne(fan, server, eventId, random);
  const variables = { id: random.pick([...fan.bookingIds]) };
  expectOnly(await server.call(CANCEL_BOOKING, variables, fan.user), []);
};

const ACTIONS: readonly Action[] = [
  lockOne,
  lockOne,
  lockSome,
  release,
  extend,
  pay,
  pay,
  settle,
  confirmOne,
  confirmOne,
  confirmAll,
  cancel,
];

/** Fails for any error but the listed refusals, for TOO_BUSY too. */
function expectOnly<Data>(answer: GraphQLAnswer<Data>, codes: readonly string[]): GraphQLAnswer<Data> {
  const code = codeOf(answer);
  if (code !== undefined && !codes.includes(code)) {
    throw new Error(`Unexpected refusal: ${JSON.stringify(answer.errors)}`);
  }
  return answer;
}

const codeOf = (answer: GraphQLAnswer<unknown>): string | undefined => answer.errors?.[0]?.extensions.code;

/** Runs the jobs as a separate process would: with command queues of its own. */
async function runJobs({ database, clock }: TestApp): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {}, fatal() {}, child: () => log };
  const commands = new CommandBatches(
    new BatchTransaction(database, () => clock.now(), occupanciesOf(database), RULES, log),
  );
  const reads = new BookingQueries(database);
  await recordExpiredLocks(new EventExpiry(commands), reads, clock);
  await cancelOverdueBookings(commands, reads, clock);
  await commands.close();
}
