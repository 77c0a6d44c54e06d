import type { mongo } from 'mongoose';
import { announcement, type Change } from '../booking/change.js';
import { isLive } from '../booking/lock.js';
import type { WorkingSet } from '../booking/working-set.js';
import type { Database } from './database.js';
import {
  bookingDocument,
  changeDocument,
  lockDocument,
  paymentDocument,
  requestDocument,
} from './documents.js';

/**
 * Writes what a batch changed, inside its transaction: one ordered bulk write a collection, and, if anything changed
 * that somebody can watch, one document in `changes`.
 */
export async function writeChanges(
  database: Database,
  session: mongo.ClientSession,
  set: WorkingSet,
  now: Date,
): Promise<void> {
  await bulkWrite(database.locks, session, lockWrites(set));
  await bulkWrite(database.payments, session, paymentWrites(set));
  await bulkWrite(database.bookings, session, bookingWrites(set));
  const requests = set
    .newRequests()
    .map((request) => ({ insertOne: { document: requestDocument(request) } }));
  await bulkWrite(database.requests, session, requests);
  const change = announcement(set, now);
  if (change === null) return;
  await bulkWrite(database.changes, session, [{ insertOne: { document: changeDocument(change) } }]);
  if (change.version !== null) await writeCounters(database, session, set, change);
}

async function writeCounters(
  database: Database,
  session: mongo.ClientSession,
  { event }: WorkingSet,
  change: Change,
): Promise<void> {
  const { bookedSeats, availableSeats } = event;
  const counters = { version: change.version, bookedSeats, availableSeats };
  const query = { _id: event.id as never };
  await database.events.collection.updateOne(query, { $set: counters }, { session });
}

/** Endings first: a takeover's old lock must leave the seat before the new one can have it. */
function lockWrites(set: WorkingSet): Write[] {
  const endings: Write[] = [];
  const others: Write[] = [];
  for (const { before, after } of set.changedLocks()) {
    if (before === undefined) {
      others.push({ insertOne: { document: lockDocument(after) } });
      continue;
    }
    const { status, expiresAt, endedAt, bookingId, paymentId } = after;
    const update = { $set: { status, expiresAt, endedAt, bookingId, paymentId } };
    (isLive(after) ? others : endings).push({ updateOne: { filter: { _id: after.id }, update } });
  }
  return [...endings, ...others];
}

function paymentWrites(set: WorkingSet): Write[] {
  return set.changedPayments().map(({ before, after }) => {
    if (before === undefined) return { insertOne: { document: paymentDocument(after) } };
    const { shares, refundedAmount, status, reason, retryable, processedAt } = after;
    const update = { $set: { shares, refundedAmount, status, reason, retryable, processedAt } };
    return { updateOne: { filter: { paymentId: after.id }, update } };
  });
}

function bookingWrites(set: WorkingSet): Write[] {
  return set.changedBookings().map(({ before, after }) => {
    if (before === undefined) return { insertOne: { document: bookingDocument(after) } };
    const { status, paymentStatus, expiresAt } = after;
    const update = { $set: { status, paymentStatus, expiresAt } };
    return { updateOne: { filter: { _id: after.id }, update } };
  });
}

type Write = { insertOne: { document: object } } | { updateOne: { filter: object; update: object } };

async function bulkWrite(
  model: Database['locks' | 'payments' | 'bookings' | 'requests' | 'changes'],
  session: mongo.ClientSession,
  writes: readonly Write[],
): Promise<void> {
  if (writes.length === 0) return;
  const operations = writes as mongo.AnyBulkWriteOperation[];
  await model.collection.bulkWrite(operations, { session, ordered: true });
}
