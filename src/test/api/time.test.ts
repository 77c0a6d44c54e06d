import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ManualClock } from '../support/manual-clock.js';
import {
  AVAILABILITY,
  BOOKING,
  CANCEL_BOOKING,
  CONFIRM_BOOKING,
  CONFIRM_BOOKINGS,
  CREATE_EVENT,
  EXTEND_LOCK,
  LOCK_SEAT,
  LOCK_SEATS,
  MY_LOCKS,
  PAYMENT,
  RELEASE_LOCK,
  SEAT_LOCK,
  SEAT_MAP,
  SETTLE_PAYMENT,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { TestApp, type TestUser } from '../support/test-app.js';

const MINUTE_MS = 60_000;
const LOCK_TTL_MS = 5 * MINUTE_MS;
const LOCK_MAX_LIFE_MS = 15 * MINUTE_MS;
const PENDING_TTL_MS = 30 * MINUTE_MS;
const TOTAL_SEATS = 10;

let app: TestApp;
let clock: ManualClock;
let organizer: TestUser;
beforeAll(async () => {
  app = await TestApp.start();
  clock = app.clock;
});
afterAll(() => app.close());

let eventId: string;
let user: TestUser;
let other: TestUser;
beforeEach(async () => {
  // New tokens for each test: they expire as the clock moves.
  [organizer, user, other] = (await app.users(3)) as [TestUser, TestUser, TestUser];
  eventId = await app.event(organizer, { totalSeats: TOTAL_SEATS });
});

const inMs = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
const lock = async (seatNumber: number, by = user) =>
  (await app.ok(LOCK_SEAT, { input: { eventId, seatNumber } }, by)).lockSeat;
const payFor = async (lockIds: string[], cardStatus: 'SUCCESS' | 'PROCESSING' = 'SUCCESS', by = user) => {
  const input = { lockIds, amount: 1_000, currency: 'USD', cardStatus };
  return (await app.ok(SIMULATE_PAYMENT, { input }, by)).simulatePayment;
};
const confirmation = (lockId: string, paymentId: string) => ({
  input: { lockId, paymentId, requestId: `confirm ${lockId}` },
});
const confirm = async (lockId: string, paymentId: string, by = user) =>
  (await app.ok(CONFIRM_BOOKING, confirmation(lockId, paymentId), by)).confirmBooking;
const settle = async (paymentId: string, outcome: 'COMPLETED' | 'FAILED' = 'COMPLETED') =>
  (await app.ok(SETTLE_PAYMENT, { input: { paymentId, outcome } }, user)).settlePayment;
const payment = async (paymentId: string) => (await app.ok(PAYMENT, { paymentId }, user)).payment;
const booking = async (id: string) => (await app.ok(BOOKING, { id }, user)).booking;
const statuses = async () => (await app.ok(SEAT_MAP, { id: eventId })).event?.seatMap.statuses;
const letters = (first: string) => first.padEnd(TOTAL_SEATS, 'A');
/** PENDING bookings of these seats, paid with one payment. */
const pendingBookings = async (...seatNumbers: number[]) => {
  const { lockSeats } = await app.ok(LOCK_SEATS, { input: { eventId, seatNumbers } }, user);
  const lockIds = lockSeats.map(({ id }) => id);
  const { paymentId } = await payFor(lockIds, 'PROCESSING');
  const input = { lockIds, paymentId, requestId: `confirm ${lockIds[0]}` };
  const { confirmBookings } = await app.ok(CONFIRM_BOOKINGS, { input }, user);
  return { paymentId, lockIds, bookingIds: confirmBookings.map(({ id }) => id) };
};

/** The event's counters are what its bookings say, and available + locked + booked = total. */
async function expectTrueCounters(bookedSeats: number): Promise<void> {
  const document = await app.database.events.findById(eventId).lean().exec();
  expect(document).toMatchObject({ bookedSeats, availableSeats: TOTAL_SEATS - bookedSeats });
  const counts = (await app.ok(AVAILABILITY, { id: eventId })).event?.availability;
  expect(counts?.bookedSeats).toBe(bookedSeats);
  expect((counts?.availableSeats ?? 0) + (counts?.lockedSeats ?? 0) + bookedSeats).toBe(TOTAL_SEATS);
}

describe('a lock that expires between payment and confirmation', () => {
  test('is LOCK_EXPIRED; the seat is free at once for the next caller, and the payment is refunded', async () => {
    const lost = await lock(1);
    const { paymentId } = await payFor([lost.id]);
    clock.advance(LOCK_TTL_MS);

    expect(await app.refused(CONFIRM_BOOKING, confirmation(lost.id, paymentId), user)).toMatchObject({
      code: 'LOCK_EXPIRED',
    });
    // No job has run: the stored lock is unchanged.
    expect(await app.database.locks.findById(lost.id).lean().exec()).toMatchObject({ status: 'active' });
    expect(await payment(paymentId)).toMatchObject({ status: 'COMPLETED', refundedAmount: 0 });
    expect(await statuses()).toBe(letters(''));

    const won = await lock(1, other);
    expect(won).toMatchObject({ status: 'ACTIVE', seatNumber: 1 });
    expect(await payment(paymentId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 1_000 });
    const paid = await payFor([won.id], 'SUCCESS', other);
    expect(await confirm(won.id, paid.paymentId, other)).toMatchObject({
      status: 'CONFIRMED',
      seatNumber: 1,
    });
    expect(await app.refused(CONFIRM_BOOKING, confirmation(lost.id, paymentId), user)).toMatchObject({
      code: 'LOCK_EXPIRED',
    });
    await expectTrueCounters(1);
  });

  test('is refunded by the job as well, if nobody takes the seat', async () => {
    const lost = await lock(1);
    const { paymentId } = await payFor([lost.id]);
    clock.advance(LOCK_TTL_MS);
    await app.app.jobs.lockExpiry.run();
    expect(await payment(paymentId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 1_000 });
  });

  test('refunds only its own share of a payment for several', async () => {
    const [kept, lost] = [await lock(1), await lock(2)];
    const { paymentId } = await payFor([kept.id, lost.id]);
    clock.advance(LOCK_TTL_MS - 1);
    await app.ok(EXTEND_LOCK, { lockId: kept.id }, user);
    clock.advance(1);
    await lock(2, other);
    expect(await payment(paymentId)).toMatchObject({ status: 'COMPLETED', refundedAmount: 500 });
    expect(await confirm(kept.id, paymentId)).toMatchObject({ status: 'CONFIRMED' });
  });
});

describe('a lock', () => {
  test('holds its seat to the last millisecond, everywhere', async () => {
    const held = await lock(1);
    expect(held.expiresAt).toBe(inMs(LOCK_TTL_MS));
    clock.advance(LOCK_TTL_MS - 1);
    expect((await app.ok(SEAT_LOCK, { id: held.id }, user)).seatLock).toMatchObject({
      status: 'ACTIVE',
      remainingMs: 1,
    });
    expect(await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, other)).toMatchObject({
      code: 'SEAT_UNAVAILABLE',
    });
    expect(await statuses()).toBe(letters('L'));
    expect((await app.ok(MY_LOCKS, { eventId }, user)).me.locks).toHaveLength(1);
    await app.app.jobs.lockExpiry.run();
    const { paymentId } = await payFor([held.id]);
    expect(await confirm(held.id, paymentId)).toMatchObject({ status: 'CONFIRMED' });
  });

  test('is free from that millisecond on, everywhere, although nothing was recorded', async () => {
    const held = await lock(1);
    clock.advance(LOCK_TTL_MS);
    expect((await app.ok(SEAT_LOCK, { id: held.id }, user)).seatLock).toMatchObject({
      status: 'EXPIRED',
      remainingMs: 0,
    });
    expect(await statuses()).toBe(letters(''));
    expect((await app.ok(AVAILABILITY, { id: eventId })).event?.availability).toMatchObject({
      availableSeats: TOTAL_SEATS,
      lockedSeats: 0,
    });
    expect((await app.ok(MY_LOCKS, { eventId }, user)).me.locks).toEqual([]);
    const pay = { lockIds: [held.id], amount: 1_000, currency: 'USD', cardStatus: 'SUCCESS' as const };
    expect(await app.refused(SIMULATE_PAYMENT, { input: pay }, user)).toMatchObject({ code: 'LOCK_EXPIRED' });
    expect(await app.refused(EXTEND_LOCK, { lockId: held.id }, user)).toMatchObject({ code: 'LOCK_EXPIRED' });
    expect((await app.ok(RELEASE_LOCK, { lockId: held.id }, user)).releaseLock.status).toBe('EXPIRED');
  });

  test('is extended to five minutes from now, never beyond fifteen from when it was made', async () => {
    const { id, createdAt } = await lock(1);
    const latest = new Date(Date.parse(createdAt) + LOCK_MAX_LIFE_MS).toISOString();
    const extend = async () => (await app.ok(EXTEND_LOCK, { lockId: id }, user)).extendLock.expiresAt;

    clock.advance(LOCK_TTL_MS - 1);
    expect(await extend()).toBe(inMs(LOCK_TTL_MS));
    clock.advance(LOCK_TTL_MS - 1);
    const almost = await extend();
    expect(almost).toBe(inMs(LOCK_TTL_MS));
    expect(Date.parse(latest) - Date.parse(almost)).toBe(2);
    clock.advance(2);
    expect(await extend()).toBe(latest);
    clock.advance(1);
    expect(await app.refused(EXTEND_LOCK, { lockId: id }, user)).toMatchObject({
      code: 'LOCK_EXTENSION_LIMIT',
    });
    clock.moveTo(new Date(Date.parse(latest) - 1));
    expect(await app.refused(EXTEND_LOCK, { lockId: id }, user)).toMatchObject({
      code: 'LOCK_EXTENSION_LIMIT',
    });
    clock.advance(1);
    expect(await app.refused(EXTEND_LOCK, { lockId: id }, user)).toMatchObject({ code: 'LOCK_EXPIRED' });
  });

  test('that cannot gain a millisecond is not extended', async () => {
    const { id } = await lock(1);
    expect(await app.refused(EXTEND_LOCK, { lockId: id }, user)).toMatchObject({
      code: 'LOCK_EXTENSION_LIMIT',
    });
    clock.advance(1);
    expect((await app.ok(EXTEND_LOCK, { lockId: id }, user)).extendLock.expiresAt).toBe(inMs(LOCK_TTL_MS));
  });
});

describe('the date of an event', () => {
  /** An event that starts in so many milliseconds, with a paid lock on seat 1 and a booking of seat 2. */
  async function eventIn(ms: number) {
    const input = { name: 'Tonight', eventDate: inMs(ms), totalSeats: TOTAL_SEATS };
    eventId = (await app.ok(CREATE_EVENT, { input }, organizer)).createEvent.id;
    const paid = await lock(1);
    const { paymentId } = await payFor([paid.id]);
    const used = await lock(2);
    const { id: bookingId } = await confirm(used.id, (await payFor([used.id])).paymentId);
    return { paid, paymentId, bookingId };
  }

  test('closes nothing up to the millisecond before it', async () => {
    const { paid, paymentId, bookingId } = await eventIn(MINUTE_MS);
    clock.advance(MINUTE_MS - 1);
    expect(await lock(3)).toMatchObject({ status: 'ACTIVE' });
    expect(await confirm(paid.id, paymentId)).toMatchObject({ status: 'CONFIRMED' });
    expect((await app.ok(CANCEL_BOOKING, { id: bookingId }, user)).cancelBooking.status).toBe('CANCELLED');
  });

  test('closes locking, paying, booking and cancelling from its millisecond on', async () => {
    const { paid, paymentId, bookingId } = await eventIn(MINUTE_MS);
    const unpaid = await lock(4);
    clock.advance(MINUTE_MS);
    const closed = { code: 'EVENT_CLOSED' };
    expect(await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 3 } }, user)).toMatchObject(closed);
    const pay = { lockIds: [unpaid.id], amount: 1_000, currency: 'USD', cardStatus: 'SUCCESS' as const };
    expect(await app.refused(SIMULATE_PAYMENT, { input: pay }, user)).toMatchObject(closed);
    expect(await app.refused(CONFIRM_BOOKING, confirmation(paid.id, paymentId), user)).toMatchObject(closed);
    expect(await app.refused(CANCEL_BOOKING, { id: bookingId }, user)).toMatchObject({
      code: 'BOOKING_NOT_CANCELLABLE',
    });
    expect(await booking(bookingId)).toMatchObject({ status: 'CONFIRMED' });
  });
});

describe('a PENDING booking', () => {
  test('keeps its seat until the job ends it, thirty minutes after it was made and not before', async () => {
    const { bookingIds, lockIds, paymentId } = await pendingBookings(1);
    const [id, lockId] = [bookingIds[0] as string, lockIds[0] as string];
    expect(await booking(id)).toMatchObject({ status: 'PENDING', expiresAt: inMs(PENDING_TTL_MS) });
    clock.advance(PENDING_TTL_MS - 1);
    await app.app.jobs.bookingExpiry.run();
    expect(await booking(id)).toMatchObject({ status: 'PENDING' });
    expect(await statuses()).toBe(letters('B'));

    clock.advance(1);
    await app.app.jobs.bookingExpiry.run();
    expect(await booking(id)).toMatchObject({
      status: 'CANCELLED',
      paymentStatus: 'PENDING',
      expiresAt: null,
    });
    expect((await app.ok(SEAT_LOCK, { id: lockId }, user)).seatLock).toMatchObject({
      status: 'EXPIRED',
      bookingId: id,
    });
    expect(await statuses()).toBe(letters(''));
    expect(await payment(paymentId)).toMatchObject({ status: 'PENDING' });
    expect(await lock(1, other)).toMatchObject({ status: 'ACTIVE' });
    await expectTrueCounters(0);
  });

  test('that settles after its time, before its cancellation is recorded, is confirmed', async () => {
    const { bookingIds, paymentId } = await pendingBookings(1);
    clock.advance(PENDING_TTL_MS);
    expect(await settle(paymentId)).toMatchObject({ status: 'COMPLETED' });
    await app.app.jobs.bookingExpiry.run();
    expect(await booking(bookingIds[0] as string)).toMatchObject({ status: 'CONFIRMED', expiresAt: null });
    await expectTrueCounters(1);
  });
});

describe('a COMPLETED that comes after the job cancelled the bookings', () => {
  const timedOut = async (...seats: number[]) => {
    const pending = await pendingBookings(...seats);
    clock.advance(PENDING_TTL_MS);
    await app.app.jobs.bookingExpiry.run();
    return pending;
  };

  test('confirms the same bookings again while their seats are free', async () => {
    const { bookingIds, lockIds, paymentId } = await timedOut(1, 2);
    expect(await settle(paymentId)).toMatchObject({ status: 'COMPLETED', refundedAmount: 0 });
    for (const id of bookingIds) {
      expect(await booking(id)).toMatchObject({
        status: 'CONFIRMED',
        paymentStatus: 'COMPLETED',
        expiresAt: null,
      });
    }
    for (const id of lockIds) {
      expect((await app.ok(SEAT_LOCK, { id }, user)).seatLock).toMatchObject({ status: 'USED' });
    }
    expect(await statuses()).toBe(letters('BB'));
    await expectTrueCounters(2);
    expect(await settle(paymentId)).toMatchObject({ status: 'COMPLETED' });
    await expectTrueCounters(2);
  });

  test('counts a seat as free whose new lock has expired', async () => {
    const { bookingIds, paymentId } = await timedOut(1);
    const expired = await lock(1, other);
    clock.advance(LOCK_TTL_MS);
    await settle(paymentId);
    expect(await booking(bookingIds[0] as string)).toMatchObject({ status: 'CONFIRMED' });
    expect((await app.ok(SEAT_LOCK, { id: expired.id }, other)).seatLock).toMatchObject({
      status: 'EXPIRED',
    });
    expect(await app.refused(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, other)).toMatchObject({
      code: 'SEAT_UNAVAILABLE',
    });
    await expectTrueCounters(1);
  });

  test('confirms none and is refunded completely if one of the seats is taken', async () => {
    const { bookingIds, paymentId } = await timedOut(1, 2);
    await lock(2, other);
    expect(await settle(paymentId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 1_000 });
    for (const id of bookingIds) {
      expect(await booking(id)).toMatchObject({ status: 'CANCELLED', paymentStatus: 'REFUNDED' });
    }
    expect(await statuses()).toBe(letters('AL'));
    await expectTrueCounters(0);
  });

  test('leaves cancelled what the user had cancelled, and refunds that part', async () => {
    const { bookingIds, paymentId } = await pendingBookings(1, 2);
    const [cancelled, waiting] = bookingIds as [string, string];
    await app.ok(CANCEL_BOOKING, { id: cancelled }, user);
    clock.advance(PENDING_TTL_MS);
    await app.app.jobs.bookingExpiry.run();
    expect(await booking(cancelled)).toMatchObject({ status: 'CANCELLED' });
    expect(await settle(paymentId)).toMatchObject({ status: 'COMPLETED', refundedAmount: 500 });
    expect(await booking(cancelled)).toMatchObject({ status: 'CANCELLED', paymentStatus: 'REFUNDED' });
    expect(await booking(waiting)).toMatchObject({ status: 'CONFIRMED', paymentStatus: 'COMPLETED' });
    expect(await statuses()).toBe(letters('AB'));
    await expectTrueCounters(1);
  });

  test('a FAILED settlement after that changes no seat', async () => {
    const { bookingIds, paymentId } = await timedOut(1);
    await lock(1, other);
    expect(await settle(paymentId, 'FAILED')).toMatchObject({ status: 'FAILED' });
    expect(await booking(bookingIds[0] as string)).toMatchObject({
      status: 'CANCELLED',
      paymentStatus: 'FAILED',
    });
    expect(await statuses()).toBe(letters('L'));
    await expectTrueCounters(0);
  });
});

describe('the jobs', () => {
  test('never touch a confirmed booking, and leave a cancelled one alone, however late it is', async () => {
    const confirmed = await lock(1);
    await confirm(confirmed.id, (await payFor([confirmed.id])).paymentId);
    const { bookingIds } = await pendingBookings(2);
    await app.ok(CANCEL_BOOKING, { id: bookingIds[0] as string }, user);
    const written = async () => ({
      bookings: await app.database.bookings.find({ eventId }).sort({ seatNumber: 1 }).lean().exec(),
      locks: await app.database.locks.find({ eventId }).sort({ seatNumber: 1 }).lean().exec(),
      version: (await app.database.events.findById(eventId).lean().exec())?.version,
    });
    const before = await written();
    expect(before.bookings.map(({ status }) => status)).toEqual(['confirmed', 'cancelled']);

    clock.advance(6 * 24 * 60 * MINUTE_MS);
    await app.app.jobs.lockExpiry.run();
    await app.app.jobs.bookingExpiry.run();
    expect(await written()).toEqual(before);
    await expectTrueCounters(1);
  });

  test('record an expiry with the time at which it happened, and change nothing the second time', async () => {
    const { id, expiresAt } = await lock(1);
    clock.advance(LOCK_TTL_MS + MINUTE_MS);
    await app.app.jobs.lockExpiry.run();
    const written = await app.database.locks.findById(id).lean().exec();
    expect(written).toMatchObject({ status: 'expired', endedAt: new Date(expiresAt) });
    const version = (await app.database.events.findById(eventId).lean().exec())?.version;
    await app.app.jobs.lockExpiry.run();
    expect((await app.database.events.findById(eventId).lean().exec())?.version).toBe(version);
  });

  test("end everything that is overdue in one run, over many events and beyond one command's limit", async () => {
    const past = clock.now();
    const events = await Promise.all(
      Array.from({ length: 20 }, () => app.event(organizer, { totalSeats: 3_000 })),
    );
    const [many, ...few] = events as [string, ...string[]];
    const expired = (event: string, seatNumber: number) => ({
      _id: `lock_${event}_${String(seatNumber).padStart(16, '0')}`,
      eventId: event,
      seatNumber,
      userId: user.id,
      status: 'active' as const,
      createdAt: past,
      expiresAt: past,
      endedAt: null,
      bookingId: null,
      paymentId: null,
    });
    const locks = [
      ...Array.from({ length: 2_500 }, (_, index) => expired(many, index + 1)),
      ...few.map((event) => expired(event, 1)),
    ];
    await app.database.locks.collection.insertMany(locks as never);
    await app.app.jobs.lockExpiry.run();
    // A run waits for an event for some seconds; the recording then goes on by itself.
    await expect
      .poll(() => app.database.locks.countDocuments({ eventId: { $in: events }, status: 'active' }))
      .toBe(0);
    expect(await app.database.locks.countDocuments({ eventId: { $in: events }, status: 'expired' })).toBe(
      locks.length,
    );
  });
});
