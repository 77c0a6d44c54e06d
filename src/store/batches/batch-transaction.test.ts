import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { cancelBookingCommand } from '../../booking/cancel-booking.js';
import type { Command, CommandAnswer, LockSeats } from '../../booking/commands.js';
import { confirmBookingsCommand } from '../../booking/confirm-bookings.js';
import { expireLocksCommand } from '../../booking/expire-locks.js';
import { holdSeatsCommand } from '../../booking/hold-seats.js';
import type { Lock } from '../../booking/lock.js';
import { lockSeatsCommand } from '../../booking/lock-seats.js';
import { releaseLockCommand } from '../../booking/release-lock.js';
import { simulatePaymentCommand } from '../../booking/simulate-payment.js';
import { createEvent } from '../../catalog/create-event.js';
import type { DomainError } from '../../core/errors.js';
import { bookingIdOfLock, newEventId, newLockId, newPaymentId, newUserId } from '../../core/ids.js';
import { type EmbeddedMongod, startEmbeddedMongod } from '../../embedded/embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from '../../embedded/mongod-binary.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { type Fate, MongoWire } from '../../test/support/mongo-wire.js';
import { recount } from '../../test/support/recount.js';
import { occupanciesOf } from '../../test/support/test-database.js';
import type { Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { EventStore } from '../queries/event-store.js';
import { SeatingPlans } from '../queries/seating-plans.js';
import { AbandonedTransactions } from './abandoned-transactions.js';
import type { BatchOutcome } from './batch-decision.js';
import { BatchTransaction } from './batch-transaction.js';
import { databaseTime } from './claim.js';
import { CommandBatches } from './command-batches.js';

/** The first run on a machine downloads mongod. */
const FETCH_LIMIT_MS = 10 * 60_000;
/** Longer than a batch is retried. */
const PAST_DEADLINE_MS = 60_000;

const WRITE_CONFLICT = 112;
const DUPLICATE_KEY = 11000;
const INTERRUPTED = 11601;
const NO_SUCH_TRANSACTION = 251;
const WRITE_CONCERN_FAILED = 64;
/** Neither transient nor of unknown result: a fault that no retry cures. */
const OPERATION_FAILED = 96;

const RULES = {
  lockTtlMs: 300_000,
  lockMaxLifeMs: 900_000,
  pendingBookingTtlMs: 1_800_000,
  seatsPerViewerMax: 10,
  amountProblem: () => null,
};

/** Tests move the monotonic time instead of waiting for a deadline. */
const elapsed = vi.hoisted(() => ({ ms: 0 }));
vi.mock(import('../../core/clock.js'), async (original) => {
  const clock = await original();
  return { ...clock, monotonicMs: () => clock.monotonicMs() + elapsed.ms };
});

const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' });
const clock = new ManualClock();
// failCommand applies to a whole mongod, so these tests have their own one.
let dataDir: string;
let mongod: EmbeddedMongod;
let wire: MongoWire;
/** The tests' own connection. */
let database: Database;
/** The connection of the code under test, through a proxy. */
let wired: Database;
let transaction: BatchTransaction;
/** mongod counts the faults of its whole life. */
let faultsBefore = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'batch-transaction-'));
  const binary = await findMongodBinary({
    configured: process.env.MONGOD_BINARY,
    cacheDir: await mongodCacheDir(dataDir),
    log,
  });
  const parameters = [
    'enableTestCommands=1',
    // The tests' clock shows a fixed day, so mongod's clock would delete their records.
    'ttlMonitorEnabled=false',
  ];
  const args = parameters.flatMap((parameter) => ['--setParameter', parameter]);
  mongod = await startEmbeddedMongod({ dataDir, binary, log, args });
  wire = await MongoWire.start(Number(new URL(mongod.uri).port));
  database = await openDatabase(mongod.uri, log);
  wired = await openDatabase(wire.uri(database.connection.name), log);
  transaction = new BatchTransaction(wired, () => clock.now(), occupanciesOf(wired), RULES, log);
}, FETCH_LIMIT_MS);

afterEach(async () => {
  wire.decide = () => 'passes';
  wire.rewrite = undefined;
  elapsed.ms = 0;
  await noFault();
});

afterAll(async () => {
  await wired?.close();
  await database?.close();
  await wire?.stop();
  await mongod?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Every statement of a batch, in its order; the counters are written only if the claim's forecast was wrong. */
const STEPS = [
  ['the claim', 'findAndModify', 'events'],
  ['the load', 'aggregate', 'events'],
  ['the ending of locks', 'update', 'seatlocks'],
  ['the writing of new locks', 'insert', 'seatlocks'],
  ['the refund of a payment', 'update', 'payments'],
  ['the writing of new payments', 'insert', 'payments'],
  ['the cancelling of a booking', 'update', 'bookings'],
  ['the writing of new bookings', 'insert', 'bookings'],
  ['the writing of requests', 'insert', 'requests'],
  ['the writing of the change', 'insert', 'changes'],
  ['the writing of the counters', 'update', 'events'],
] as const;

describe.each(STEPS)('at %s', (_step, command, collection) => {
  const at = () => ({ failCommands: [command], namespace: `${database.connection.name}.${collection}` });

  test('after a write conflict the second attempt does the whole batch', async () => {
    const batch = await allKinds();
    await fault({ ...at(), errorCode: WRITE_CONFLICT });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(1);
    expect(attempts).toBe(2);
    await batch.expectDone(outcomes);
  });

  test('after an interruption the second attempt does the whole batch', async () => {
    const batch = await allKinds();
    await fault({ ...at(), errorCode: INTERRUPTED });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(1);
    expect(attempts).toBe(2);
    await batch.expectDone(outcomes);
  });

  test('after a lost connection another attempt does the whole batch', async () => {
    const batch = await allKinds();
    await fault({ ...at(), closeConnection: true });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(1);
    expect(attempts).toBeGreaterThan(1);
    await batch.expectDone(outcomes);
  });

  test('a lasting fault leaves nothing behind and is thrown to the caller', async () => {
    const batch = await allKinds();
    await fault({ ...at(), errorCode: OPERATION_FAILED }, 'alwaysOn');

    await expect(transaction.run(batch.eventId, batch.commands)).rejects.toMatchObject({
      code: OPERATION_FAILED,
    });

    expect(await noFault()).toBe(1);
    await batch.expectUntouched();
  });

  test('a transient fault that never ends leaves nothing behind, and is TOO_BUSY at the deadline', async () => {
    const batch = await allKinds();
    await fault({ ...at(), errorCode: WRITE_CONFLICT }, 'alwaysOn');
    let claims = 0;
    wire.decide = ({ name }) => {
      if (name === 'findAndModify' && ++claims === 3) elapsed.ms += PAST_DEADLINE_MS;
      return 'passes';
    };

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    // Between two attempts the process waits for the event, which is an update of the event as well.
    const turnsAwaited = command === 'update' && collection === 'events' ? 2 : 0;
    expect(await noFault()).toBe(3 + turnsAwaited);
    expect(attempts).toBe(3);
    expect(refusalsOf(outcomes)).toEqual(batch.commands.map(() => 'TOO_BUSY'));
    await batch.expectUntouched();
  });
});

describe('at the commit', () => {
  test.each([
    ['a write conflict', WRITE_CONFLICT],
    ['an abort by the server', NO_SUCH_TRANSACTION],
  ])('after %s the batch is done once, at its second attempt', async (_name, errorCode) => {
    const batch = await allKinds();
    await fault({
      failCommands: ['commitTransaction'],
      errorCode,
      errorLabels: ['TransientTransactionError'],
    });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(1);
    expect(attempts).toBe(2);
    await batch.expectDone(outcomes);
  });

  // The driver itself repeats a commit once; after more than two losses this product does.
  test.each([1, 2, 3, 5])(
    'lost %i times on its way, it is repeated and the batch is done once',
    async (times) => {
      const batch = await allKinds();
      const commits = onCommits((commit) => (commit <= times ? 'is lost' : 'passes'));

      const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

      expect(commits.seen).toBe(times + 1);
      expect(attempts).toBe(1);
      await batch.expectDone(outcomes);
    },
  );

  test.each([1, 2, 3, 5])(
    'done but unanswered %i times, it is repeated and the batch is done once',
    async (times) => {
      const batch = await allKinds();
      const commits = onCommits((commit) => (commit <= times ? 'loses its answer' : 'passes'));

      const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

      expect(commits.seen).toBe(times + 1);
      expect(attempts).toBe(1);
      await batch.expectDone(outcomes);
    },
  );

  test.each([1, 3])('done but %i times not acknowledged by a majority, it is repeated', async (times) => {
    const batch = await allKinds();
    const writeConcernError = { code: WRITE_CONCERN_FAILED, errmsg: 'waiting for replication timed out' };
    await fault({ failCommands: ['commitTransaction'], writeConcernError }, { times });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(times);
    expect(attempts).toBe(1);
    await batch.expectDone(outcomes);
  });

  test.each([1, 3])('%i times interrupted before it was done, it is done once', async (times) => {
    const batch = await allKinds();
    await fault({ failCommands: ['commitTransaction'], errorCode: INTERRUPTED }, { times });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(times);
    await batch.expectDone(outcomes);
  });

  test('interrupted after it was done, it is not done again', async () => {
    const batch = await allKinds();
    const commits = onCommits((commit) => {
      if (commit === 1) {
        const { Int32, Double } = mongo.BSON;
        wire.rewrite = (answer) => {
          // The driver's monitor sends commands of its own.
          if ('isWritablePrimary' in answer) return null;
          wire.rewrite = undefined;
          return { ok: new Double(0), code: new Int32(INTERRUPTED), errmsg: 'operation was interrupted' };
        };
      }
      return 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(commits.seen).toBeGreaterThan(1);
    await batch.expectDone(outcomes);
  });

  test('aborted, its wish is decided anew: the seat that it did not get is still free', async () => {
    const best = { quantity: 1, sectionIds: null, priceMax: null, nearSeat: null, wheelchairs: 0 };
    const hold = (event: string) =>
      transaction.run(event, [
        holdSeatsCommand(newUserId(), event, [{ best: { ...best, adjacency: 'any' } }], null),
      ]);
    const seatOf = ([outcome]: readonly BatchOutcome[]) =>
      (outcome as unknown as { answer: { locks: Lock[] } }).answer.locks[0]?.seatNumber;
    const [eventId, undisturbed] = [await newEvent(), await newEvent()];
    for (const event of [eventId, undisturbed]) await hold(event);
    const errorLabels = ['TransientTransactionError'];
    await fault({ failCommands: ['commitTransaction'], errorCode: NO_SUCH_TRANSACTION, errorLabels });

    const { outcomes, attempts } = await hold(eventId);

    expect(await noFault()).toBe(1);
    expect(attempts).toBe(2);
    expect(seatOf(outcomes)).toBe(seatOf((await hold(undisturbed)).outcomes));
  });

  test('a batch of refusals is committed too, so that no answer depends on data that can be rolled back', async () => {
    const batch = await allKinds();
    const stranger = newUserId();
    const commits = onCommits(() => 'passes');

    const { outcomes } = await transaction.run(batch.eventId, [
      lockSeatsCommand(stranger, batch.eventId, [1]),
    ]);

    expect(refusalsOf(outcomes)).toEqual(['SEAT_UNAVAILABLE']);
    expect(commits.seen).toBe(1);
    expect(commits.writeConcerns).toMatchObject([{ w: 'majority' }]);
    await batch.expectUntouched();
  });
});

test('a log that throws after the commit does not run the batch again', async () => {
  const eventId = await newEvent();
  const throwing = Object.assign(Object.create(log), {
    info: () => {
      throw new Error('The disk is full.');
    },
  });
  const logged = new BatchTransaction(database, () => clock.now(), occupanciesOf(database), RULES, throwing);
  const command = { ...lockSeatsCommand(newUserId(), eventId, [1]), correlationId: 'call-1' };
  const { outcomes, attempts } = await logged.run(eventId, [command]);
  expect(outcomes).toMatchObject([{ answer: [{ seatNumber: 1 }] }]);
  expect(attempts).toBe(1);
  expect((await database.events.findById(eventId).lean().exec())?.turn).toBe(1);
});

describe('a commit whose result stays unknown', () => {
  test('is looked up by the batch id, and what was done is answered and not done again', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3) await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(await noFault()).toBe(1);
    expect(attempts).toBe(2);
    await batch.expectDone(outcomes);
  });

  test('is looked up by the batch id, and what was not done is done', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3) await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      return commit < 3 ? 'is lost' : 'passes';
    });

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(attempts).toBeGreaterThan(1);
    await batch.expectDone(outcomes);
  });

  test('is looked up again when the look-up itself stays unknown', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3 || commit === 6) {
        await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      }
      if (commit < 3) return 'loses its answer';
      return commit === 4 || commit === 5 ? 'is lost' : 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    await batch.expectDone(outcomes);
  });

  test('is forgotten by its event after 63 other batches: the answer is OUTCOME_UNKNOWN, and nothing is done twice', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3) {
        await otherBatches(batch.eventId, 63);
        await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      }
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(refusalsOf(outcomes)).toEqual(batch.commands.map(() => 'OUTCOME_UNKNOWN'));
    await batch.expectWritten();
  });

  test('is still known to its event after 62 other batches', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3) {
        await otherBatches(batch.eventId, 62);
        await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      }
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    await batch.expectDone(outcomes);
  });

  test.each([
    ['loses its answer', 'everything was done'],
    ['is lost', 'nothing was done'],
  ] as const)('until the deadline, since it always %s, is OUTCOME_UNKNOWN; %s', async (fate, whatWasDone) => {
    const batch = await allKinds();
    onCommits((commit) => {
      if (commit === 5) elapsed.ms += PAST_DEADLINE_MS;
      return fate;
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(refusalsOf(outcomes)).toEqual(batch.commands.map(() => 'OUTCOME_UNKNOWN'));
    if (whatWasDone === 'everything was done') await batch.expectWritten();
    else await batch.expectUntouched();
  });

  test('does not count as undone because of the answer of a primary that is replaced before a majority has it', async () => {
    const batch = await allKinds();
    const commits = onCommits(async (commit) => {
      if (commit === 3) {
        await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
        wire.rewrite = forgetsBatches;
      }
      if (commit === 4) {
        const errorLabels = ['TransientTransactionError'];
        await fault({ failCommands: ['commitTransaction'], errorCode: NO_SUCH_TRANSACTION, errorLabels });
      }
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(commits.seen).toBe(5);
    await batch.expectDone(outcomes);
  });

  test('is TOO_BUSY and not OUTCOME_UNKNOWN once the event has shown that it was not done', async () => {
    const batch = await allKinds();
    onCommits(async (commit) => {
      if (commit === 3) await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      return commit < 3 ? 'is lost' : 'passes';
    });
    const decideCommit = wire.decide;
    wire.decide = async (command) => {
      if (command.name !== 'insert') return decideCommit(command);
      // Nothing of the first batch is lost so far.
      if (inserts++ < FIRST_BATCH_INSERTS) return 'passes';
      elapsed.ms += PAST_DEADLINE_MS;
      await fault({ failCommands: ['insert'], errorCode: WRITE_CONFLICT });
      return 'passes';
    };
    const FIRST_BATCH_INSERTS = 5;
    let inserts = 0;

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    expect(refusalsOf(outcomes)).toEqual(batch.commands.map(() => 'TOO_BUSY'));
    await batch.expectUntouched();
  });
});

describe('a batch that has a conflict with another process’s', () => {
  test('waits until that has ended, however long it takes, and is done at its second attempt', async () => {
    const eventId = await newEvent();
    const user = newUserId();
    const other = database.client.startSession();
    other.startTransaction({ writeConcern: { w: 'majority' } });
    await database.events.collection.updateOne(
      { _id: eventId } as object,
      { $inc: { turn: 1 } },
      { session: other },
    );
    let isWaiting = () => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    wire.decide = ({ name }): Fate => {
      if (name === 'update') isWaiting();
      return 'passes';
    };

    const outcome = transaction.run(eventId, [lockSeatsCommand(user, eventId, [1])]);
    await waiting;
    await other.commitTransaction();
    await other.endSession();

    expect(await outcome).toMatchObject({ attempts: 2, fencingToken: 2, hadConflict: true });
    expect((await recount(database, eventId)).live).toMatchObject([{ seatNumber: 1, userId: user }]);
  });

  test('does not wait for long if the database does not answer', async () => {
    const eventId = await newEvent();
    let goOn = () => {};
    const silence = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    wire.decide = async ({ name }): Promise<Fate> => {
      if (name === 'update') await silence;
      return 'passes';
    };

    await transaction.waitUntilUnclaimed([eventId]);

    goOn();
    await done(eventId, [lockSeatsCommand(newUserId(), eventId, [1])]);
  });
});

describe('a process that stalls during its batch', () => {
  test('blocks its event for seconds and not for a minute, and does its whole batch if it continues', async () => {
    const eventId = await newEvent();
    const [stopped, other] = [newUserId(), newUserId()];
    let goOn = () => {};
    const standstill = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isStopped = () => {};
    const inTheMiddle = new Promise<void>((resolve) => {
      isStopped = resolve;
    });
    wire.decide = async ({ name }): Promise<Fate> => {
      if (name !== 'insert') return 'passes';
      wire.decide = () => 'passes';
      isStopped();
      await standstill;
      return 'passes';
    };
    const late = transaction.run(eventId, [lockSeatsCommand(stopped, eventId, [1, 2])]);
    await inTheMiddle;

    // Past the deadline it would be TOO_BUSY instead.
    const locks = await done(eventId, [lockSeatsCommand(other, eventId, [2])]);

    expect(locks).toMatchObject([[{ seatNumber: 2, userId: other }]]);
    goOn();
    const { outcomes, attempts } = await late;
    expect(attempts).toBe(2);
    expect(refusalsOf(outcomes)).toEqual(['SEAT_UNAVAILABLE']);
    expect((await recount(database, eventId)).live).toMatchObject([{ seatNumber: 2, userId: other }]);
  });

  test('is dead if its connection is closed, and then its transaction is ended at once', async () => {
    const [open, closed] = [database.client.startSession(), wired.client.startSession()];
    for (const [{ client }, session] of [
      [database, open],
      [wired, closed],
    ] as const) {
      session.startTransaction();
      await client.db(database.connection.name).collection('records').insertOne({}, { session });
    }
    const abandoned = new AbandonedTransactions(database);
    try {
      expect(await abandoned.end(PAST_DEADLINE_MS)).toBe(0);
      wire.cut();
      await expect.poll(() => abandoned.end(PAST_DEADLINE_MS)).toBe(1);
      await expect(closed.commitTransaction()).rejects.toMatchObject({ code: NO_SUCH_TRANSACTION });
      await open.commitTransaction();
    } finally {
      await Promise.all([open, closed].map((session) => session.endSession()));
    }
  });

  test('is distinguished by its idle transaction from a working one, and by its name from another application', async () => {
    const strangers = await openDatabase(mongod.uri.replace(database.connection.name, 'strangers'), log);
    const open = async ({ client, connection }: Database) => {
      const collection = client.db(connection.name).collection('records');
      await collection.insertOne({});
      const session = client.startSession();
      session.startTransaction();
      await collection.insertOne({}, { session });
      return session;
    };
    const [atWork, idle, strange] = [await open(database), await open(database), await open(strangers)];
    const abandoned = new AbandonedTransactions(database);
    try {
      expect(await abandoned.end(2_000), 'at the first look').toBe(0);
      elapsed.ms += 1_999;
      expect(await abandoned.end(3_000), 'too early').toBe(0);
      await database.client
        .db(database.connection.name)
        .collection('records')
        .insertOne({}, { session: atWork });
      elapsed.ms += 1;
      expect(await abandoned.end(2_000)).toBe(1);

      await atWork.commitTransaction();
      await expect(idle.commitTransaction()).rejects.toMatchObject({ code: NO_SUCH_TRANSACTION });
      await strange.commitTransaction();
    } finally {
      await Promise.all([atWork, idle, strange].map((session) => session.endSession()));
      await strangers.connection.dropDatabase();
      await strangers.close();
    }
  });
});

describe('a statement that an operator ends while it runs', () => {
  test.each([
    ['with its session', 'killSessions'],
    ['alone', 'killOp'],
  ] as const)(
    '%s leaves nothing behind, and the batch is done whole at its second try',
    async (_how, kill) => {
      const batch = await allKinds();
      const nss = `${database.connection.name}.changes`;
      const { count } = await admin().command({
        configureFailPoint: 'hangDuringBatchInsert',
        mode: 'alwaysOn',
        data: { nss, shouldCheckForInterrupt: true },
      });
      try {
        const running = transaction.run(batch.eventId, batch.commands);
        await admin().command({
          waitForFailPoint: 'hangDuringBatchInsert',
          timesEntered: count + 1,
          maxTimeMS: PAST_DEADLINE_MS,
        });
        const [operation] = await admin()
          .aggregate<{ opid: number; lsid: { id: mongo.Binary } }>([
            { $currentOp: {} },
            { $match: { ns: nss, op: 'insert' } },
          ])
          .toArray();
        if (operation === undefined) throw new Error('No insert is at work.');
        const { opid, lsid } = operation;
        await admin().command(
          kill === 'killOp' ? { killOp: 1, op: opid } : { killSessions: [{ id: lsid.id }] },
        );
        await admin().command({ configureFailPoint: 'hangDuringBatchInsert', mode: 'off' });

        const { outcomes, attempts } = await running;

        expect(attempts).toBe(2);
        await batch.expectDone(outcomes);
      } finally {
        await admin().command({ configureFailPoint: 'hangDuringBatchInsert', mode: 'off' });
      }
    },
  );
});

describe('a duplicate key', () => {
  test('is a race: the batch is done at its second attempt, from the claim on', async () => {
    const batch = await allKinds();
    const [newLock] = batch.commands.flatMap((command) =>
      command.kind === 'lockSeats' ? command.newLockIds : [],
    );
    // Of another event, so that it is not loaded; deleted before the second attempt.
    const twin = { _id: newLock as string, eventId: '000000000000', seatNumber: 1, userId: newUserId() };
    const ended = { status: 'expired' as const, createdAt: clock.now(), expiresAt: clock.now() };
    await database.locks.create({ ...twin, ...ended });
    let claims = 0;
    wire.decide = async ({ name }): Promise<Fate> => {
      if (name === 'findAndModify' && ++claims === 2) await database.locks.deleteOne({ _id: twin._id });
      return 'passes';
    };

    const { outcomes, attempts } = await transaction.run(batch.eventId, batch.commands);

    expect(attempts).toBe(2);
    await batch.expectDone(outcomes);
  });

  test('of a lock that was written without a claim is refused by the index and then by the rule', async () => {
    const eventId = await newEvent();
    const rival = newUserId();
    wire.decide = async ({ name, document }): Promise<Fate> => {
      if (name === 'insert' && document.insert === 'seatlocks') {
        wire.decide = () => 'passes';
        await lock(eventId, rival, [7]);
      }
      return 'passes';
    };
    // Without a claim: this is what the index guards against.
    const lock = async (event: string, userId: string, seatNumbers: number[]) => {
      const createdAt = clock.now();
      await database.locks.insertMany(
        seatNumbers.map((seatNumber) => ({
          _id: newLockId(event),
          eventId: event,
          seatNumber,
          userId,
          status: 'active',
          createdAt,
          expiresAt: new Date(createdAt.getTime() + RULES.lockTtlMs),
        })),
      );
    };

    const { outcomes, attempts } = await transaction.run(eventId, [
      lockSeatsCommand(newUserId(), eventId, [7]),
    ]);

    expect(attempts).toBe(2);
    expect(refusalsOf(outcomes)).toEqual(['SEAT_UNAVAILABLE']);
    expect(await database.locks.find({ eventId }).lean()).toMatchObject([{ userId: rival, seatNumber: 7 }]);
  });

  test('that repeats fails only the command that causes it', async () => {
    const eventId = await newEvent();
    const [[first] = []] = await done(eventId, [lockSeatsCommand(newUserId(), eventId, [1])]);
    const guilty: LockSeats = {
      ...lockSeatsCommand(newUserId(), eventId, [3]),
      newLockIds: [first?.id as string],
    };

    const answers = await asOneBatch(eventId, [
      lockSeatsCommand(newUserId(), eventId, [2]),
      guilty,
      lockSeatsCommand(newUserId(), eventId, [4]),
    ]);

    expect(answers).toMatchObject([
      { status: 'fulfilled', value: [{ seatNumber: 2 }] },
      { status: 'rejected', reason: { code: DUPLICATE_KEY } },
      { status: 'fulfilled', value: [{ seatNumber: 4 }] },
    ]);
    const { live } = await recount(database, eventId);
    expect(live.map(({ seatNumber }) => seatNumber).sort()).toEqual([1, 2, 4]);
  });
});

describe('the commands of one batch', () => {
  test('that are refused harm none of the others', async () => {
    const eventId = await newEvent();
    const [ann, bob] = [newUserId(), newUserId()];

    const { outcomes, attempts } = await transaction.run(eventId, [
      lockSeatsCommand(ann, eventId, [1, 2]),
      lockSeatsCommand(bob, eventId, [3, 2]),
      lockSeatsCommand(bob, eventId, [3, 4]),
      releaseLockCommand(bob, newLockId(eventId)),
      lockSeatsCommand(ann, eventId, [5]),
    ]);

    expect(attempts).toBe(1);
    expect(outcomes).toMatchObject([
      { answer: [{ seatNumber: 1 }, { seatNumber: 2 }] },
      { refusal: { code: 'SEAT_UNAVAILABLE', details: { seatNumbers: [2] } } },
      { answer: [{ seatNumber: 3 }, { seatNumber: 4 }] },
      { refusal: { code: 'LOCK_NOT_FOUND' } },
      { answer: [{ seatNumber: 5 }] },
    ]);
    const { live, event } = await recount(database, eventId);
    const holders = new Map(live.map(({ seatNumber, userId }) => [seatNumber, userId]));
    expect(holders).toEqual(
      new Map([
        [1, ann],
        [2, ann],
        [3, bob],
        [4, bob],
        [5, ann],
      ]),
    );
    expect(event.version).toBe(1);
  });

  test('one of which has a fault are done except for that one', async () => {
    const eventId = await newEvent();
    const ann = newUserId();
    const [[broken] = []] = await done(eventId, [lockSeatsCommand(ann, eventId, [1])]);
    // No rule can cause this state; a command that finds it has no answer.
    await database.locks.updateOne({ _id: broken?.id as string }, { paymentId: 'pay_that_is_not_there' });

    const { outcomes, attempts } = await transaction.run(eventId, [
      lockSeatsCommand(newUserId(), eventId, [2]),
      releaseLockCommand(ann, broken?.id as string),
      lockSeatsCommand(newUserId(), eventId, [3]),
    ]);

    expect(attempts).toBe(1);
    expect(outcomes).toMatchObject([
      { answer: [{ seatNumber: 2 }] },
      { fault: expect.objectContaining({ message: expect.stringContaining('was not loaded') }) },
      { answer: [{ seatNumber: 3 }] },
    ]);
    const locks = await database.locks.find({ eventId }).sort({ seatNumber: 1 }).lean();
    expect(locks.map(({ seatNumber, status }) => [seatNumber, status])).toEqual([
      [1, 'active'],
      [2, 'active'],
      [3, 'active'],
    ]);
  });

  test('are done one by one after a fault that none of them caused', async () => {
    const eventId = await newEvent();
    const namespace = `${database.connection.name}.changes`;
    const commands = [1, 2, 3].map((seatNumber) => lockSeatsCommand(newUserId(), eventId, [seatNumber]));

    const answers = await asOneBatch(eventId, commands, () =>
      fault({ failCommands: ['insert'], namespace, errorCode: OPERATION_FAILED }),
    );

    expect(await noFault()).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    const { live, event } = await recount(database, eventId);
    expect(live).toHaveLength(3);
    expect(event.version).toBe(3);
  });

  test('that end many expired locks end each of them at its own time, and only those', async () => {
    const eventId = await newEvent();
    const lock = async (seatNumber: number) => {
      const [locks] = await done(eventId, [lockSeatsCommand(newUserId(), eventId, [seatNumber])]);
      clock.advance(1_000);
      return locks?.[0] as Lock;
    };
    const [first, second, released, last] = [await lock(1), await lock(2), await lock(3), await lock(4)];
    await done(eventId, [releaseLockCommand(released.userId, released.id)]);
    const releasedBefore = await database.locks.findById(released.id).lean();
    clock.advance(last.expiresAt.getTime() - 1 - clock.now().getTime());
    expect(await done(eventId, [expireLocksCommand(eventId)])).toEqual([{ ended: 2, hasMore: false }]);

    const written = await database.locks.find({ eventId }).sort({ seatNumber: 1 }).lean();
    expect(written).toMatchObject([
      { _id: first.id, status: 'expired', endedAt: first.expiresAt, expiresAt: first.expiresAt },
      { _id: second.id, status: 'expired', endedAt: second.expiresAt, userId: second.userId },
      releasedBefore,
      { _id: last.id, status: 'active', endedAt: null },
    ]);
    expect(first.expiresAt).not.toEqual(second.expiresAt);
  });

  test('about an event that does not exist are all refused, and nothing is written', async () => {
    const eventId = '000000000000';

    const { outcomes } = await transaction.run(eventId, [
      lockSeatsCommand(newUserId(), eventId, [1]),
      releaseLockCommand(newUserId(), newLockId(eventId)),
      expireLocksCommand(eventId),
    ]);

    expect(outcomes).toMatchObject([
      { refusal: { code: 'EVENT_NOT_FOUND' } },
      { refusal: { code: 'LOCK_NOT_FOUND' } },
      { answer: { ended: 0, hasMore: false } },
    ]);
    expect(await database.locks.countDocuments({ eventId })).toBe(0);
  });
});

describe('the figures that a claim writes', () => {
  test('are right if no command is refused: the event is not written again', async () => {
    const { eventId, commands } = await allKinds();
    const written = eventWrites();

    await transaction.run(eventId, commands.slice(0, -1));

    expect(written).toEqual(['findAndModify']);
    expect((await recount(database, eventId)).event).toMatchObject({ bookedSeats: 1, availableSeats: 9 });
  });

  test('are corrected if one is refused: a batch that changes no seat makes no version', async () => {
    const eventId = await newEvent();
    const { event: before } = await records(eventId);
    const written = eventWrites();

    await transaction.run(eventId, [releaseLockCommand('ann', newLockId(eventId))]);

    expect(written).toEqual(['findAndModify', 'update']);
    expect((await records(eventId)).event).toEqual(before);
  });

  test('are not written by the look-up of a commit, which decides nothing', async () => {
    const batch = await allKinds();
    // The third fails for good, so that the commit is looked up in the event.
    onCommits(async (commit) => {
      if (commit === 3) await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes } = await transaction.run(batch.eventId, batch.commands);

    await batch.expectDone(outcomes);
  });
});

describe('a batch of users who already have many seats', () => {
  const PEOPLE = 200;

  /** So many users with so many locks each, and one command of each for the next seats. */
  async function people(locksEach: number, limit: number) {
    const eventId = await newEvent(PEOPLE * (locksEach + 2));
    const userIds = Array.from({ length: PEOPLE }, newUserId);
    const createdAt = clock.now();
    const times = { createdAt, expiresAt: new Date(createdAt.getTime() + RULES.lockTtlMs), endedAt: null };
    const lock = (userId: string, seatNumber: number) => ({
      ...{ _id: newLockId(eventId), eventId, seatNumber, userId, status: 'active', ...times },
      ...{ bookingId: null, paymentId: newPaymentId(eventId, createdAt) },
    });
    const locks = userIds.flatMap((userId, person) =>
      Array.from({ length: locksEach }, (_, index) => lock(userId, person * locksEach + index + 1)),
    );
    await database.locks.collection.insertMany(locks as object[]);
    const seats = PEOPLE * locksEach;
    const [greedy, ...others] = userIds as [string, ...string[]];
    const commands = [
      lockSeatsCommand(greedy, eventId, [seats + 1, seats + 2]),
      ...others.map((userId, index) => lockSeatsCommand(userId, eventId, [seats + 3 + index])),
    ];
    const limited = new BatchTransaction(
      wired,
      () => clock.now(),
      occupanciesOf(wired),
      { ...RULES, seatsPerViewerMax: limit },
      log,
    );
    const reads: string[] = [];
    wire.decide = ({ name }) => {
      if (['aggregate', 'find', 'getMore'].includes(name)) reads.push(name);
      return 'passes';
    };
    return { eventId, commands, limited, reads, bytes: mongo.BSON.calculateObjectSize({ locks }) };
  }

  test('is read in one round trip', async () => {
    const { eventId, commands, limited, reads } = await people(10, 11);

    const { outcomes } = await limited.run(eventId, commands);

    expect(reads).toEqual(['aggregate']);
    expect(refusalsOf(outcomes)).toEqual(['SEAT_LIMIT_REACHED', ...commands.slice(1).map(() => undefined)]);
  });

  test('is decided on all their locks, even if these are more than one answer of MongoDB can hold', async () => {
    const { eventId, commands, limited, reads, bytes } = await people(350, 351);
    expect(bytes).toBeGreaterThan(16 * 1024 * 1024);

    const { outcomes, attempts } = await limited.run(eventId, commands);

    expect(attempts).toBe(1);
    expect(refusalsOf(outcomes)).toEqual(['SEAT_LIMIT_REACHED', ...commands.slice(1).map(() => undefined)]);
    expect(reads).toEqual(['aggregate', 'find', 'getMore']);
  });
});

describe('the time of a batch', () => {
  const HOUR_MS = 3_600_000;
  const decidedAtLast = async (eventId: string) =>
    (await database.locks.findOne({ eventId }).sort({ createdAt: -1 }).lean())?.createdAt as Date;
  const locking = (eventId: string, seatNumber = 1) => ({
    eventId,
    commands: [lockSeatsCommand(newUserId(), eventId, [seatNumber])],
  });
  let inProduction: BatchTransaction;
  beforeAll(() => {
    inProduction = new BatchTransaction(wired, databaseTime, occupanciesOf(wired), RULES, log);
  });

  const eventToCome = async () => newEvent(10, new Date((await databaseNow()).getTime() + 24 * HOUR_MS));
  const databaseNow = async (): Promise<Date> => (await admin().command({ hello: 1 })).localTime;

  /** As after an election, if the previous primary's clock was ahead of the present one's. */
  async function claimedLater(eventId: string): Promise<Date> {
    const claimedAt = new Date((await databaseNow()).getTime() + HOUR_MS);
    await database.events.updateOne({ _id: eventId }, { $set: { claimedAt } });
    return claimedAt;
  }

  test('is the database’s, whatever the process’s clock shows', async () => {
    const eventId = await eventToCome();
    vi.setSystemTime(Date.now() + HOUR_MS);
    try {
      const before = await databaseNow();
      await inProduction.run(eventId, locking(eventId).commands);
      const after = await databaseNow();

      const decidedAt = await decidedAtLast(eventId);
      expect(before <= decidedAt && decidedAt <= after, `${before} ${decidedAt} ${after}`).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is read again at every attempt', async () => {
    const eventId = await eventToCome();
    const namespace = `${database.connection.name}.seatlocks`;
    await fault({ failCommands: ['insert'], namespace, errorCode: WRITE_CONFLICT });
    let firstTry = new Date(0);
    wire.decide = async ({ name }): Promise<Fate> => {
      if (name !== 'insert') return 'passes';
      wire.decide = () => 'passes';
      firstTry = await databaseNow();
      while ((await databaseNow()) <= firstTry);
      return 'passes';
    };

    const { attempts } = await inProduction.run(eventId, locking(eventId).commands);

    expect(attempts).toBe(2);
    expect((await decidedAtLast(eventId)).getTime()).toBeGreaterThan(firstTry.getTime());
  });

  test('never goes back in an event, even if the database’s clock does', async () => {
    const eventId = await eventToCome();
    const claimedAt = await claimedLater(eventId);

    await inProduction.run(eventId, locking(eventId).commands);

    expect(await decidedAtLast(eventId)).toEqual(claimedAt);
  });

  test('is each event’s own if several share a batch', async () => {
    const [ahead, other] = [await eventToCome(), await eventToCome()];
    const claimedAt = await claimedLater(ahead);

    await inProduction.runShared([locking(ahead), locking(other)]);

    expect(await decidedAtLast(ahead)).toEqual(claimedAt);
    expect((await decidedAtLast(other)).getTime()).toBeLessThanOrEqual((await databaseNow()).getTime());
    const { changes } = (await records(other)).all;
    expect(changes.map(({ at }) => at)).toEqual([await decidedAtLast(other)]);
  });

  test('ends the locks that have expired by it, and no others', async () => {
    const eventId = await eventToCome();
    await inProduction.run(eventId, locking(eventId).commands);
    const [expiry] = (await inProduction.run(eventId, [expireLocksCommand(eventId)])).outcomes;
    expect(expiry).toMatchObject({ answer: { ended: 0 } });

    await claimedLater(eventId);
    const [later] = (await inProduction.run(eventId, [expireLocksCommand(eventId)])).outcomes;
    expect(later).toMatchObject({ answer: { ended: 1 } });
  });
});

describe('several events in one transaction', () => {
  test('each has its own commands decided, its own version and its own change', async () => {
    const [one, two] = [await allKinds(), await allKinds()];
    const commits = onCommits(() => 'passes');

    const { outcomes } = await transaction.runShared([one, two]);

    expect(commits.seen).toBe(1);
    await one.expectDone(outcomes[0] ?? []);
    await two.expectDone(outcomes[1] ?? []);
  });

  test('one that does not exist is refused, and the others are done', async () => {
    const batch = await allKinds();
    const nowhere = newEventId();

    const { outcomes } = await transaction.runShared([
      { eventId: nowhere, commands: [lockSeatsCommand('ann', nowhere, [1])] },
      batch,
    ]);

    expect(refusalsOf(outcomes[0] ?? [])).toEqual(['EVENT_NOT_FOUND']);
    await batch.expectDone(outcomes[1] ?? []);
  });

  test.each([
    [3, 'done'],
    [4, 'left as they were'],
  ])('after %i conflicts they are %s', async (times, end) => {
    const [one, two] = [await allKinds(), await allKinds()];
    // Only the claim: waiting for events also updates them, outside of any transaction.
    let claims = 0;
    wire.decide = async ({ name, document }): Promise<Fate> => {
      if (name === 'update' && document.startTransaction === true && ++claims <= times) {
        await fault({
          failCommands: ['update'],
          errorCode: WRITE_CONFLICT,
          namespace: `${database.connection.name}.events`,
        });
      }
      return 'passes';
    };

    const ran = transaction.runShared([one, two]);

    if (end === 'done') {
      const { outcomes, attempts, hadConflict } = await ran;
      expect({ attempts, hadConflict }).toEqual({ attempts: times + 1, hadConflict: true });
      await one.expectDone(outcomes[0] ?? []);
      await two.expectDone(outcomes[1] ?? []);
    } else {
      await expect(ran).rejects.toMatchObject({ code: WRITE_CONFLICT });
      await one.expectUntouched();
      await two.expectUntouched();
    }
  });

  test('an unknown commit of theirs is looked up, and what was done is not done again', async () => {
    const [one, two] = [await allKinds(), await allKinds()];
    // The third fails for good, so that the commit is looked up in the event.
    onCommits(async (commit) => {
      if (commit === 3) await fault({ failCommands: ['commitTransaction'], errorCode: OPERATION_FAILED });
      return commit < 3 ? 'loses its answer' : 'passes';
    });

    const { outcomes } = await transaction.runShared([one, two]);

    await one.expectDone(outcomes[0] ?? []);
    await two.expectDone(outcomes[1] ?? []);
  });

  test('one requestId for payments of two of them is refused in one batch, and used once in two batches', async () => {
    const events = [await newEvent(), await newEvent()];
    const commands = await Promise.all(
      events.map(async (eventId) => {
        const lock = (await done(eventId, [lockSeatsCommand('ann', eventId, [1])]))[0]?.[0];
        const card = { amount: 5_000, currency: 'USD', cardStatus: 'success', requestId: 'twice' } as const;
        return simulatePaymentCommand('ann', { ...card, lockIds: [lock?.id as string] }, clock.now());
      }),
    );
    const payments = () => database.payments.countDocuments({ eventId: { $in: events } });

    await expect(
      transaction.runShared(
        events.map((eventId, index) => ({ eventId, commands: [commands[index] as Command] })),
      ),
    ).rejects.toMatchObject({ code: DUPLICATE_KEY });
    expect(await payments()).toBe(0);

    const outcomes = [];
    for (const [index, eventId] of events.entries()) {
      outcomes.push(...(await transaction.run(eventId, [commands[index] as Command])).outcomes);
    }
    expect(outcomes).toMatchObject([{ answer: { status: 'completed' } }, {}]);
    expect(refusalsOf(outcomes.slice(1))).toEqual(['IDEMPOTENCY_CONFLICT']);
    expect(await payments()).toBe(1);
  });

  test('a payment of one event does not pay for a lock of the other', async () => {
    const [one, two] = [await newEvent(), await newEvent()];
    const lock = async (eventId: string) =>
      (await done(eventId, [lockSeatsCommand('ann', eventId, [1])]))[0]?.[0]?.id as string;
    const [oneLock, twoLock] = [await lock(one), await lock(two)];
    const card = { amount: 5_000, currency: 'USD', cardStatus: 'success', requestId: undefined } as const;
    const [payment] = await done(one, [
      simulatePaymentCommand('ann', { ...card, lockIds: [oneLock] }, clock.now()),
    ]);
    const paymentId = payment?.id as string;
    const confirm = (lockId: string, requestId: string) =>
      confirmBookingsCommand('confirmBooking', 'ann', { lockIds: [lockId], paymentId, requestId });

    const { outcomes } = await transaction.runShared([
      { eventId: one, commands: [confirm(oneLock, 'one')] },
      { eventId: two, commands: [confirm(twoLock, 'two')] },
    ]);

    expect(outcomes[0]).toMatchObject([{ answer: [{ status: 'confirmed' }] }]);
    expect(refusalsOf(outcomes[1] ?? [])).toEqual(['PAYMENT_MISMATCH']);
  });
});

/** Commands that write events from now on. */
function eventWrites(): string[] {
  const written: string[] = [];
  wire.decide = ({ name, document }) => {
    if (document[name] === database.events.collection.collectionName && name !== 'aggregate')
      written.push(name);
    return 'passes';
  };
  return written;
}

/**
 * A batch that reads and writes every collection: a booking out of a paid lock, the release of a paid lock, a new
 * lock, a payment, the cancelling of a booking and a payment without a requestId, which would be visible if it were done
 * twice.
 */
async function allKinds() {
  const eventId = await newEvent();
  const [ann, bob, cid, dan, eve, fay] = Array.from({ length: 6 }, newUserId) as Six<string>;
  const locks = await done(
    eventId,
    [ann, bob, dan, eve, fay].map((userId, index) => lockSeatsCommand(userId, eventId, [index + 1])),
  );
  const [annLock, bobLock, danLock, eveLock, fayLock] = locks.map(
    ([lock]) => (lock as Lock).id,
  ) as Five<string>;
  const card = { amount: 5_000, currency: 'USD', cardStatus: 'success' } as const;
  const pay = (userId: string, lockId: string, requestId?: string) =>
    simulatePaymentCommand(userId, { ...card, lockIds: [lockId], requestId }, clock.now());
  const confirm = (userId: string, lockId: string, paymentId: string) =>
    confirmBookingsCommand('confirmBooking', userId, { lockIds: [lockId], paymentId, requestId: 'once' });
  const payments = await done(eventId, [pay(ann, annLock), pay(bob, bobLock), pay(eve, eveLock)]);
  const [annPayment, , evePayment] = payments.map(({ id }) => id) as [string, string, string];
  const [[eveBooking] = []] = await done(eventId, [confirm(eve, eveLock, evePayment)]);

  const commands: Command[] = [
    confirm(ann, annLock, annPayment),
    releaseLockCommand(bob, bobLock),
    lockSeatsCommand(cid, eventId, [6]),
    pay(dan, danLock, 'once'),
    cancelBookingCommand(eve, eveBooking?.id as string),
    pay(fay, fayLock),
    // There is no such booking: one seat fewer is sold than the claim forecast.
    cancelBookingCommand(fay, bookingIdOfLock(newLockId(eventId))),
  ];
  const before = await records(eventId);
  /** Each was done once, and nothing else. */
  const expectWritten = async () => {
    const { event, locks, bookings, payments } = await recount(database, eventId);
    const bySeat = locks
      .map(({ seatNumber, status }) => [seatNumber, status])
      .sort(([a], [b]) => Number(a) - Number(b));
    expect(bySeat).toEqual([
      [1, 'used'],
      [2, 'released'],
      [3, 'active'],
      [4, 'released'],
      [5, 'active'],
      [6, 'active'],
    ]);
    expect(new Map(bookings.map(({ seatNumber, status }) => [seatNumber, status]))).toEqual(
      new Map([
        [1, 'confirmed'],
        [4, 'cancelled'],
      ]),
    );
    expect(bookings).toHaveLength(2);
    expect(new Map(payments.map(({ userId, status }) => [userId, status]))).toEqual(
      new Map([
        [ann, 'completed'],
        [bob, 'refunded'],
        [dan, 'completed'],
        [eve, 'refunded'],
        [fay, 'completed'],
      ]),
    );
    expect(payments).toHaveLength(5);
    expect(event).toMatchObject({ version: before.event.version + 1, bookedSeats: 1 });
    const { requests } = await records(eventId);
    expect(requests).toHaveLength(before.requests.length + 2);
  };
  return {
    eventId,
    commands,
    expectWritten,
    async expectDone(outcomes: readonly BatchOutcome[]) {
      expect(outcomes).toMatchObject([
        { answer: [{ seatNumber: 1, status: 'confirmed' }] },
        { answer: { seatNumber: 2, status: 'released' } },
        { answer: [{ seatNumber: 6, status: 'active' }] },
        { answer: { userId: dan, status: 'completed' } },
        { answer: { seatNumber: 4, status: 'cancelled', paymentStatus: 'refunded' } },
        { answer: { userId: fay, status: 'completed' } },
        { refusal: { code: 'BOOKING_NOT_FOUND' } },
      ]);
      await expectWritten();
    },
    async expectUntouched() {
      expect((await records(eventId)).all).toEqual(before.all);
    },
  };
}

type Five<Value> = [Value, Value, Value, Value, Value];
type Six<Value> = [...Five<Value>, Value];

/** All that the database has about an event, except how often it was claimed. */
async function records(eventId: string) {
  const own = { eventId };
  const [event, locks, payments, bookings, requests, changes] = await Promise.all([
    database.events
      .findById(eventId, { turn: 0, turnsAwaited: 0, claimedAt: 0, recentBatchIds: 0 })
      .lean()
      .exec(),
    database.locks.find(own).sort({ _id: 1 }).lean().exec(),
    database.payments.find(own).sort({ _id: 1 }).lean().exec(),
    database.bookings.find(own).sort({ _id: 1 }).lean().exec(),
    // The ids of an event's records contain the event's id.
    database.requests
      .find({ resultIds: new RegExp(eventId) })
      .sort({ _id: 1 })
      .lean()
      .exec(),
    database.changes.find(own).sort({ _id: 1 }).lean().exec(),
  ]);
  if (event === null) throw new Error(`There is no event ${eventId}.`);
  return { event, requests, all: { event, locks, payments, bookings, requests, changes } };
}

async function newEvent(
  totalSeats = 10,
  eventDate = new Date(clock.now().getTime() + 86_400_000),
): Promise<string> {
  const input = { name: 'A night out', eventDate, totalSeats };
  const events = new EventStore(database, new SeatingPlans(database));
  return (await createEvent(events, clock, newUserId(), input, 10)).id;
}

/** One batch without any fault. */
async function done<C extends Command>(eventId: string, commands: readonly C[]): Promise<CommandAnswer<C>[]> {
  const { outcomes } = await new BatchTransaction(
    database,
    () => clock.now(),
    occupanciesOf(database),
    RULES,
    log,
  ).run(eventId, commands);
  return outcomes.map((outcome) => {
    if ('answer' in outcome) return outcome.answer as CommandAnswer<C>;
    throw new Error(`Not done: ${JSON.stringify(outcome)}`);
  });
}

/** Submits the commands while a batch of the event is in flight, so that they are the next one. */
async function asOneBatch(eventId: string, commands: readonly Command[], before = async () => {}) {
  const sizes: number[] = [];
  const batches = new CommandBatches({
    run: (...batch) => {
      sizes.push(batch[1].length);
      return transaction.run(...batch);
    },
    runShared: (events) => transaction.runShared(events),
    waitUntilUnclaimed: (eventIds) => transaction.waitUntilUnclaimed(eventIds),
  });
  let claimed = () => {};
  const isInFlight = new Promise<void>((resolve) => {
    claimed = resolve;
  });
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  wire.decide = async ({ name }): Promise<Fate> => {
    if (name !== 'findAndModify') return 'passes';
    wire.decide = () => 'passes';
    claimed();
    await held;
    return 'passes';
  };
  const first = batches.submit(expireLocksCommand(eventId));
  await isInFlight;
  const answers = Promise.allSettled(commands.map((command) => batches.submit(command)));
  // The first batch changes nothing, so that it does not trigger the fault meant for the second one.
  await before();
  letGo();
  await first;
  const settled = await answers;
  await batches.close();
  expect(sizes.slice(0, 2)).toEqual([1, commands.length]);
  return settled;
}

/** The fate of each commit, by its number. */
function onCommits(fateOf: (commit: number) => ReturnType<MongoWire['decide']>) {
  const commits = { seen: 0, writeConcerns: [] as unknown[] };
  wire.decide = ({ name, document }) => {
    if (name !== 'commitTransaction') return 'passes';
    commits.seen += 1;
    commits.writeConcerns.push(document.writeConcern);
    return fateOf(commits.seen);
  };
  return commits;
}

/** The answer to one claim from a primary that does not have the event's last batches. */
function forgetsBatches(answer: mongo.BSON.Document): mongo.BSON.Document | null {
  if (answer.value?.recentBatchIds === undefined) return null;
  wire.rewrite = undefined;
  return { ...answer, value: { ...answer.value, recentBatchIds: [] } };
}

/** Replaces an event's recent batch ids, as so many batches of other processes do. */
async function otherBatches(eventId: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await done(eventId, [expireLocksCommand(eventId)]);
  }
}

/** A fault inside mongod, for so many times. */
async function fault(data: mongo.BSON.Document, mode: 'alwaysOn' | { times: number } = { times: 1 }) {
  faultsBefore = (await admin().command({ configureFailPoint: 'failCommand', mode, data })).count;
}

/** Ends the fault. @returns how often it occurred */
async function noFault(): Promise<number> {
  const { count } = await admin().command({ configureFailPoint: 'failCommand', mode: 'off' });
  return count - faultsBefore;
}

const admin = () => database.client.db('admin');

const refusalsOf = (outcomes: readonly BatchOutcome[]): (string | undefined)[] =>
  outcomes.map((outcome) => ('refusal' in outcome ? (outcome.refusal as DomainError).code : undefined));
