import type { mongo } from 'mongoose';
import type { Booking } from '../../booking/booking.js';
import { LAPSED_LOCKS_COUNT_MS } from '../../booking/check-out.js';
import type { Command } from '../../booking/commands.js';
import { LOCKS_ENDED_FIRST_MAX, LOCKS_OF_USERS_MAX } from '../../booking/end-reservations.js';
import { BOOKINGS_EXPIRED_AT_ONCE_MAX } from '../../booking/expire-bookings.js';
import { LOCKS_EXPIRED_AT_ONCE_MAX } from '../../booking/expire-locks.js';
import {
  isOverdue,
  overduePaymentsUntil,
  PAYMENTS_EXPIRED_AT_ONCE_MAX,
} from '../../booking/expire-payments.js';
import { type Request, requestIdOf } from '../../booking/idempotent-request.js';
import { hasExpired, isLive, LIVE_LOCK_STATUSES, type Lock } from '../../booking/lock.js';
import { type Needs, needsOf } from '../../booking/needs.js';
import type { Occupancy } from '../../booking/occupancy.js';
import type { Payment } from '../../booking/payment.js';
import { TRANSFERRED_AT_ONCE_MAX } from '../../booking/transfer-reservations.js';
import { WorkingSet } from '../../booking/working-set.js';
import type { Event } from '../../catalog/event.js';
import { eventInLockId } from '../../core/ids.js';
import type { Database } from '../database.js';
import { bookingFrom, lockFrom, paymentFrom, requestFrom, requestsOfUser } from '../documents.js';
import type { BookingDocument } from '../models/booking.model.js';
import type { PaymentDocument } from '../models/payment.model.js';
import type { RequestDocument } from '../models/request.model.js';
import type { SeatLockDocument } from '../models/seat-lock.model.js';
import { type CombinedQuery, readCombined, readOne } from './combined-read.js';

/** The largest size of a record of each kind. Payments and requests are measured with a hundred seats. */
export const BYTES_MAX = { lock: 900, booking: 800, payment: 15_000, request: 5_000 } as const;

/** The commands of one event that are decided in one batch. */
export interface ClaimedCommands {
  readonly event: Event;
  readonly commands: readonly Command[];
  /** When they are decided. */
  readonly now: Date;
  /** Null if no command needs to know which seats are free. */
  readonly occupancy: Occupancy | null;
  /** Seats whose live locks are needed besides those that the commands name. */
  readonly furtherSeats: Iterable<number>;
}

/**
 * Loads all records that a batch's commands may read, inside the batch's transaction: a working set for each event.
 *
 * The first round reads the records that the commands name, from all collections. Further rounds read what those refer
 * to, as `Needs` says. Each round is one round trip, and most batches need one.
 */
export async function loadWorkingSets(
  database: Database,
  session: mongo.ClientSession,
  claimed: readonly ClaimedCommands[],
): Promise<WorkingSet[]> {
  const load = new WorkingSetLoad(database, session);
  for (const { event, commands, now, furtherSeats } of claimed) {
    const needs = needsOf(commands);
    for (const seatNumber of furtherSeats) needs.seatNumbers.add(seatNumber);
    load.require(event.id, needs, now);
  }
  await load.readAll();
  return load.setsOf(claimed);
}

/** Loads the earlier calls with the commands' requestIds. */
export async function loadRequests(
  database: Database,
  session: mongo.ClientSession,
  commands: readonly Command[],
): Promise<Request[]> {
  const ids = needsOf(commands).requestIds;
  if (ids.size === 0) return [];
  const query = { model: database.requests, match: { _id: { $in: [...ids] } } };
  return (await readOne<RequestDocument>(database, session, query)).map(requestFrom);
}

/** Ids to be read. Each is read once, whether or not its record exists. */
class QueuedQuery {
  readonly #added = new Set<string>();
  #next: string[] = [];

  add(ids: Iterable<string>): void {
    for (const id of ids) {
      if (this.#added.has(id)) continue;
      this.#added.add(id);
      this.#next.push(id);
    }
  }

  take(): string[] {
    return this.#next.splice(0);
  }
}

/** Which locks of one event are needed besides those with known ids. */
interface EventNeeds {
  readonly needs: Needs;
  readonly now: Date;
  readonly seatNumbers: Set<number>;
  readonly nextSeatNumbers: number[];
  /** Users whose live locks are needed. */
  readonly userIds: Set<string>;
  readonly nextUserIds: string[];
  /** Users of live locks that were read, whose other live locks are read as well. */
  readonly buyerIds: Set<string>;
  readonly nextBuyerIds: string[];
  /** Requests of users whose reservations are transferred, with the ids that these will have. */
  readonly transferredRequestIds: Set<string>;
  /** Whether such users have more records than were loaded. */
  hasMoreToTransfer: boolean;
}

class WorkingSetLoad {
  readonly #locks = new Map<string, Lock>();
  readonly #payments = new Map<string, Payment>();
  readonly #bookings = new Map<string, Booking>();
  readonly #requests = new Map<string, Request>();
  readonly #wanted = {
    locks: new QueuedQuery(),
    payments: new QueuedQuery(),
    bookings: new QueuedQuery(),
    requests: new QueuedQuery(),
  };
  readonly #events = new Map<string, EventNeeds>();
  /** Payments that a command may end. Their locks and bookings decide it, so these are loaded as well. */
  readonly #endingPaymentIds = new Set<string>();
  /** The locks of those payments; the bookings of these locks are loaded as well. */
  readonly #lockIdsWithBookings = new Set<string>();

  constructor(
    private readonly database: Database,
    private readonly session: mongo.ClientSession,
  ) {}

  require(eventId: string, needs: Needs, now: Date): void {
    this.#events.set(eventId, {
      needs,
      now,
      seatNumbers: new Set(),
      nextSeatNumbers: [],
      userIds: new Set(),
      nextUserIds: [],
      buyerIds: new Set(),
      nextBuyerIds: [],
      transferredRequestIds: new Set(),
      hasMoreToTransfer: false,
    });
    this.#wanted.requests.add(needs.requestIds);
    this.#wanted.bookings.add(needs.bookingIds);
    this.#wanted.payments.add(needs.paymentIds);
    this.#wanted.locks.add(needs.lockIds);
    for (const seatNumber of needs.seatNumbers) this.#requireSeat(eventId, seatNumber);
    for (const userId of needs.userIds) this.#requireUser(eventId, userId);
  }

  async readAll(): Promise<void> {
    await this.#read([...this.#loadNamed(), ...this.#loadOverdue(), ...this.#loadTransferred()]);
    for (let queries = this.#loadNamed(); queries.length > 0; queries = this.#loadNamed())
      await this.#read(queries);
  }

  setsOf(claimed: readonly ClaimedCommands[]): WorkingSet[] {
    const locks = byEvent(this.#locks.values());
    const payments = byEvent(this.#payments.values());
    const bookings = byEvent(this.#bookings.values());
    return claimed.map(({ event, occupancy }) => {
      const { needs, transferredRequestIds = [], hasMoreToTransfer } = this.#events.get(event.id) ?? {};
      const { requestIds = [], paymentIds = [] } = needs ?? {};
      return new WorkingSet({
        event,
        locks: locks.get(event.id) ?? [],
        // A command may name a payment of another event. A rule refuses that.
        payments: [...(payments.get(event.id) ?? []), ...found(paymentIds, this.#payments)],
        bookings: bookings.get(event.id) ?? [],
        requests: found(new Set([...requestIds, ...transferredRequestIds]), this.#requests),
        hasMoreToTransfer: hasMoreToTransfer ?? false,
        occupancy,
      });
    });
  }

  /** The records whose id, seat or user is known and that were not read yet. */
  #loadNamed(): Reading[] {
    const { database } = this;
    const readings: Reading[] = [];
    const requestIds = this.#wanted.requests.take();
    if (requestIds.length > 0) {
      readings.push({
        query: {
          model: database.requests,
          match: { _id: { $in: requestIds } },
          documentBytesMax: BYTES_MAX.request,
        },
        keep: (documents) => this.#keepRequests(documents as RequestDocument[]),
      });
    }
    const bookingIds = this.#wanted.bookings.take();
    if (bookingIds.length > 0) readings.push(this.#bookingsWith({ _id: { $in: bookingIds } }));
    const paymentIds = this.#wanted.payments.take();
    if (paymentIds.length > 0) readings.push(this.#paymentsWith({ paymentId: { $in: paymentIds } }));
    const lockIds = this.#wanted.locks.take();
    if (lockIds.length > 0) readings.push(this.#locksWith({ _id: { $in: lockIds } }));
    const seats = [...this.#events].flatMap(([eventId, { nextSeatNumbers }]) =>
      nextSeatNumbers.length > 0
        ? { eventId, seatNumber: { $in: nextSeatNumbers.splice(0) }, status: LIVE }
        : [],
    );
    const [seatsOfOne] = seats;
    if (seatsOfOne !== undefined) {
      readings.push(this.#locksWith(seats.length === 1 ? seatsOfOne : { $or: seats }));
    }
    // All of these users in all of these events: this finds hardly more than needed, as few users are in several events
    // of a batch, and it is far cheaper for the database than a branch for each event.
    const withUsers = [...this.#events].filter(([, { nextUserIds }]) => nextUserIds.length > 0);
    if (withUsers.length > 0) {
      const eventIds = withUsers.map(([eventId]) => eventId);
      const userIds = new Set(withUsers.flatMap(([, { nextUserIds }]) => nextUserIds.splice(0)));
      readings.push(
        this.#locksWith({ eventId: { $in: eventIds }, userId: { $in: [...userIds] }, status: LIVE }),
      );
    }
    for (const [eventId, { nextBuyerIds }] of this.#events) {
      if (nextBuyerIds.length === 0) continue;
      const ofBuyers = { eventId, userId: { $in: nextBuyerIds.splice(0) }, status: LIVE };
      readings.push(this.#locksWith(ofBuyers, LOCKS_OF_USERS_MAX));
    }
    return readings;
  }

  /** What has lapsed or ends: for the commands of jobs, and for check-outs of all that is held. */
  #loadOverdue(): Reading[] {
    const readings: Reading[] = [];
    for (const [eventId, { needs, now }] of this.#events) {
      if (needs.expiredLocks) {
        const expired = { eventId, status: 'active', expiresAt: { $lte: now } };
        readings.push(this.#locksWith(expired, LOCKS_EXPIRED_AT_ONCE_MAX));
        readings.push(this.#locksWith({ ...expired, status: 'heldBack' }, LOCKS_EXPIRED_AT_ONCE_MAX));
      }
      if (needs.overdueBookings) {
        const overdue = { status: 'pending', eventId, expiresAt: { $lte: now } };
        readings.push(this.#bookingsWith(overdue, BOOKINGS_EXPIRED_AT_ONCE_MAX));
      }
      if (needs.overduePayments) {
        const overdue = { status: 'pending', eventId, createdAt: { $lte: overduePaymentsUntil(now) } };
        readings.push(this.#paymentsWith(overdue, PAYMENTS_EXPIRED_AT_ONCE_MAX));
      }
      if (needs.liveLocks) {
        // The order makes MongoDB use the index that has live locks only, however many have ended.
        readings.push(this.#locksWith({ eventId, status: LIVE }, LOCKS_ENDED_FIRST_MAX, { seatNumber: 1 }));
      }
      if (needs.lapsedUserIds.size > 0) {
        const since = new Date(now.getTime() - LAPSED_LOCKS_COUNT_MS);
        const userId = { $in: [...needs.lapsedUserIds] };
        readings.push(this.#locksWith({ eventId, userId, status: 'expired', endedAt: { $gt: since } }));
      }
    }
    return readings;
  }

  /** Everything that users have in an event who give it to others. */
  #loadTransferred(): Reading[] {
    const limit = TRANSFERRED_AT_ONCE_MAX;
    return [...this.#events].flatMap(([eventId, event]) => {
      const { transfers } = event.needs;
      if (transfers.size === 0) return [];
      const owned = { eventId, userId: { $in: [...transfers.keys()] } };
      // A request does not name its event, but its results do.
      const ofEvent = { resultIds: { $regex: `_${eventId}` } };
      const made = [...transfers.keys()].map(requestsOfUser);
      const requests: Reading = {
        query: {
          model: this.database.requests,
          match: { $or: made, ...ofEvent },
          limit,
          documentBytesMax: BYTES_MAX.request,
        },
        keep: (documents) => this.#keepTransferredRequests(event, documents as RequestDocument[]),
      };
      return [
        this.#locksWith(owned, limit),
        this.#bookingsWith(owned, limit),
        this.#paymentsWith(owned, limit),
        requests,
      ].map(({ query, keep }) => ({
        query,
        keep: (documents) => {
          event.hasMoreToTransfer ||= documents.length >= limit;
          keep(documents);
        },
      }));
    });
  }

  #keepTransferredRequests(event: EventNeeds, documents: readonly RequestDocument[]): void {
    for (const document of documents) {
      const request = requestFrom(document);
      const [from = ''] = request.id.split(':');
      const idAfter = requestIdOf(event.needs.transfers.get(from) ?? from, request);
      this.#requests.set(request.id, request);
      this.#wanted.requests.add([idAfter]);
      event.transferredRequestIds.add(request.id).add(idAfter);
    }
  }

  async #read(readings: readonly Reading[]): Promise<void> {
    if (readings.length === 0) return;
    const [eventId] = this.#events.keys();
    const results = await readCombined(
      this.database,
      this.session,
      eventId as string,
      readings.map(({ query }) => query),
    );
    readings.forEach(({ keep }, index) => {
      keep(results[index] as object[]);
    });
    this.#loadReferenced();
  }

  #locksWith(match: object, limit?: number, sort?: CombinedQuery['sort']): Reading {
    return {
      query: { model: this.database.locks, match, limit, sort, documentBytesMax: BYTES_MAX.lock },
      keep: (documents) => {
        for (const document of documents as SeatLockDocument[]) {
          this.#locks.set(document._id, lockFrom(document));
        }
      },
    };
  }

  #bookingsWith(match: object, limit?: number): Reading {
    return {
      query: { model: this.database.bookings, match, limit, documentBytesMax: BYTES_MAX.booking },
      keep: (documents) => {
        for (const document of documents as BookingDocument[]) {
          this.#bookings.set(document._id, bookingFrom(document));
        }
      },
    };
  }

  #paymentsWith(match: object, limit?: number): Reading {
    return {
      query: { model: this.database.payments, match, limit, documentBytesMax: BYTES_MAX.payment },
      keep: (documents) => {
        for (const document of documents as PaymentDocument[]) {
          const payment = paymentFrom(document);
          this.#payments.set(payment.id, payment);
        }
      },
    };
  }

  #keepRequests(documents: readonly RequestDocument[]): void {
    for (const document of documents) {
      const request = requestFrom(document);
      this.#requests.set(request.id, request);
      const locks = request.resultIds.filter((id) => eventInLockId(id) !== undefined);
      const others = request.resultIds.slice(locks.length);
      this.#wanted.locks.add(locks);
      this.#wanted.bookings.add(others);
      this.#wanted.payments.add(others);
    }
  }

  /** Queues what the records read so far refer to. */
  #loadReferenced(): void {
    for (const booking of this.#bookings.values()) {
      this.#wanted.payments.add([booking.paymentId]);
      this.#wanted.locks.add([booking.lockId]);
      if (this.#events.get(booking.eventId)?.needs.endingBookingIds.has(booking.id)) {
        this.#endingPaymentIds.add(booking.paymentId);
      }
    }
    for (const lock of this.#locks.values()) {
      const event = this.#events.get(lock.eventId);
      if (event === undefined) continue;
      const { endingLockIds, endingUserIds, liveLocks } = event.needs;
      const endsWithEvent = liveLocks && isLive(lock);
      if (endsWithEvent) this.#requireBuyer(event, lock);
      if (lock.paymentId === null) continue;
      const mayEnd =
        endsWithEvent ||
        hasExpired(lock, event.now) ||
        endingLockIds.has(lock.id) ||
        endingUserIds.has(lock.userId);
      if (!mayEnd) continue;
      this.#wanted.payments.add([lock.paymentId]);
      this.#endingPaymentIds.add(lock.paymentId);
    }
    for (const payment of this.#payments.values()) this.#requireForPayment(payment);
    for (const lock of this.#locks.values()) {
      if (this.#lockIdsWithBookings.has(lock.id) && lock.bookingId !== null) {
        this.#wanted.bookings.add([lock.bookingId]);
      }
    }
  }

  /** All that ends together with a lock of a cancelled event. */
  #requireBuyer({ buyerIds, nextBuyerIds }: EventNeeds, { userId, bookingId }: Lock): void {
    if (bookingId !== null) this.#wanted.bookings.add([bookingId]);
    if (buyerIds.has(userId)) return;
    buyerIds.add(userId);
    nextBuyerIds.push(userId);
  }

  #requireForPayment(payment: Payment): void {
    const event = this.#events.get(payment.eventId);
    if (event === undefined) return;
    const { needs, now } = event;
    const isSettled = needs.settledPaymentIds.has(payment.id);
    const mayEnd =
      payment.status === 'pending' &&
      (this.#endingPaymentIds.has(payment.id) || (needs.overduePayments && isOverdue(payment, now)));
    if (!isSettled && !mayEnd) return;
    for (const { lockId, seatNumber } of payment.shares) {
      this.#lockIdsWithBookings.add(lockId);
      this.#wanted.locks.add([lockId]);
      if (isSettled) this.#requireSeat(payment.eventId, seatNumber);
    }
    if (isSettled) this.#requireUser(payment.eventId, payment.userId);
  }

  #requireSeat(eventId: string, seatNumber: number): void {
    const event = this.#events.get(eventId);
    if (event === undefined || event.seatNumbers.has(seatNumber)) return;
    event.seatNumbers.add(seatNumber);
    event.nextSeatNumbers.push(seatNumber);
  }

  #requireUser(eventId: string, userId: string): void {
    const event = this.#events.get(eventId);
    if (event === undefined || event.userIds.has(userId)) return;
    event.userIds.add(userId);
    event.nextUserIds.push(userId);
  }
}

interface Reading {
  readonly query: CombinedQuery;
  readonly keep: (documents: readonly object[]) => void;
}

const LIVE = { $in: [...LIVE_LOCK_STATUSES] };

const found = <Stored>(ids: Iterable<string>, records: ReadonlyMap<string, Stored>): Stored[] =>
  [...ids].flatMap((id) => records.get(id) ?? []);

function byEvent<Stored extends { readonly eventId: string }>(
  records: Iterable<Stored>,
): Map<string, Stored[]> {
  const groups = new Map<string, Stored[]>();
  for (const record of records) {
    const group = groups.get(record.eventId);
    if (group === undefined) groups.set(record.eventId, [record]);
    else group.push(record);
  }
  return groups;
}
