// Read docs/architecture.md, "How a seat is never sold twice", before a change.

import type { mongo } from 'mongoose';
import type { Booking } from '../../booking/booking.js';
import { changeOf } from '../../booking/change.js';
import type { LedgerEntry } from '../../booking/ledger.js';
import { isEndedHoldBack, isLive, type Lock } from '../../booking/lock.js';
import { mailsOf } from '../../booking/mail-messages.js';
import { messagesOf, type OutboxMessage } from '../../booking/outbox-messages.js';
import type { Payment } from '../../booking/payment.js';
import type { Changed, WorkingSet } from '../../booking/working-set.js';
import type { Event } from '../../catalog/event.js';
import type { Database } from '../database.js';
import {
  bookingDocument,
  changeDocument,
  lockDocument,
  paymentDocument,
  requestDocument,
  settingsDocument,
} from '../documents.js';
import { ledgerDocument } from '../ledger-documents.js';
import { outboxDocument } from '../outbox.js';
import { runStatement } from './statement.js';

/** The figures of an event that batches change. */
export type EventFigures = Pick<Event, 'version' | 'bookedSeats' | 'amountPaid'> & {
  readonly heldBackSeats?: number;
};

/** What a batch decided about one event, and what its claim has already written. */
export interface DecidedEvent {
  readonly set: WorkingSet;
  readonly written: EventFigures & { readonly turn: number };
  /** When it was decided. */
  readonly now: Date;
  /** What it did to seats, in order. */
  readonly entries: readonly LedgerEntry[];
  /** Of the calls whose commands were not refused. */
  readonly correlationIds: readonly string[];
}

/**
 * Writes what a batch changed, inside its transaction: for each collection at most one command of updates and one of
 * inserts, of all events together. Each event with a change that clients can watch gets one document in `changes`.
 *
 * The driver's bulk writes measure each document, to split them into messages. That is not needed here: the largest
 * batch (BATCH_SIZE_MAX commands of SEATS_PER_CALL_MAX seats, and one bulk command) fits into one command.
 *
 * @param storesMails whether mails wait in the outbox; otherwise they are sent at most once
 * @returns the versions of the events now, in their order, and the messages to send once this is committed
 */
export async function writeChanges(
  database: Database,
  session: mongo.ClientSession,
  decided: readonly DecidedEvent[],
  storesMails: boolean,
): Promise<{ readonly versions: readonly number[]; readonly messages: readonly OutboxMessage[] }> {
  const sets = decided.map(({ set }) => set);
  const write = new Write(database, session);
  const locks = lockWrites(sets.flatMap((set) => set.changedLocks()));
  await write.remove(database.locks, locks.removedIds);
  await write.update(database.locks, locks.updates);
  await write.insert(database.locks, locks.documents);
  const payments = paymentWrites(sets.flatMap((set) => set.changedPayments()));
  await write.update(database.payments, payments.updates);
  await write.insert(database.payments, payments.documents);
  const bookings = bookingWrites(sets.flatMap((set) => set.changedBookings()));
  await write.update(database.bookings, bookings.updates);
  await write.insert(database.bookings, bookings.documents);
  // A request that a transfer has removed may have been made again after it.
  await write.remove(
    database.requests,
    sets.flatMap((set) => set.removedRequestIds()),
  );
  await write.insert(
    database.requests,
    sets.flatMap((set) => set.newRequests().map(requestDocument)),
  );
  const messages: OutboxMessage[] = [];
  const outbox: Update[] = [];
  const changes: object[] = [];
  const ledger: object[] = [];
  const events: Update[] = [];
  const versions: number[] = [];
  for (const { set, written, now, entries, correlationIds } of decided) {
    const [ofPayments, mails] = [messagesOf(set), mailsOf(set)];
    messages.push(...ofPayments, ...mails);
    for (const message of storesMails ? [...ofPayments, ...mails] : ofPayments) {
      const { _id, ...document } = outboxDocument(message, now);
      // A later batch may have the same reason for the same message, such as the next bookings of an overdue payment.
      outbox.push({ q: { _id }, u: { $setOnInsert: document }, upsert: true });
    }
    const change = changeOf(set, now);
    if (change !== null) changes.push(changeDocument({ ...change, correlationIds }));
    const { id, bookedSeats, unbookedSeats, heldBackSeats, amountPaid } = set.event;
    const version = change?.version ?? set.event.version;
    versions.push(version);
    if (entries.length > 0) {
      ledger.push(ledgerDocument({ eventId: id, turn: written.turn, version, at: now }, entries));
    }
    const figures = { version, bookedSeats, availableSeats: unbookedSeats, heldBackSeats, amountPaid };
    const settings = set.changedSettings();
    if (settings === null && isWritten(figures, written)) continue;
    events.push({ q: { _id: id }, u: { $set: { ...figures, ...(settings && settingsDocument(settings)) } } });
  }
  await write.update(database.outbox, outbox);
  await write.insert(database.changes, changes);
  await write.insert(database.ledger, ledger);
  await write.update(database.events, events);
  return { versions, messages };
}

const isWritten = (figures: EventFigures, written: EventFigures): boolean =>
  figures.version === written.version &&
  figures.bookedSeats === written.bookedSeats &&
  figures.heldBackSeats === (written.heldBackSeats ?? 0) &&
  figures.amountPaid === written.amountPaid;

interface Writes {
  readonly updates: Update[];
  readonly documents: object[];
}

/** An update of one document by its id, or of several that change in the same way. */
interface Update {
  readonly q: object;
  readonly u:
    | { readonly $set: object }
    | { readonly $setOnInsert: object }
    | readonly [{ readonly $set: object }];
  readonly multi?: true;
  readonly upsert?: true;
}

/**
 * Locks that end come first: the old lock of a seat must end before the seat's new one becomes live. Hold-backs that end
 * are removed, which costs MongoDB a third of what it costs to change them, and they end by the thousand.
 */
function lockWrites(changed: readonly Changed<Lock>[]): Writes & { readonly removedIds: readonly string[] } {
  const [endings, others] = [new UpdatesById(), new UpdatesById()];
  const documents: object[] = [];
  const removedIds: string[] = [];
  const expiredIds: string[] = [];
  for (const { before, after } of changed) {
    if (isEndedHoldBack(after)) {
      if (before !== undefined) removedIds.push(after.id);
    } else if (before === undefined) documents.push(lockDocument(after));
    else if (isExpiryOnly(before, after)) expiredIds.push(after.id);
    else (isLive(after) ? others : endings).add(after.id, changedFields(before, after));
  }
  const updates = [...endings.all(), ...others.all()];
  if (expiredIds.length > 0) {
    const expire = [{ $set: { status: 'expired', endedAt: '$expiresAt' } }] as const;
    updates.unshift({ q: { _id: { $in: expiredIds } }, u: expire, multi: true });
  }
  return { updates, documents, removedIds };
}

/** Whether the lock expired and nothing else of it changed. */
const isExpiryOnly = (before: Lock, after: Lock): boolean =>
  after.status === 'expired' &&
  after.userId === before.userId &&
  after.endedAt?.getTime() === before.expiresAt.getTime() &&
  after.expiresAt.getTime() === before.expiresAt.getTime() &&
  after.bookingId === before.bookingId &&
  after.paymentId === before.paymentId;

function paymentWrites(changed: readonly Changed<Payment>[]): Writes {
  const updates: Update[] = [];
  const documents: object[] = [];
  for (const { before, after } of changed) {
    if (before === undefined) {
      documents.push(paymentDocument(after));
      continue;
    }
    updates.push({ q: { paymentId: after.id }, u: { $set: changedFields(before, after) } });
  }
  return { updates, documents };
}

function bookingWrites(changed: readonly Changed<Booking>[]): Writes {
  const updates = new UpdatesById();
  const documents: object[] = [];
  for (const { before, after } of changed) {
    if (before === undefined) documents.push(bookingDocument(after));
    else updates.add(after.id, changedFields(before, after));
  }
  return { updates: updates.all(), documents };
}

/**
 * Updates of documents by their ids. Those that change in the same way share one update: there can be thousands, and an
 * update for each would cost several times as much.
 */
class UpdatesById {
  readonly #byChange = new Map<string, { readonly ids: string[]; readonly change: object }>();

  add(id: string, change: object): void {
    const key = JSON.stringify(change);
    const same = this.#byChange.get(key);
    if (same === undefined) this.#byChange.set(key, { ids: [id], change });
    else same.ids.push(id);
  }

  all(): Update[] {
    return [...this.#byChange.values()].map(({ ids, change }) =>
      ids.length === 1
        ? { q: { _id: ids[0] }, u: { $set: change } }
        : { q: { _id: { $in: ids } }, u: { $set: change }, multi: true },
    );
  }
}

/** The fields of a record that differ. A record and its document call them the same, and never change the id. */
function changedFields<Stored extends object>(before: Stored, after: Stored): Partial<Stored> {
  const changed: Partial<Stored> = {};
  for (const field of Object.keys(after) as (keyof Stored)[]) {
    const [was, is] = [before[field], after[field]];
    const isSame = was instanceof Date && is instanceof Date ? was.getTime() === is.getTime() : was === is;
    if (!isSame) changed[field] = is;
  }
  return changed;
}

/** Writes to one collection at a time, inside one transaction. */
class Write {
  constructor(
    private readonly database: Database,
    private readonly session: mongo.ClientSession,
  ) {}

  async update(model: { readonly collection: { readonly collectionName: string } }, updates: Update[]) {
    if (updates.length === 0) return;
    const update = model.collection.collectionName;
    await runStatement(this.database, this.session, { update, updates });
  }

  async remove(
    model: { readonly collection: { readonly collectionName: string } },
    ids: readonly string[],
  ): Promise<void> {
    if (ids.length === 0) return;
    const deletes = [{ q: { _id: { $in: ids } }, limit: 0 }];
    await runStatement(this.database, this.session, { delete: model.collection.collectionName, deletes });
  }

  async insert(model: { readonly collection: { readonly collectionName: string } }, documents: object[]) {
    if (documents.length === 0) return;
    const insert = model.collection.collectionName;
    await runStatement(this.database, this.session, { insert, documents });
  }
}
