import type { mongo } from 'mongoose';
import type { Booking } from '../booking/booking.js';
import type { Command } from '../booking/commands.js';
import { BOOKINGS_EXPIRED_AT_ONCE_MAX } from '../booking/expire-bookings.js';
import { LOCKS_EXPIRED_AT_ONCE_MAX, LOCKS_EXPIRED_BESIDE_OTHERS_MAX } from '../booking/expire-locks.js';
import { hasLapsed, LIVE_LOCK_STATUSES, type Lock } from '../booking/lock.js';
import { type Needs, needsOf } from '../booking/needs.js';
import type { Payment } from '../booking/payment.js';
import type { Request } from '../booking/request.js';
import { WorkingSet } from '../booking/working-set.js';
import type { Event } from '../catalog/event.js';
import type { Database } from './database.js';
import { bookingFrom, lockFrom, paymentFrom, requestFrom } from './documents.js';
import type { BookingDocument } from './models/booking.model.js';
import type { PaymentDocument } from './models/payment.model.js';
import type { RequestDocument } from './models/request.model.js';
import type { SeatLockDocument } from './models/seat-lock.model.js';

/**
 * Loads what a batch's commands may look at, inside the batch's transaction. One query follows the other, as a
 * transaction demands, each for the whole batch; a query that nothing asks for is left out. The order follows who
 * points to whom: requests → bookings → payments → locks → the bookings and payments of those locks.
 */
export async function loadWorkingSet(
  database: Database,
  session: mongo.ClientSession,
  event: Event,
  commands: readonly Command[],
  now: Date,
): Promise<WorkingSet> {
  const load = new Load(database, session, event.id, now);
  const needs = needsOf(commands);
  const requests = await loadRequests(database, session, commands);
  const resultIds = requests.flatMap((request) => request.resultIds);

  const bookings = new Map<string, Booking>();
  const payments = new Map<string, Payment>();
  await load.bookings(bookings, [...needs.bookingIds, ...resultIds], needs.overdueBookings);
  await load.payments(payments, [
    ...needs.paymentIds,
    ...resultIds,
    ...[...bookings.values()].map((booking) => booking.paymentId),
  ]);
  const settled = [...needs.settledPaymentIds].flatMap((id) => payments.get(id) ?? []);
  const lapsedMax = commands.length > 1 ? LOCKS_EXPIRED_BESIDE_OTHERS_MAX : LOCKS_EXPIRED_AT_ONCE_MAX;
  const locks = await load.locks(needs, [...bookings.values()], settled, lapsedMax);

  const settledLockIds = new Set(settled.flatMap((payment) => payment.shares.map((share) => share.lockId)));
  const settledBookingIds = locks.flatMap((lock) =>
    settledLockIds.has(lock.id) && lock.bookingId !== null ? lock.bookingId : [],
  );
  await load.bookings(bookings, settledBookingIds, false);
  const mayEnd = (lock: Lock) => hasLapsed(lock, now) || needs.endingLockIds.has(lock.id);
  await load.payments(
    payments,
    locks.flatMap((lock) => (mayEnd(lock) && lock.paymentId !== null ? lock.paymentId : [])),
  );

  return new WorkingSet({ event, locks, payments: payments.values(), bookings: bookings.values(), requests });
}

/** The calls that were made before under the commands' requestIds. */
export async function loadRequests(
  database: Database,
  session: mongo.ClientSession,
  commands: readonly Command[],
): Promise<Request[]> {
  const ids = needsOf(commands).requestIds;
  if (ids.size === 0) return [];
  const documents = await find<RequestDocument>(database.requests, session, { _id: { $in: [...ids] } });
  return documents.map(requestFrom);
}

class Load {
  constructor(
    private readonly database: Database,
    private readonly session: mongo.ClientSession,
    private readonly eventId: string,
    private readonly now: Date,
  ) {}

  async bookings(into: Map<string, Booking>, ids: readonly string[], overdue: boolean): Promise<void> {
    const { bookings } = this.database;
    const missing = ids.filter((id) => !into.has(id));
    const documents: BookingDocument[] = [];
    if (missing.length > 0) {
      documents.push(...(await find<BookingDocument>(bookings, this.session, { _id: { $in: missing } })));
    }
    if (overdue) {
      const query = { status: 'pending', eventId: this.eventId, expiresAt: { $lte: this.now } };
      documents.push(
        ...(await find<BookingDocument>(bookings, this.session, query, BOOKINGS_EXPIRED_AT_ONCE_MAX)),
      );
    }
    for (const document of documents) into.set(document._id, bookingFrom(document));
  }

  async payments(into: Map<string, Payment>, ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !into.has(id));
    if (missing.length === 0) return;
    const query = { paymentId: { $in: missing } };
    const documents = await find<PaymentDocument>(this.database.payments, this.session, query);
    for (const document of documents) into.set(document.paymentId, paymentFrom(document));
  }

  async locks(
    needs: Needs,
    bookings: readonly Booking[],
    settled: readonly Payment[],
    lapsedMax: number,
  ): Promise<Lock[]> {
    const { eventId } = this;
    const shares = settled.flatMap((payment) => payment.shares);
    const ids = new Set([
      ...needs.lockIds,
      ...bookings.map((booking) => booking.lockId),
      ...shares.map((share) => share.lockId),
    ]);
    const seatNumbers = new Set([...needs.seatNumbers, ...shares.map((share) => share.seatNumber)]);
    const status = { $in: [...LIVE_LOCK_STATUSES] };

    // One query, each of its branches on an index of its own.
    const branches: object[] = [];
    if (ids.size > 0) branches.push({ _id: { $in: [...ids] } });
    if (seatNumbers.size > 0) branches.push({ eventId, seatNumber: { $in: [...seatNumbers] }, status });
    if (needs.userIds.size > 0) branches.push({ eventId, userId: { $in: [...needs.userIds] }, status });
    const [only, ...others] = branches;
    const found =
      only === undefined ? [] : await this.#findLocks(others.length === 0 ? only : { $or: branches });
    if (needs.lapsedLocks) {
      const lapsed = { eventId, status: 'active', expiresAt: { $lte: this.now } };
      found.push(...(await this.#findLocks(lapsed, lapsedMax)));
    }
    return [...new Map(found.map((lock) => [lock.id, lock])).values()];
  }

  async #findLocks(query: object, limit?: number): Promise<Lock[]> {
    const documents = await find<SeatLockDocument>(this.database.locks, this.session, query, limit);
    return documents.map(lockFrom);
  }
}

/** By the driver itself: these queries have nothing that a model would have to cast, and are most of a batch's work. */
async function find<Document extends object>(
  model: { readonly collection: unknown },
  session: mongo.ClientSession,
  query: object,
  limit = 0,
): Promise<Document[]> {
  const collection = model.collection as mongo.Collection;
  return (await collection.find(query, { session, limit }).toArray()) as unknown as Document[];
}
