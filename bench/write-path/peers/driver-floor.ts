import 'reflect-metadata';
import type { mongo } from 'mongoose';
import { pino } from 'pino';
import type { Change } from '../../../src/booking/change.js';
import type { Lock } from '../../../src/booking/lock.js';
import type { Payment } from '../../../src/booking/payment.js';
import { newBatchId, newUserId } from '../../../src/core/ids.js';
import {
  bookingDocument,
  changeDocument,
  lockDocument,
  paymentDocument,
  requestDocument,
} from '../../../src/store/documents.js';
import { openDatabase } from '../../../src/store/open-database.js';
import { newBooking, newLock, newPayment } from '../../lib/events.js';
import { serveRequests } from '../../lib/worker.js';

/**
 * The floor: the writes of the product's batches, executed by the driver alone. One transaction after the other for one
 * event, with the statements of a batch (claim, one bulk write for each collection, counters, majority commit). Nothing is
 * read, decided or answered.
 */

export type FloorPhase = 'lock' | 'pay' | 'confirm' | 'journey';

export interface FloorJob {
  readonly eventId: string;
  /** `pay` and `confirm` continue with the result of the phase before. The others use new seats. */
  readonly phase: FloorPhase;
  /** Operations in one transaction. */
  readonly batchSize: number;
  readonly durationMs: number;
}

export interface FloorResult {
  /** For each operation the duration of its batch, with all its transactions. */
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly transactions: number;
}

/** The product keeps as many. */
const RECENT_BATCHES_MAX = 64;
const TRANSACTION: mongo.TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority' },
  readPreference: 'primary',
};

const opening = openDatabase(process.env.MONGODB_URI ?? '', pino({ level: 'warn' }));

interface Paid {
  readonly lock: Lock;
  readonly payment: Payment;
}

/** The current event, and what the next phase needs of it. */
let current: { eventId: string; nextSeatNumber: number; version: number; locks: Lock[]; paid: Paid[] } = {
  eventId: '',
  nextSeatNumber: 1,
  version: 0,
  locks: [],
  paid: [],
};

serveRequests<FloorJob, FloorResult>(async ({ eventId, phase, batchSize, durationMs }) => {
  await opening;
  if (current.eventId !== eventId) current = { eventId, nextSeatNumber: 1, version: 0, locks: [], paid: [] };
  const latenciesMs: number[] = [];
  let transactions = 0;
  const startMs = performance.now();
  for (let batchStartMs = startMs; batchStartMs - startMs <= durationMs; batchStartMs = performance.now()) {
    const done = await PHASES[phase](batchSize);
    if (done === 0) break;
    transactions += phase === 'journey' ? 3 : 1;
    const latencyMs = performance.now() - batchStartMs;
    for (let index = 0; index < done; index++) latenciesMs.push(latencyMs);
  }
  return { latenciesMs, elapsedMs: performance.now() - startMs, transactions };
});

/** Each executes one batch. @returns the number of operations */
const PHASES: Readonly<Record<FloorPhase, (batchSize: number) => Promise<number>>> = {
  lock: async (batchSize) => {
    const locks = takeSeats(batchSize);
    await lock(locks);
    current.locks.push(...locks);
    return locks.length;
  },
  pay: async (batchSize) => {
    const paid = await pay(current.locks.splice(0, batchSize));
    current.paid.push(...paid);
    return paid.length;
  },
  confirm: async (batchSize) => {
    const paid = current.paid.splice(0, batchSize);
    await confirm(paid);
    return paid.length;
  },
  journey: async (batchSize) => {
    const locks = takeSeats(batchSize);
    await lock(locks);
    await confirm(await pay(locks));
    return locks.length;
  },
};

function takeSeats(count: number): Lock[] {
  const now = new Date();
  return Array.from({ length: count }, () =>
    newLock(current.eventId, current.nextSeatNumber++, newUserId(), now),
  );
}

async function lock(locks: readonly Lock[]): Promise<void> {
  await transaction(async ({ collection, session }) => {
    await collection('locks').bulkWrite(locks.map(insertOf(lockDocument)), { session });
    await announce(locks, 'locked', session);
  });
}

async function pay(locks: readonly Lock[]): Promise<Paid[]> {
  const now = new Date();
  const paid = locks.map((each) => {
    const payment = newPayment(each, now);
    return { lock: { ...each, paymentId: payment.id }, payment };
  });
  if (paid.length === 0) return paid;
  await transaction(async ({ collection, session }) => {
    await collection('locks').bulkWrite(
      paid.map(({ lock: each }) => updateOf(each)),
      { session },
    );
    await collection('payments').bulkWrite(
      paid.map(({ payment }) => insertOf(paymentDocument)(payment)),
      { session },
    );
  });
  return paid;
}

async function confirm(paid: readonly Paid[]): Promise<void> {
  if (paid.length === 0) return;
  const now = new Date();
  const booked = paid.map(({ lock: each, payment }) => {
    const made = newBooking(each, payment.id, now);
    const used: Lock = { ...each, status: 'used', endedAt: now, bookingId: made.booking.id };
    return { ...made, used };
  });
  await transaction(async ({ collection, session }) => {
    await collection('locks').bulkWrite(
      booked.map(({ used }) => updateOf(used)),
      { session },
    );
    await collection('bookings').bulkWrite(
      booked.map(({ booking }) => insertOf(bookingDocument)(booking)),
      { session },
    );
    await collection('requests').bulkWrite(
      booked.map(({ request }) => insertOf(requestDocument)(request)),
      { session },
    );
    await announce(
      booked.map(({ used }) => used),
      'booked',
      session,
    );
  });
}

type CollectionName = 'locks' | 'payments' | 'bookings' | 'requests';
type Write = mongo.AnyBulkWriteOperation;

const insertOf =
  <T>(documentOf: (record: T) => object) =>
  (record: T): Write => ({ insertOne: { document: documentOf(record) } });

function updateOf({ id, status, expiresAt, endedAt, bookingId, paymentId }: Lock): Write {
  const update = { $set: { status, expiresAt, endedAt, bookingId, paymentId } };
  return { updateOne: { filter: { _id: id as never }, update } };
}

async function transaction(
  write: (transaction: {
    collection(name: CollectionName): mongo.Collection;
    session: mongo.ClientSession;
  }) => Promise<void>,
): Promise<void> {
  const database = await opening;
  const session = database.client.startSession();
  try {
    session.startTransaction(TRANSACTION);
    await database.events.collection.findOneAndUpdate(
      { _id: current.eventId as never },
      {
        $inc: { turn: 1 },
        $push: { recentBatchIds: { $each: [newBatchId()], $slice: -RECENT_BATCHES_MAX } } as never,
      },
      { session },
    );
    await write({
      collection: (name) => database[name].collection as unknown as mongo.Collection,
      session,
    });
    await session.commitTransaction();
  } finally {
    await session.endSession();
  }
}

/** Writes the batch's document in `changes` and the event's counters. */
async function announce(
  locks: readonly Lock[],
  status: 'locked' | 'booked',
  session: mongo.ClientSession,
): Promise<void> {
  const database = await opening;
  current.version += 1;
  const change: Change = {
    eventId: current.eventId,
    version: current.version,
    seats: locks.map(({ seatNumber, expiresAt }) => ({
      seatNumber,
      status,
      lockedUntil: status === 'locked' ? expiresAt : null,
    })),
    reservations: locks.map(({ userId, id, bookingId }) => ({
      userId,
      lockIds: [id],
      bookingIds: bookingId === null ? [] : [bookingId],
    })),
    at: new Date(),
  };
  await database.changes.collection.bulkWrite([insertOf(changeDocument)(change)] as never, { session });
  const booked = status === 'booked' ? locks.length : 0;
  await database.events.collection.updateOne(
    { _id: current.eventId as never },
    { $set: { version: current.version }, $inc: { bookedSeats: booked, availableSeats: -booked } },
    { session },
  );
}
