import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PENDING_PAYMENT_MS_MAX } from '../booking/expire-payments.js';
import { paymentReference } from '../booking/payment-reference.js';
import { bookingIdOfLock, newEventId, newLockId, newPaymentId, newUserId } from '../core/ids.js';
import { encodeCursor } from '../core/page.js';
import {
  AVAILABILITIES,
  AVAILABILITY,
  BOOK_HELD_BACK,
  BOOKING,
  CANCEL_BOOKING,
  CANCEL_EVENT,
  CONFIRM_BOOKING,
  EVENT,
  EVENT_BOOKINGS,
  EVENTS,
  EXTEND_LOCK,
  FIND_BOOKINGS,
  FIND_EVENTS,
  HELD_BACK,
  HISTORY,
  HOLD_BACK,
  LOCK_SEAT,
  LOCK_SEATS,
  LOG_IN,
  LOG_OUT_EVERYWHERE,
  ME,
  MY_BOOKINGS,
  MY_EVENTS,
  MY_LOCKS,
  MY_PAYMENTS,
  MY_RESERVATIONS_CHANGED,
  PAYMENT,
  RELEASE_HELD_BACK,
  RELEASE_LOCK,
  RENEW_TOKEN,
  SALES,
  SALES_FIGURES,
  SEAT_LOCK,
  SEAT_MAP,
  SETTLE_PAYMENT,
  SIGN_UP,
  SIMULATE_PAYMENT,
  START_GUEST,
} from '../test/support/operations.js';
import { type TestApp as App, TestApp } from '../test/support/test-app.js';
import { UNKNOWN_CREATION } from './documents.js';
import { Outbox, outboxDocument } from './outbox.js';
import { StoredProviderPayments } from './provider-payments.js';

/**
 * Every query that the store makes is served by an index. The database's profiler records what it really did
 * while every operation and every job runs once, with thousands of unrelated records present.
 */

/** Unrelated records: so many in other events, and so many in the run's own. */
const OTHERS = 2_000;
/** Documents that one query of the run may examine, besides its results. */
const EXAMINED_MAX = 60;

interface Profiled {
  readonly op: string;
  readonly ns: string;
  readonly command: Record<string, unknown> & { readonly pipeline?: readonly object[] };
  readonly originatingCommand?: Profiled['command'];
  readonly planSummary?: string;
  readonly docsExamined?: number;
  readonly keysExamined?: number;
  readonly hasSortStage?: boolean;
}

let app: App;
beforeAll(async () => {
  // With its limits on, since they read the database as well.
  app = await TestApp.start({ config: { rateLimitPerMinute: 10_000 } });
});
afterAll(() => app.close());

/** What the run did; the first test runs it. */
let ran: Promise<Profiled[]> | undefined;
const profile = (): Promise<Profiled[]> => {
  ran ??= profiled(run);
  return ran;
};

/** An account of an earlier release: its password was hashed as it was typed. */
const EARLIER = { email: 'eve@example.com', password: 'wide\u3000space' };

async function profiled(work: () => Promise<void>): Promise<Profiled[]> {
  await addOthers();
  const { id } = await app.user(EARLIER.email);
  const passwordHash = await hash(EARLIER.password);
  await app.database.users.updateOne({ _id: id }, { passwordHash });
  // By default it holds a megabyte, which is too little.
  await database().createCollection('system.profile', { capped: true, size: 64 * 1024 * 1024 });
  await database().command({ profile: 2 });
  await work();
  await database().command({ profile: 0 });
  return database().collection<Profiled>('system.profile').find().toArray();
}

function database() {
  const { db } = app.database.connection;
  if (!db) throw new Error('There is no connection.');
  return db;
}

/** Every operation of the server once, and every job. */
async function run(): Promise<void> {
  const credentials = { email: 'ann@example.com', password: 'a long password' };
  await app.ok(SIGN_UP, { input: credentials });
  const { logIn: user } = await app.ok(LOG_IN, { input: credentials });
  const { startGuest } = await app.ok(START_GUEST);
  const { renewToken: guest } = await app.ok(RENEW_TOKEN, {}, startGuest);
  await app.ok(SIGN_UP, { input: { ...credentials, email: 'guest@example.com' } }, guest);
  const { startGuest: merged } = await app.ok(START_GUEST);
  await app.ok(LOG_IN, { input: EARLIER });
  const organizer = await app.user();
  const eventId = await app.event(organizer, { totalSeats: 10_000 });
  await addOthers(eventId);
  const seats = { eventId, seatNumbers: [9_000] };
  const [held] = (await app.ok(LOCK_SEATS, { input: seats }, merged)).lockSeats;
  const paid = { lockIds: [held?.id ?? ''], amount: 1_000, currency: 'USD', cardStatus: 'SUCCESS' as const };
  await app.ok(SIMULATE_PAYMENT, { input: { ...paid, requestId: 'guest' } }, merged);
  await app.ok(LOG_IN, { input: credentials }, merged);
  const watcher = app.watch(eventId);
  await watcher.next();
  const mine = app.subscribe(MY_RESERVATIONS_CHANGED, { eventId }, user);
  await mine.next();

  const seatNumbers = [1, 2, 3, 4, 5, 6, 7];
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
  const lockIds = lockSeats.map(({ id }) => id);
  const lockId = (index: number) => lockIds[index] as string;
  await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, organizer);
  await app.ok(RELEASE_LOCK, { lockId: lockId(6) }, user);
  app.clock.advance(1_000);
  await app.ok(EXTEND_LOCK, { lockId: lockId(5) }, user);

  const pay = async (index: number, cardStatus: 'SUCCESS' | 'PROCESSING') => {
    const card = { lockIds: [lockId(index)], amount: 1_000, currency: 'USD', cardStatus };
    const input = { ...card, requestId: `pay ${index}` };
    await app.ok(SIMULATE_PAYMENT, { input }, user);
    return (await app.ok(SIMULATE_PAYMENT, { input }, user)).simulatePayment.paymentId;
  };
  const confirm = async (index: number, paymentId: string) => {
    const input = { lockId: lockId(index), paymentId, requestId: `confirm ${index}` };
    await app.ok(CONFIRM_BOOKING, { input }, user);
    return (await app.ok(CONFIRM_BOOKING, { input }, user)).confirmBooking.id;
  };
  const paymentId = await pay(0, 'SUCCESS');
  const bookingId = await confirm(0, paymentId);
  const cancelled = await confirm(1, await pay(1, 'SUCCESS'));
  await app.ok(CANCEL_BOOKING, { id: cancelled }, user);
  const slow = await pay(2, 'PROCESSING');
  await confirm(2, slow);
  await app.ok(SETTLE_PAYMENT, { input: { paymentId: slow, outcome: 'COMPLETED' } }, user);
  const overdue = await pay(3, 'PROCESSING');
  await confirm(3, overdue);

  const guests = { eventId, label: 'Guests', until: new Date(app.clock.now().getTime() + 60_000) };
  const guestSeats = [20, 21, 22];
  await app.ok(
    HOLD_BACK,
    { input: { ...guests, until: guests.until.toISOString(), seatNumbers: guestSeats } },
    organizer,
  );
  await app.ok(RELEASE_HELD_BACK, { eventId, seatNumbers: [20] }, organizer);
  const invitation = { eventId, seatNumbers: [21], contactEmail: 'guest@example.com', requestId: 'guest' };
  await app.ok(BOOK_HELD_BACK, { input: invitation }, organizer);
  await app.ok(HELD_BACK, { id: eventId, first: 1, after: 20 }, organizer);

  await app.ok(EVENTS, { first: 1 });
  const { events } = await app.ok(EVENTS, { first: 1 });
  await app.ok(EVENTS, { first: 1, after: events.pageInfo.endCursor ?? null });
  await app.ok(FIND_EVENTS, { first: 1, search: 'event', orderBy: 'NEWEST' });
  await app.ok(EVENT, { id: eventId });
  await app.ok(AVAILABILITY, { id: eventId });
  await app.ok(AVAILABILITIES, { first: 2 });
  await app.ok(SEAT_MAP, { id: eventId });
  await app.ok(SALES, { id: eventId }, organizer);
  await app.ok(SALES_FIGURES, { id: eventId }, organizer);
  for (const search of [bookingId, paymentReference(paymentId), 'ann@example', '9001'])
    await app.ok(FIND_BOOKINGS, { id: eventId, search }, organizer);
  const all = await app.ok(HISTORY, { id: eventId, first: 2 }, organizer);
  const afterTwo = all.event?.history?.pageInfo.endCursor ?? null;
  await app.ok(HISTORY, { id: eventId, seatNumber: 2, first: 1, after: afterTwo }, organizer);
  await app.ok(SEAT_LOCK, { id: lockId(4) }, user);
  await app.ok(PAYMENT, { paymentId }, user);
  await app.ok(BOOKING, { id: bookingId }, organizer);
  await app.ok(MY_LOCKS, { eventId }, user);
  const page = { first: 1 };
  const { me } = await app.ok(MY_BOOKINGS, page, user);
  await app.ok(MY_BOOKINGS, { ...page, after: me.bookings.pageInfo.endCursor ?? null }, user);
  const payments = (await app.ok(MY_PAYMENTS, page, user)).me.payments;
  await app.ok(MY_PAYMENTS, { ...page, after: payments.pageInfo.endCursor ?? null }, user);
  const organized = (await app.ok(MY_EVENTS, page, organizer)).me.events;
  await app.ok(MY_EVENTS, { ...page, after: organized.pageInfo.endCursor ?? null }, organizer);
  // Behind the last event that has a date of creation.
  const lastDated = encodeCursor({ at: UNKNOWN_CREATION, id: eventId });
  await app.ok(MY_EVENTS, { ...page, after: lastDated }, organizer);
  const { event } = await app.ok(EVENT_BOOKINGS, { id: eventId, ...page }, organizer);
  const after = event?.bookings?.pageInfo.endCursor ?? null;
  await app.ok(EVENT_BOOKINGS, { id: eventId, ...page, after }, organizer);

  // Its map is not in memory, so `since` is read from the database.
  const unwatched = await app.event(organizer, { totalSeats: 100 });
  await app.ok(LOCK_SEAT, { input: { eventId: unwatched, seatNumber: 1 } }, user);
  app.clock.advance(30_000);
  await app.watch(unwatched, 0).next();

  app.clock.advance(1_800_000);
  await app.app.jobs.guestMerge.run();
  await app.ok(CANCEL_EVENT, { eventId: unwatched }, organizer);
  await app.app.jobs.followUp.run();
  await outboxLeftBehind();
  await paymentsAtProvider();
  await app.app.jobs.outbox.run();
  await (await fetch(`${app.url}/metrics`)).text();
  await app.app.jobs.lockExpiry.run();
  await app.app.jobs.bookingExpiry.run();
  const weeksAgo = new Date(app.clock.now().getTime() - PENDING_PAYMENT_MS_MAX);
  await app.database.payments.updateOne({ paymentId: overdue }, { createdAt: weeksAgo }).exec();
  await app.app.jobs.paymentExpiry.run();
  await app.ok(SETTLE_PAYMENT, { input: { paymentId: overdue, outcome: 'COMPLETED' } }, user);
  await app.ok(ME, {}, user);
  await app.ok(LOG_OUT_EVERYWHERE, {}, user);
  await app.ok(START_GUEST);
  app.clock.advance(3 * 24 * 60 * 60 * 1_000);
  await app.app.jobs.guestDeletion.run();
  // This releases its lease.
  await app.app.jobs.lockExpiry.stop();
}

/** A refund whose sender has died, so that the job sends it. */
async function outboxLeftBehind(): Promise<void> {
  const payment = { paymentId: newPaymentId(newEventId(), app.clock.now()), provider: 'simulated' };
  const refund = { kind: 'refundShare', ...payment, lockId: 'l', amount: 1, currency: 'USD' } as const;
  const message = outboxDocument({ id: `${payment.paymentId}:refund:l`, ...refund }, new Date(0));
  await app.database.outbox.collection.insertOne(message as never);
}

/** What a server does that takes payments by a provider. */
async function paymentsAtProvider(): Promise<void> {
  const payments = new StoredProviderPayments(app.database, app.clock);
  const paymentId = newPaymentId(newEventId(), app.clock.now());
  await payments.started({ paymentId, provider: 'stripe', providerId: 'pi_1' }, app.clock.now());
  await payments.find(paymentId);
  await payments.dueForCheck('stripe', 10);
  await payments.checkAgain(paymentId, app.clock.now());
  await payments.declined(paymentId, 'evt_1', 5);
  await payments.settled(paymentId);
  const outbox = new Outbox(app.database, app.clock);
  await outbox.isWaiting(`${paymentId}:start`);
  await outbox.failSent(`${paymentId}:refund:lock`, 'it was returned');
}

/** Records of other users in every state: in other events, or all of them in one. */
async function addOthers(ofEventId?: string): Promise<void> {
  const { events, users, locks, payments, bookings, requests, outbox, changes } = app.database;
  const { providerPayments } = app.database;
  const now = app.clock.now();
  const soon = new Date(now.getTime() + 300_000);
  const one = <Value>(values: readonly Value[], index: number) => values[index % values.length] as Value;
  const all = Array.from({ length: OTHERS }, (_, index) => {
    const eventId = ofEventId ?? newEventId();
    const seat = { eventId, userId: newUserId(), seatNumber: 1_000 + index, createdAt: now };
    const [lockId, bookingId, paymentId] = [
      newLockId(eventId),
      bookingIdOfLock(newLockId(eventId)),
      newPaymentId(eventId, now),
    ];
    const status = one(['pending', 'confirmed', 'cancelled'] as const, index);
    return {
      event: {
        _id: eventId,
        name: 'Another',
        eventDate: new Date(now.getTime() + 86_400_000 + index),
        totalSeats: 10,
        bookedSeats: 0,
        availableSeats: 10,
        turn: 0,
        recentBatchIds: [],
        version: 0,
        sections: [],
        price: null,
        organizerId: seat.userId,
        createdAt: now,
      },
      user: {
        _id: seat.userId,
        email: `${seat.userId}@example.com`,
        passwordHash: 'none',
        tokensValidFrom: now,
        createdAt: now,
      },
      lock: {
        _id: lockId,
        ...seat,
        status: one(['active', 'used', 'expired', 'released', 'heldBack'] as const, index),
        // Far ahead, so that the run finds none of them expired.
        expiresAt: new Date(soon.getTime() + 86_400_000),
        endedAt: null,
        bookingId: null,
        paymentId: null,
      },
      payment: {
        paymentId,
        eventId,
        userId: seat.userId,
        lockIds: [lockId],
        shares: [],
        amount: 1,
        refundedAmount: 0,
        currency: 'USD',
        status: one(['pending', 'completed', 'failed', 'refunded'] as const, index),
        reason: null,
        retryable: null,
        createdAt: now,
        processedAt: index % 4 === 0 ? null : now,
      },
      booking: {
        _id: bookingId,
        ...seat,
        lockId,
        paymentId,
        requestId: 'r',
        status,
        paymentStatus: 'pending' as const,
        expiresAt: status === 'pending' ? new Date(soon.getTime() + 86_400_000) : null,
      },
      request: {
        _id: `${seat.userId}:confirmBooking:r`,
        inputHash: 'x',
        resultIds: [bookingId],
        createdAt: now,
      },
      providerPayment: {
        _id: paymentId,
        provider: 'stripe',
        providerId: `pi_${index}`,
        // Far ahead, so that the run compares none of them.
        ...(status === 'pending' && { checkAt: new Date(soon.getTime() + 86_400_000) }),
        checks: 0,
      },
      message: {
        _id: `${paymentId}:start`,
        kind: 'startPayment',
        content: {},
        state: 'done',
        claims: 1,
        failures: 0,
        dueAt: now,
        createdAt: now,
      },
      change: { eventId, version: 1_000 + index, seats: [], reservations: [], at: now },
    };
  });
  type Collection = { collection: { insertMany(documents: never[]): Promise<unknown> } };
  const insert = ({ collection }: Collection, kind: keyof (typeof all)[0]) =>
    collection.insertMany(all.map((each) => each[kind]) as never[]);
  await insert(users, 'user');
  await insert(locks, 'lock');
  await insert(payments, 'payment');
  await insert(bookings, 'booking');
  await insert(requests, 'request');
  await insert(outbox, 'message');
  await insert(providerPayments, 'providerPayment');
  if (ofEventId !== undefined) return;
  await insert(events, 'event');
  // The run's own event has a live map, which would notice invented changes.
  await insert(changes, 'change');
}

const isChangeStream = ({ command, originatingCommand }: Profiled) =>
  [command.pipeline?.[0], originatingCommand?.pipeline?.[0]].some(
    (stage) => stage !== undefined && '$changeStream' in stage,
  );

/** Queries, and writes that must find their documents. The change stream reads the oplog, which has no index. */
const looks = async () => {
  const entries = (await profile()).filter(
    (entry) =>
      ['query', 'command', 'update', 'remove', 'getmore'].includes(entry.op) &&
      !entry.ns.endsWith('system.profile') &&
      entry.planSummary !== undefined &&
      !isChangeStream(entry),
  );
  return [...entries.filter((entry) => lookUpsOf(entry).length === 0), ...(await lookedUp(entries))];
};

interface LookUp {
  readonly from: string;
  readonly pipeline: readonly [{ readonly $match: object }];
}

/** The independent queries inside one aggregate. */
const lookUpsOf = ({ command }: Profiled): LookUp[] =>
  (command.pipeline ?? []).flatMap((stage) => {
    const lookUp = '$lookup' in stage ? (stage.$lookup as LookUp) : undefined;
    return lookUp === undefined || 'let' in lookUp ? [] : lookUp;
  });

/** The same queries, explained one by one: the profiler adds an aggregate's queries up, and names no index. */
async function lookedUp(entries: readonly Profiled[]): Promise<Profiled[]> {
  const shapes = new Map<string, Profiled>();
  for (const { from, pipeline } of entries.flatMap(lookUpsOf)) {
    const { $match: filter } = pipeline[0];
    const find = { find: from, filter };
    const { executionStats: stats, queryPlanner } = await database().command({
      explain: find,
      verbosity: 'executionStats',
    });
    const entry: Profiled = {
      op: 'query',
      ns: `${database().databaseName}.${from}`,
      command: find,
      planSummary: stagesOf(queryPlanner.winningPlan).join(', '),
      docsExamined: stats.totalDocsExamined,
      keysExamined: stats.totalKeysExamined,
    };
    const known = shapes.get(shapeOf(entry));
    if (known === undefined || (known.keysExamined ?? 0) < stats.totalKeysExamined) {
      shapes.set(shapeOf(entry), entry);
    }
  }
  return [...shapes.values()];
}

interface Plan {
  readonly stage?: string;
  readonly inputStage?: Plan;
  readonly inputStages?: readonly Plan[];
  readonly queryPlan?: Plan;
}

const stagesOf = ({ stage, inputStage, inputStages = [], queryPlan }: Plan): string[] => [
  ...(stage === undefined ? [] : [stage]),
  ...[inputStage, queryPlan, ...inputStages].flatMap((plan) => (plan === undefined ? [] : stagesOf(plan))),
];

function shapeOf({ op, ns, command, originatingCommand }: Profiled): string {
  // The rest of a long answer belongs to its first query.
  const asked = op === 'getmore' ? (originatingCommand ?? {}) : command;
  const kind = op === 'update' || op === 'remove' ? op : Object.keys(asked)[0];
  const [match] = (asked.pipeline ?? []) as readonly { $match?: object }[];
  return `${ns.split('.').at(-1)} ${kind} {${fieldsOf(asked.filter ?? asked.query ?? asked.q ?? match?.$match)}}`;
}

function planOf(entry: Profiled): string {
  const { planSummary, docsExamined, keysExamined, hasSortStage } = entry;
  const sorted = hasSortStage ? ', sorted' : '';
  return `${shapeOf(entry)} by ${planSummary}: ${keysExamined} keys, ${docsExamined} documents${sorted}`;
}

const fieldsOf = (filter: unknown): string =>
  Object.entries(filter ?? {})
    .map(([name, value]) => (name === '$or' ? `$or(${(value as object[]).map(fieldsOf).join(' | ')})` : name))
    .join(', ');

/** Queries that return or count a whole event or search all upcoming ones, and so examine all of it. */
const WHOLE_LISTS = new Set([
  // How many seats of each event are locked.
  'events aggregate {_id}',
  'seatlocks find {eventId, status}',
  'bookings aggregate {eventId}',
  'payments aggregate {eventId, status, amount}',
  // A search, or an order by what changes.
  'events aggregate {eventDate, $and, isDraft}',
]);

/** All queries of the store, each made by the run. A new query must be added to the run, and then here. */
const QUERIES = [
  'bookings aggregate {eventId, isInvitation, status}',
  'bookings aggregate {eventId}',
  'bookings distinct {status, expiresAt}',
  'bookings distinct {userId}',
  'bookings find {_id}',
  'bookings find {eventId, $or(createdAt | createdAt, _id)}',
  'bookings find {eventId, _id}',
  'bookings find {eventId, seatNumber}',
  'bookings find {eventId, userId, status}',
  'bookings find {eventId, userId}',
  'bookings find {eventId}',
  'bookings find {status, eventId, expiresAt}',
  'bookings find {userId, $or(createdAt | createdAt, _id)}',
  'bookings find {userId}',
  'bookings update {_id}',
  'changes find {eventId, version}',
  'events aggregate {_id}',
  'events aggregate {eventDate, $and, isDraft}',
  'events aggregate {eventDate, isDraft}',
  'events distinct {organizerId}',
  'events find {$or(cancellation.isEnding | dateNotice.revision)}',
  'events find {$or(createdAt | createdAt, _id | createdAt), organizerId}',
  'events find {_id}',
  'events find {organizerId, createdAt, _id}',
  'events find {organizerId}',
  'events findAndModify {_id}',
  'events update {_id}',
  'events update {organizerId}',
  'leases remove {_id, owner}',
  'leases update {$or(owner | until), _id}',
  'ledger aggregate {eventId, entries.seatNumber, turn}',
  'ledger aggregate {eventId}',
  'outbox aggregate {state, kind}',
  'outbox aggregate {state}',
  'outbox find {_id, claimId}',
  'outbox find {_id, state}',
  'outbox find {state, kind, dueAt}',
  'outbox update {_id, state, kind, dueAt}',
  'outbox update {_id, state}',
  'outbox update {_id}',
  'payments aggregate {eventId, status, amount}',
  'payments distinct {status, createdAt}',
  'payments distinct {userId}',
  'payments find {$or(createdAt | createdAt, paymentId), userId}',
  'payments find {eventId, contactEmail}',
  'payments find {eventId, reference}',
  'payments find {eventId, userId}',
  'payments find {paymentId}',
  'payments find {status, eventId, createdAt}',
  'payments find {userId}',
  'payments update {paymentId}',
  'providerpayments find {_id}',
  'providerpayments find {provider, checkAt}',
  'providerpayments findAndModify {_id}',
  'providerpayments update {_id, checkAt}',
  'providerpayments update {_id, declines.4}',
  'providerpayments update {_id}',
  'ratecounts find {_id}',
  'ratecounts update {_id}',
  'requests distinct {_id}',
  'requests find {$or(_id), resultIds}',
  'requests find {_id}',
  'requests remove {_id}',
  'seatlocks distinct {status, expiresAt}',
  'seatlocks distinct {userId, status}',
  'seatlocks find {_id}',
  'seatlocks find {eventId, seatNumber, status}',
  'seatlocks find {eventId, status, expiresAt}',
  'seatlocks find {eventId, status, seatNumber, expiresAt}',
  'seatlocks find {eventId, status}',
  'seatlocks find {eventId, userId, status, endedAt}',
  'seatlocks find {eventId, userId, status, expiresAt}',
  'seatlocks find {eventId, userId, status}',
  'seatlocks find {eventId, userId}',
  'seatlocks remove {_id}',
  'seatlocks update {_id}',
  'users find {_id}',
  'users find {email}',
  'users find {guestUntil}',
  'users find {mergeDueAt}',
  'users findAndModify {_id, email, mergedInto}',
  'users findAndModify {_id}',
  'users remove {_id, guestUntil}',
  'users remove {_id, mergeDueAt}',
  'users update {_id, guestUntil}',
  'users update {_id, passwordHash}',
  'users update {_id}',
];

test('no query of the run reads a whole collection, or sorts documents that an index has in order', async () => {
  const scans = (await looks()).filter(
    ({ planSummary, hasSortStage, command }) =>
      /COLLSCAN/.test(planSummary ?? '') || (hasSortStage === true && command.aggregate === undefined),
  );
  expect(scans.map(planOf)).toEqual([]);
});

test('no query of the run examines more than a few unrelated records', async () => {
  const wide = (await looks())
    .filter((entry) => !WHOLE_LISTS.has(shapeOf(entry)))
    .filter(({ docsExamined = 0, keysExamined = 0 }) => Math.max(docsExamined, keysExamined) > EXAMINED_MAX);
  expect(wide.map(planOf)).toEqual([]);
});

test('the run makes every query that the store has', async () => {
  expect([...new Set((await looks()).map(shapeOf))].sort()).toEqual(QUERIES);
});
