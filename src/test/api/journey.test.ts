import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  AVAILABILITY,
  BOOKING,
  CONFIRM_BOOKING,
  CREATE_EVENT,
  EVENT,
  LOCK_SEAT,
  MY_BOOKINGS,
  SEAT_LOCK,
  SIGN_UP,
  SIMULATE_PAYMENT,
} from '../support/operations.js';
import { type TestApp as App, TestApp } from '../support/test-app.js';

/** The main use case from the first call to the last, over HTTP and WebSocket, and the resulting records. */
describe('booking two seats', () => {
  let app: App;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.close());

  test('leaves two bookings, two used locks and exact counters, and a watcher has seen every step', async () => {
    const organizer = await app.user();
    const eventDate = new Date(app.clock.now().getTime() + 86_400_000).toISOString();
    const { createEvent } = await app.ok(
      CREATE_EVENT,
      { input: { name: 'Opening night', eventDate, timeZone: 'Europe/Vienna', totalSeats: 100 } },
      organizer,
    );
    const eventId = createEvent.id;
    const { event } = await app.ok(EVENT, { id: eventId });
    expect(event).toEqual(createEvent);
    expect(event).toMatchObject({
      name: 'Opening night',
      eventDate,
      timeZone: 'Europe/Vienna',
      totalSeats: 100,
    });

    const watcher = app.watch(eventId);
    const seen = async () => (await watcher.next()).seatAvailabilityChanged;
    expect(await seen()).toMatchObject({ kind: 'SNAPSHOT', version: 0, previousVersion: null, seats: [] });

    const { signUp: user } = await app.ok(SIGN_UP, {
      input: { email: 'Fan@Example.com', password: 'a long password' },
    });
    expect(user.user.email).toBe('fan@example.com');

    const { lockSeat: first } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 1 } }, user);
    const expiresAt = new Date(app.clock.now().getTime() + 300_000).toISOString();
    expect(await seen()).toMatchObject({
      kind: 'CHANGES',
      version: 1,
      previousVersion: 0,
      seats: [{ seatNumber: 1, status: 'LOCKED', lockedUntil: expiresAt }],
      availability: { totalSeats: 100, availableSeats: 99, lockedSeats: 1, bookedSeats: 0 },
    });
    const { seatLock } = await app.ok(SEAT_LOCK, { id: first.id }, user);
    expect(seatLock).toEqual(first);
    expect(seatLock).toMatchObject({ status: 'ACTIVE', expiresAt, remainingMs: 300_000, bookingId: null });
    const availability = async () => (await app.ok(AVAILABILITY, { id: eventId })).event?.availability;
    expect(await availability()).toEqual({
      totalSeats: 100,
      availableSeats: 99,
      lockedSeats: 1,
      bookedSeats: 0,
      offSaleSeats: 0,
    });

    const { lockSeat: second } = await app.ok(LOCK_SEAT, { input: { eventId, seatNumber: 2 } }, user);
    expect(await seen()).toMatchObject({ version: 2, previousVersion: 1, seats: [{ seatNumber: 2 }] });
    expect(await availability()).toEqual({
      totalSeats: 100,
      availableSeats: 98,
      lockedSeats: 2,
      bookedSeats: 0,
      offSaleSeats: 0,
    });

    const pay = async (lockId: string) => {
      const input = { lockIds: [lockId], amount: 15_000, currency: 'USD', cardStatus: 'SUCCESS' as const };
      return (await app.ok(SIMULATE_PAYMENT, { input }, user)).simulatePayment;
    };
    const payments = [await pay(first.id), await pay(second.id)];
    for (const payment of payments) {
      expect(payment).toMatchObject({ status: 'COMPLETED', amount: 15_000, refundedAmount: 0, reason: null });
      expect(payment.paymentId).toMatch(/^pay_20261122_1000_/);
    }

    const bookings = [];
    for (const [index, lock] of [first, second].entries()) {
      const paymentId = payments[index]?.paymentId ?? '';
      const input = { lockId: lock.id, paymentId, requestId: `confirm ${index}` };
      const { confirmBooking } = await app.ok(CONFIRM_BOOKING, { input }, user);
      bookings.push(confirmBooking);
      expect(confirmBooking).toMatchObject({
        status: 'CONFIRMED',
        lockId: lock.id,
        paymentId,
        expiresAt: null,
      });
      expect(await seen()).toMatchObject({
        version: 3 + index,
        seats: [{ seatNumber: lock.seatNumber, status: 'BOOKED', lockedUntil: null }],
      });
    }
    expect(await availability()).toEqual({
      totalSeats: 100,
      availableSeats: 98,
      lockedSeats: 0,
      bookedSeats: 2,
      offSaleSeats: 0,
    });

    const { booking } = await app.ok(BOOKING, { id: bookings[0]?.id ?? '' }, user);
    expect(booking).toMatchObject({ ...bookings[0], event: { id: eventId }, payment: payments[0] });
    const { me } = await app.ok(MY_BOOKINGS, {}, user);
    expect(me.bookings.nodes.map((node) => node.id).sort()).toEqual(bookings.map(({ id }) => id).sort());

    const { locks, bookings: stored, payments: paid, events } = app.database;
    expect(await locks.find({ eventId }).sort({ seatNumber: 1 }).lean()).toMatchObject([
      { seatNumber: 1, status: 'used', bookingId: bookings[0]?.id },
      { seatNumber: 2, status: 'used', bookingId: bookings[1]?.id },
    ]);
    expect(await stored.find({ eventId }).sort({ seatNumber: 1 }).lean()).toMatchObject([
      { status: 'confirmed', paymentStatus: 'completed', paymentId: payments[0]?.paymentId },
      { status: 'confirmed', paymentStatus: 'completed', paymentId: payments[1]?.paymentId },
    ]);
    expect(await paid.countDocuments({ eventId, status: 'completed' })).toBe(2);
    expect(await events.findById(eventId).lean()).toMatchObject({
      bookedSeats: 2,
      availableSeats: 98,
      version: 4,
    });
  });
});
