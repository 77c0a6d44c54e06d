import 'reflect-metadata';
import type { mongo } from 'mongoose';
import { pino } from 'pino';
import type { Change } from '../../../src/booking/change.js';
import type { Lock } from '../../../src/booking/lock.js';
import type { Payment } from '../../../src/booking/payment.js';
import { newBatchId, newUserId } from '../../../src/core/ids.js';
import { openDatabase } from '../../../src/store/database.js';
import {
  bookingDocument,
  changeDocument,
  lockDocument,
  paymentDocument,
  requestDocument,
} from '../../../src/store/documents.js';
import { newBooking, newLock, newPayment } from '../../lib/events.js';
import { serveRequests } from '../../lib/worker.js';

/**
 * The floor under any server: what the product's batches write, straight to the driver, one transaction after the other
 * for one event, in the shape that a batch has (claim, one bulk write a collection, counters, commit by a majority).
 * Nothing is read, decided or answered.
 */

export type FloorPhase = 'lock' | 'pay' | 'confirm' | 'journey';

export interface FloorJob {
  readonly eventId: string;
  /** `pay` and `confirm` go on with what the phase before has left; the others take new seats. */
  readonly phase: FloorPhase;
  /** Operations in one transaction. */
  readonly batchSize: number;
  readonly durationMs: number;
}

export interface FloorResult {
  /** Of each operation: how long its batch took, all of its transactions together. */
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
  readonly transactions: number;
}

/** As many as the product keeps. */
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

/** What is left for the next phase of the event that was worked on last. */
let left: { eventId: string; nextSeatNumber: number; version: number; locks: Lock[]; paid: Paid[] } = {
  eventId: '',
  nextSeatNumber: 1,
  version: 0,
  locks: [],
  paid: [],
};

serveRequests<FloorJob, FloorResult>(async ({ eventId, phase, batchSize, durationMs }) => {
  await opening;
  if (left.eventId !== eventId) left = { eventId, nextSeatNumber: 1, version: 0, locks: [], paid: [] };
  const latenciesMs: number[] = [];
  let transactions = 0;
  const startMs = performance.now();
  for (let beginMs = startMs; beginMs - startMs <= durationMs; beginMs = performance.now()) {
    const done = await PHASES[phase](batchSize);
    if (done === 0) break;
    transactions += phase === 'journey' ? 3 : 1;
    const latencyMs = performance.now() - beginMs;
    for (let index = 0; index < done; index++) latenciesMs.push(latencyMs);
  }
  return { latenciesMs, elapsedMs: performance.now() - startMs, transactions };
});

/** Each does one batch. @returns how many operations there were */
const PHASES: Readonly<Record<FloorPhase, (batchSize: number) => Promise<number>>> = {
  lock: async (batchSize) => {
    const locks = takeSeats(batchSize);
    await lock(locks);
    left.locks.push(...locks);
    return locks.length;
  },
  pay: async (batchSize) => {
    const paid = await pay(left.locks.splice(0, batchSize));
    left.paid.push(...paid);
    return paid.length;
  },
  confirm: async (batchSize) => {
    const paid = left.paid.splice(0, batchSize);
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
  return Array.from({ length: count }, () => newLock(left.eventId, left.nextSeatNumber++, newUserId(), now));
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
      { _id: left.eventId as never },
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

/** The batch's document in `changes`, and the event's counters. */
async function announce(
  locks: readonly Lock[],
  status: 'locked' | 'booked',
  session: mongo.ClientSession,
): Promise<void> {
  const database = await opening;
  left.version += 1;
  const change: Change = {
    eventId: left.eventId,
    version: left.version,
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
    { _id: left.eventId as never },
    { $set: { version: left.version }, $inc: { bookedSeats: booked, availableSeats: -booked } },
    { session },
  );
}
