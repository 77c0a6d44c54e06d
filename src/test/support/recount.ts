import { expect } from 'vitest';
import { isOfSeat } from '../../booking/ledger.js';
import { isLive } from '../../booking/lock.js';
import { seatState } from '../../booking/seat-state.js';
import type { Database } from '../../store/database.js';
import { ledgerEntriesFrom } from '../../store/ledger-documents.js';

/** The setting's default. Tests that recount do not change it. */
const SEATS_PER_VIEWER_MAX = 10;

/**
 * Recounts an event from its records, and fails if they contradict each other or the event's own counters. This must hold
 * at any time, whatever was sold, ended, paid or refunded before.
 */
export async function recount(database: Database, eventId: string) {
  const [event, locks, bookings, payments, changes, ledger] = await Promise.all([
    database.events.findById(eventId).lean().exec(),
    database.locks.find({ eventId }).lean().exec(),
    database.bookings.find({ eventId }).lean().exec(),
    database.payments.find({ eventId }).lean().exec(),
    database.changes
      .find({ eventId, version: { $ne: null } })
      .sort({ version: 1 })
      .lean()
      .exec(),
    database.ledger.find({ eventId }).sort({ turn: 1 }).lean().exec(),
  ]);
  if (event === null) throw new Error(`There is no event ${eventId}.`);
  const live = locks.filter(isLive);
  const standing = bookings.filter(({ status }) => status !== 'cancelled');
  const lockById = new Map(locks.map((lock) => [lock._id, lock]));
  const paymentById = new Map(payments.map((payment) => [payment.paymentId, payment]));
  const bookingById = new Map(bookings.map((booking) => [booking._id, booking]));

  expect(new Set(live.map(({ seatNumber }) => seatNumber)).size, 'seats with a live lock').toBe(live.length);
  expect(event.bookedSeats, 'bookedSeats').toBe(standing.length);
  expect(event.availableSeats, 'availableSeats').toBe(event.totalSeats - standing.length);

  const heldBack = live.filter(({ status }) => status === 'heldBack').length;
  expect(event.heldBackSeats ?? 0, 'heldBackSeats').toBe(heldBack);

  const seatsOf = new Map<string, number>();
  for (const { userId } of standing.filter(({ isInvitation }) => !isInvitation))
    seatsOf.set(userId, (seatsOf.get(userId) ?? 0) + 1);
  expect(Math.max(0, ...seatsOf.values()), 'booked seats of one person').toBeLessThanOrEqual(
    SEATS_PER_VIEWER_MAX,
  );

  for (const { _id, seatNumber, lockId, paymentId, status, paymentStatus } of bookings) {
    const lock = lockById.get(lockId);
    expect(lock, `lock of booking ${_id}`).toMatchObject({ seatNumber, bookingId: _id, paymentId });
    expect(lock?.status === 'used', `booking ${_id} is ${status}, its lock ${lock?.status}`).toBe(
      status !== 'cancelled',
    );
    if (status === 'confirmed') expect(paymentStatus, `booking ${_id}`).toBe('completed');
  }
  for (const lock of locks.filter(({ status }) => status === 'used')) {
    expect(bookingById.get(lock.bookingId ?? '')?.lockId, `booking of used lock ${lock._id}`).toBe(lock._id);
  }

  const notFailed = payments.filter(({ status }) => status !== 'failed');
  const amountOf = (all: typeof payments) => all.reduce((sum, { amount }) => sum + amount, 0);
  // A payment that failed when it settled stays counted.
  expect(event.amountPaid, 'amountPaid').toBeGreaterThanOrEqual(amountOf(notFailed));
  expect(event.amountPaid, 'amountPaid').toBeLessThanOrEqual(amountOf(payments));
  for (const payment of payments) {
    const { paymentId, amount, refundedAmount, shares, status } = payment;
    const sum = (some: typeof shares) => some.reduce((total, share) => total + share.amount, 0);
    expect(sum(shares), `shares of ${paymentId}`).toBe(amount);
    expect(sum(shares.filter(({ refunded }) => refunded)), `refunds of ${paymentId}`).toBe(refundedAmount);
    expect(status === 'refunded', `${paymentId} is ${status}`).toBe(shares.every(({ refunded }) => refunded));
    if (status !== 'completed' && status !== 'refunded') expect(refundedAmount, paymentId).toBe(0);
    if (status !== 'completed') continue;
    // Money follows the seat: it is kept only while the lock is active or its booking stands.
    for (const share of shares) {
      const lock = lockById.get(share.lockId);
      const keepsSeat = lock?.paymentId === paymentId && live.includes(lock);
      expect(keepsSeat, `${paymentId} keeps the money of lock ${share.lockId}: ${lock?.status}`).toBe(
        !share.refunded,
      );
      if (lock?.status === 'used') expect(bookingById.get(lock.bookingId ?? '')?.status).toBe('confirmed');
    }
  }
  for (const lock of live.filter((each) => each.paymentId != null)) {
    expect(paymentById.get(lock.paymentId ?? '')?.status, `payment of live lock ${lock._id}`).toMatch(
      /^(pending|completed)$/,
    );
  }

  expect(
    changes.map(({ version }) => version),
    'versions in changes',
  ).toEqual(Array.from({ length: event.version }, (_, index) => index + 1));
  const announced = new Map<number, string>();
  for (const change of changes) for (const seat of change.seats) announced.set(seat.seatNumber, seat.status);
  const recorded = new Map<number, string>();
  for (const { seatNumber, after } of ledger.flatMap(ledgerEntriesFrom).filter(isOfSeat))
    recorded.set(seatNumber, after);
  const taken = live.map((lock): [number, string] => [
    lock.seatNumber,
    seatState(lock.seatNumber, lock).status,
  ]);
  const inSeatOrder = (map: Iterable<[number, string]>) =>
    [...map].filter(([, status]) => status !== 'available').sort(([a], [b]) => a - b);
  expect(inSeatOrder(announced), 'the map that the changes add up to').toEqual(inSeatOrder(taken));
  expect(inSeatOrder(recorded), 'the map that the ledger adds up to').toEqual(inSeatOrder(taken));

  return { event, locks, live, bookings, standing, payments, changes };
}
