import type { mongo, PipelineStage } from 'mongoose';
import { type SeatAvailability, seatAvailability } from '../../booking/availability.js';
import type { Booking } from '../../booking/booking.js';
import type { BookingReads, HistoryEntry, Sales } from '../../booking/booking-reads.js';
import type { BookingSearch } from '../../booking/booking-search.js';
import { overduePaymentsUntil } from '../../booking/expire-payments.js';
import { LIVE_LOCK_STATUSES, type Lock } from '../../booking/lock.js';
import type { Payment } from '../../booking/payment.js';
import type { HourSales, PaidAndRefunded } from '../../booking/sales-figures.js';
import { eventInRecordId } from '../../core/ids.js';
import type { Page, PagePosition, PageRequest } from '../../core/page.js';
import type { Database } from '../database.js';
import { bookingFrom, lockFrom, paymentFrom, requestsOfUser } from '../documents.js';
import type { BookingDocument } from '../models/booking.model.js';
import type { PaymentDocument } from '../models/payment.model.js';
import type { SeatLockDocument } from '../models/seat-lock.model.js';
import { findBookings } from './find-bookings.js';
import { readHistory } from './read-history.js';
import { readSales, readSalesByHour, readSalesBySection } from './read-sales.js';
import { readSnapshot } from './read-snapshot.js';

/**
 * How many ended locks, and cancelled bookings, of one user in one event are returned: the newest. Live ones are all
 * returned, as the seat limit bounds them.
 */
const ENDED_SHOWN_MAX = 1_000;

/** Events whose follow-ups one run of the job continues. */
const FOLLOW_UPS_MAX = 1_000;

type Created = { readonly createdAt: Date };
const oldestFirst = (a: Created, b: Created): number => a.createdAt.getTime() - b.createdAt.getTime();

/**
 * Each record once.
 *
 * @param ended must be read first: a late settlement may revive one of them before the live ones are read, and it must
 *   not be missing from both
 * @param live wins if a record is in both
 */
const withoutDuplicates = <Record extends { readonly _id: string }>(
  ended: readonly Record[],
  live: readonly Record[],
): Record[] => [...new Map([...ended, ...live].map((record) => [record._id, record])).values()];

interface AvailabilityRow {
  readonly _id: string;
  readonly totalSeats: number;
  readonly bookedSeats: number;
  readonly heldBackSeats?: number;
  readonly locked: readonly { readonly seats: number }[];
  /** Held back until an instant that has passed, and counted as held back until that is recorded. */
  readonly lapsed: readonly { readonly seats: number }[];
}

export class BookingQueries implements BookingReads {
  constructor(private readonly database: Database) {}

  async lock(id: string): Promise<Lock | null> {
    const document = await this.database.locks.findById(id).lean<SeatLockDocument>().exec();
    return document && lockFrom(document);
  }

  async payment(id: string): Promise<Payment | null> {
    return (await this.payments([id]))[0] ?? null;
  }

  async payments(ids: readonly string[]): Promise<(Payment | null)[]> {
    // By the driver: mongoose takes as much CPU time again, and the file of an event's bookings reads 100,000.
    const documents = await this.database.payments.collection
      .find<PaymentDocument>({ paymentId: { $in: [...ids] } })
      .toArray();
    const byId = new Map(documents.map((document) => [document.paymentId, paymentFrom(document)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async booking(id: string): Promise<Booking | null> {
    const document = await this.database.bookings.findById(id).lean<BookingDocument>().exec();
    return document && bookingFrom(document);
  }

  async hasRequest(id: string): Promise<boolean> {
    return (await this.database.requests.exists({ _id: id }).exec()) !== null;
  }

  async bookingsOfLocks(lockIds: readonly string[]): Promise<Booking[]> {
    const locks = await this.database.locks
      .find({ _id: { $in: [...lockIds] } }, { bookingId: 1 })
      .lean<Pick<SeatLockDocument, 'bookingId'>[]>()
      .exec();
    const ids = locks.flatMap(({ bookingId }) => bookingId ?? []);
    if (ids.length === 0) return [];
    const documents = await this.database.bookings
      .find({ _id: { $in: ids } })
      .lean<BookingDocument[]>()
      .exec();
    return documents.map(bookingFrom).sort((a, b) => a.seatNumber - b.seatNumber);
  }

  async activeLocks(userId: string, eventId: string, now: Date): Promise<Lock[]> {
    const documents = await this.database.locks
      .find({ eventId, userId, status: 'active', expiresAt: { $gt: now } })
      .lean<SeatLockDocument[]>()
      .exec();
    return documents.map(lockFrom).sort(oldestFirst);
  }

  async recentLocks(userId: string, eventId: string, endedAfter: Date): Promise<Lock[]> {
    const ended = await this.database.locks
      .find({ eventId, userId, status: { $in: ['expired', 'released'] }, endedAt: { $gt: endedAfter } })
      .sort({ endedAt: -1 })
      .limit(ENDED_SHOWN_MAX)
      .lean<SeatLockDocument[]>()
      .exec();
    const live = await this.database.locks
      .find({ eventId, userId, status: { $in: [...LIVE_LOCK_STATUSES] } })
      .lean<SeatLockDocument[]>()
      .exec();
    const recent = live.filter(({ expiresAt, endedAt }) => (endedAt ?? expiresAt) > endedAfter);
    return withoutDuplicates(ended, recent).map(lockFrom).sort(oldestFirst);
  }

  async bookingsOf(userId: string, eventId: string): Promise<Booking[]> {
    const cancelled = await this.database.bookings
      .find({ eventId, userId, status: 'cancelled' })
      .sort({ createdAt: -1 })
      .limit(ENDED_SHOWN_MAX)
      .lean<BookingDocument[]>()
      .exec();
    const live = await this.database.bookings
      .find({ eventId, userId, status: { $in: ['pending', 'confirmed'] } })
      .lean<BookingDocument[]>()
      .exec();
    return withoutDuplicates(cancelled, live).map(bookingFrom).sort(oldestFirst);
  }

  bookingsOfUser = (userId: string, page: PageRequest) => this.#bookings({ userId }, page);
  bookingsOfEvent = (eventId: string, page: PageRequest) => this.#bookings({ eventId }, page);

  findBookings(eventId: string, search: BookingSearch, page: PageRequest): Promise<Page<Booking>> {
    return findBookings(this.database, eventId, search, page, (lockIds) => this.bookingsOfLocks(lockIds));
  }

  async paymentsOfUser(userId: string, page: PageRequest): Promise<Page<Payment>> {
    const documents = await this.database.payments
      .find({ userId, ...olderThan(page.after, 'paymentId') })
      .sort({ createdAt: -1, paymentId: -1 })
      .limit(page.first + 1)
      .lean<PaymentDocument[]>()
      .exec();
    return pageOf(documents.map(paymentFrom), page);
  }

  async availability(eventIds: readonly string[], now: Date): Promise<(SeatAvailability | null)[]> {
    // In one snapshot, so that the numbers always add up.
    const rows = await readSnapshot(this.database.client.startSession(), (session) =>
      this.#availability(session, eventIds, now),
    );
    const byId = new Map(
      rows.map(({ _id, totalSeats, bookedSeats, heldBackSeats = 0, locked, lapsed }) => {
        const offSaleSeats = heldBackSeats - (lapsed[0]?.seats ?? 0);
        return [_id, seatAvailability(totalSeats, locked[0]?.seats ?? 0, bookedSeats, offSaleSeats)];
      }),
    );
    return eventIds.map((id) => byId.get(id) ?? null);
  }

  #availability(
    session: mongo.ClientSession,
    eventIds: readonly string[],
    now: Date,
  ): Promise<AvailabilityRow[]> {
    const countOfLocks = (match: object, as: string): PipelineStage.Lookup => ({
      $lookup: {
        from: this.database.locks.collection.collectionName,
        let: { event: '$_id' },
        pipeline: [{ $match: { $expr: { $eq: ['$eventId', '$$event'] }, ...match } }, { $count: 'seats' }],
        as,
      },
    });
    return this.database.events
      .aggregate<AvailabilityRow>([
        { $match: { _id: { $in: [...eventIds] } } },
        countOfLocks({ status: 'active', expiresAt: { $gt: now } }, 'locked'),
        countOfLocks({ status: 'heldBack', expiresAt: { $lte: now } }, 'lapsed'),
        { $project: { totalSeats: 1, bookedSeats: 1, heldBackSeats: 1, locked: 1, lapsed: 1 } },
      ])
      .session(session)
      .exec();
  }

  sales(eventId: string): Promise<Sales> {
    return readSales(this.database, eventId);
  }

  salesBySection(eventId: string, firstSeatNumbers: readonly number[]): Promise<PaidAndRefunded[]> {
    return readSalesBySection(this.database, eventId, firstSeatNumbers);
  }

  salesByHour(eventId: string, timeZone: string, hours: number, before: Date | null): Promise<HourSales[]> {
    return readSalesByHour(this.database, eventId, timeZone, hours, before);
  }

  history(eventId: string, seatNumber: number | null, page: PageRequest): Promise<Page<HistoryEntry>> {
    return readHistory(this.database, eventId, seatNumber, page);
  }

  async heldBack(eventId: string, now: Date, afterSeat: number, limit: number): Promise<Lock[]> {
    const documents = await this.database.locks
      .find({ eventId, status: 'heldBack', seatNumber: { $gt: afterSeat }, expiresAt: { $gt: now } })
      .sort({ seatNumber: 1 })
      .limit(limit)
      .lean<SeatLockDocument[]>()
      .exec();
    return documents.map(lockFrom);
  }

  async eventsOfUser(userId: string): Promise<string[]> {
    const [resultIds, ...eventIds] = await Promise.all([
      // Scans are recorded here alone, and may be of an event in which the organizer has nothing else.
      this.database.requests.distinct('resultIds', requestsOfUser(userId)).exec(),
      this.database.locks.distinct('eventId', { userId, status: 'active' }).exec(),
      this.database.payments.distinct('eventId', { userId }).exec(),
      this.database.bookings.distinct('eventId', { userId }).exec(),
    ]);
    return [...new Set([...resultIds.flatMap((id) => eventInRecordId(id) ?? []), ...eventIds.flat()])];
  }

  async eventsWithExpiredLocks(now: Date): Promise<string[]> {
    const eventIds = await Promise.all(
      (['active', 'heldBack'] as const).map((status) =>
        this.database.locks.distinct('eventId', { status, expiresAt: { $lte: now } }).exec(),
      ),
    );
    return [...new Set(eventIds.flat())];
  }

  async eventsWithOverdueBookings(now: Date): Promise<string[]> {
    return this.database.bookings.distinct('eventId', { status: 'pending', expiresAt: { $lte: now } }).exec();
  }

  async eventsWithFollowUps(): Promise<string[]> {
    const events = await this.database.events
      .find({ $or: [{ 'cancellation.isEnding': true }, { 'dateNotice.revision': { $gt: 0 } }] }, { _id: 1 })
      .limit(FOLLOW_UPS_MAX)
      .lean()
      .exec();
    return events.map(({ _id }) => _id);
  }

  async eventsWithOverduePayments(now: Date): Promise<string[]> {
    const createdAt = { $lte: overduePaymentsUntil(now) };
    return this.database.payments.distinct('eventId', { status: 'pending', createdAt }).exec();
  }

  async #bookings(query: object, page: PageRequest): Promise<Page<Booking>> {
    // By the driver, as `payments`.
    const documents = await this.database.bookings.collection
      .find<BookingDocument>({ ...query, ...olderThan(page.after, '_id') })
      .sort({ createdAt: -1, _id: -1 })
      .limit(page.first + 1)
      .toArray();
    return pageOf(documents.map(bookingFrom), page);
  }
}

/** Restricts a query to records after a cursor, in a list with the newest first. */
function olderThan(after: PagePosition | null, idField: string): object {
  if (after === null) return {};
  const { at, id } = after;
  return { $or: [{ createdAt: { $lt: at } }, { createdAt: at, [idField]: { $lt: id } }] };
}

function pageOf<Node>(nodes: readonly Node[], { first }: PageRequest): Page<Node> {
  return { nodes: nodes.slice(0, first), hasNextPage: nodes.length > first };
}
