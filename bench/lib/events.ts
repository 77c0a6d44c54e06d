import type { mongo } from 'mongoose';
import type { Booking } from '../../src/booking/booking.js';
import { type Request, requestKey } from '../../src/booking/idempotent-request.js';
import type { Lock } from '../../src/booking/lock.js';
import type { Payment } from '../../src/booking/payment.js';
import type { SeatStatus } from '../../src/booking/seat-state.js';
import { bookingIdOfLock, newEventId, newLockId, newPaymentId, newUserId } from '../../src/core/ids.js';
import {
  bookingDocument,
  lockDocument,
  paymentDocument,
  requestDocument,
} from '../../src/store/documents.js';
import type { EventDocument } from '../../src/store/models/event.model.js';

const DAY_MS = 24 * 60 * 60 * 1000;
export const SEATS_PER_ROW = 20;
/** Seats of one user in a partly sold event. */
const SEATS_PER_USER = 10;
/** Documents in one insert. */
const INSERT_MAX = 5_000;
export const PRICE = { amount: 15_000, currency: 'USD' } as const;

/** What differs from an event with rows of 20 and without rules. */
interface Layout extends Pick<EventDocument, 'orphanRule'> {
  readonly seatsPerRow?: number;
}

/**
 * Inserts an event into the database directly, with everything that the server would have written for its taken seats.
 *
 * @returns its id
 */
export async function createEvent(
  database: mongo.Db,
  totalSeats: number,
  statusOf: (seatNumber: number) => SeatStatus = () => 'available',
  { seatsPerRow = SEATS_PER_ROW, ...rules }: Layout = {},
): Promise<string> {
  const id = newEventId();
  const records = takenSeats(id, totalSeats, statusOf);
  const bookedSeats = records.bookings.length;
  const document: EventDocument = {
    _id: id,
    name: 'Bench',
    eventDate: new Date(Date.now() + 30 * DAY_MS),
    totalSeats,
    bookedSeats,
    availableSeats: totalSeats - bookedSeats,
    turn: 0,
    recentBatchIds: [],
    version: 0,
    sections: [
      {
        name: 'Main',
        firstSeatNumber: 1,
        rows: Math.ceil(totalSeats / seatsPerRow),
        seatsPerRow,
        price: null,
      },
    ],
    price: null,
    ...rules,
    organizerId: 'bench',
    createdAt: new Date(),
  };
  await insert(database, 'events', [document]);
  await insert(database, 'seatlocks', records.locks.map(lockDocument));
  await insert(database, 'payments', records.payments.map(paymentDocument));
  await insert(database, 'bookings', records.bookings.map(bookingDocument));
  await insert(database, 'requests', records.requests.map(requestDocument));
  return id;
}

interface Records {
  readonly locks: Lock[];
  readonly payments: Payment[];
  readonly bookings: Booking[];
  readonly requests: Request[];
}

function takenSeats(
  eventId: string,
  totalSeats: number,
  statusOf: (seatNumber: number) => SeatStatus,
): Records {
  const records: Records = { locks: [], payments: [], bookings: [], requests: [] };
  const now = new Date();
  let userId = '';
  for (let seatNumber = 1; seatNumber <= totalSeats; seatNumber++) {
    const status = statusOf(seatNumber);
    if (status === 'available') continue;
    if (records.locks.length % SEATS_PER_USER === 0) userId = newUserId();
    const lock = newLock(eventId, seatNumber, userId, now);
    if (status === 'locked') records.locks.push(lock);
    else bookInto(records, lock, now);
  }
  return records;
}

/** A lock that outlives a bench. */
export function newLock(eventId: string, seatNumber: number, userId: string, now: Date): Lock {
  return {
    id: newLockId(eventId),
    eventId,
    seatNumber,
    userId,
    status: 'active',
    createdAt: now,
    expiresAt: new Date(now.getTime() + DAY_MS),
    endedAt: null,
    bookingId: null,
    paymentId: null,
    version: 1,
  };
}

/** A completed payment for one lock. */
export function newPayment({ id, eventId, userId, seatNumber }: Lock, now: Date): Payment {
  const { amount, currency } = PRICE;
  return {
    id: newPaymentId(eventId, now),
    eventId,
    userId,
    shares: [{ lockId: id, seatNumber, amount, refunded: false }],
    amount,
    refundedAmount: 0,
    currency,
    contactEmail: null,
    provider: 'simulated',
    status: 'completed',
    reason: null,
    retryable: null,
    createdAt: now,
    processedAt: now,
  };
}

/** The booking of a paid lock, and its idempotent request. */
export function newBooking(lock: Lock, paymentId: string, now: Date): { booking: Booking; request: Request } {
  const { id: lockId, eventId, userId, seatNumber } = lock;
  const requestId = `${eventId} ${seatNumber}`;
  const booking: Booking = {
    id: bookingIdOfLock(lockId),
    eventId,
    userId,
    seatNumber,
    lockId,
    paymentId,
    requestId,
    status: 'confirmed',
    paymentStatus: 'completed',
    createdAt: now,
    expiresAt: null,
    ticketIssue: 1,
    checkedInAt: null,
    isInvitation: false,
  };
  const key = requestKey(userId, 'confirmBookings', requestId, [lockId, paymentId]);
  return { booking, request: { ...key, resultIds: [booking.id], createdAt: now } };
}

function bookInto(records: Records, lock: Lock, now: Date): void {
  const payment = newPayment(lock, now);
  const { booking, request } = newBooking(lock, payment.id, now);
  records.locks.push({ ...lock, status: 'used', endedAt: now, bookingId: booking.id, paymentId: payment.id });
  records.payments.push(payment);
  records.bookings.push(booking);
  records.requests.push(request);
}

async function insert(database: mongo.Db, name: string, documents: readonly object[]): Promise<void> {
  for (let begin = 0; begin < documents.length; begin += INSERT_MAX) {
    await database
      .collection(name)
      .insertMany(documents.slice(begin, begin + INSERT_MAX), { ordered: false });
  }
}
