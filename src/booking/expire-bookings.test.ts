import { describe, expect, test } from 'vitest';
import { BoxOffice, codeOf, EVENT_ID, eventOf, RULES } from '../test/support/booking-fixtures.js';
import type { Booking } from './booking.js';
import { cancelBookingCommand } from './cancel-booking.js';
import { decide } from './decide.js';
import { BOOKINGS_EXPIRED_AT_ONCE_MAX, expireBookingsCommand } from './expire-bookings.js';

const processing = { cardStatus: 'processing' } as const;

describe('an expiry command of overdue bookings', () => {
  test.each([
    ['in its last millisecond', RULES.pendingBookingTtlMs - 1, 0, 'pending'],
    ['from expiresAt on', RULES.pendingBookingTtlMs, 1, 'cancelled'],
  ] as const)('of a PENDING booking %s', (_, waitMs, ended, status) => {
    const box = new BoxOffice();
    const { booking } = box.bookOne('ann', 1, processing);
    box.wait(waitMs);
    expect(box.expireBookings()).toEqual({ ended, hasMore: false });
    expect(box.bookingNow(booking).status).toBe(status);
  });

  test('cancels the booking, expires its lock, frees the seat and leaves the payment PENDING', () => {
    const box = new BoxOffice();
    const { lock, payment, booking } = box.bookOne('ann', 1, processing);
    box.wait(2 * RULES.pendingBookingTtlMs);
    box.expireBookings();
    expect(box.bookingNow(booking)).toEqual({ ...booking, status: 'cancelled', expiresAt: null });
    expect(box.lockNow(lock)).toMatchObject({
      status: 'expired',
      endedAt: box.now,
      bookingId: booking.id,
      paymentId: payment.id,
    });
    expect(box.paymentNow(payment)).toEqual(payment);
    expect(box.store.event).toMatchObject({ bookedSeats: 0, unbookedSeats: 20 });
    expect(box.announced.at(-1)).toMatchObject({
      seats: [{ seatNumber: 1, status: 'available', lockedUntil: null }],
    });
    expect(codeOf(() => box.lock('bob', [1]))).toBe('done');
  });

  test('leaves confirmed and cancelled bookings alone, and changes nothing the second time', () => {
    const box = new BoxOffice();
    box.book('ann', [1]);
    box.cancel('ann', box.bookOne('ann', 2, processing).booking);
    box.settle('ann', box.bookOne('ann', 3, processing).payment, 'completed');
    box.book('ann', [4], processing);
    box.wait(RULES.pendingBookingTtlMs);
    expect(box.expireBookings().ended).toBe(1);
    expect(box.expireBookings()).toEqual({ ended: 0, hasMore: false });
    // They may be loaded for other commands of the batch.
    const { outcome } = decide(box.store.loadAll(), expireBookingsCommand(EVENT_ID), box.now, RULES);
    expect(outcome).toEqual({ answer: { ended: 0, hasMore: false } });
    expect(box.announced.at(-1)).toBeNull();
  });

  test.each([
    [
      'one below the limit takes one command',
      BOOKINGS_EXPIRED_AT_ONCE_MAX - 1,
      [[BOOKINGS_EXPIRED_AT_ONCE_MAX - 1, false]],
    ],
    [
      'at the limit takes a second command that finds none',
      BOOKINGS_EXPIRED_AT_ONCE_MAX,
      [
        [BOOKINGS_EXPIRED_AT_ONCE_MAX, true],
        [0, false],
      ],
    ],
    [
      'one above it takes two commands',
      BOOKINGS_EXPIRED_AT_ONCE_MAX + 1,
      [
        [BOOKINGS_EXPIRED_AT_ONCE_MAX, true],
        [1, false],
      ],
    ],
  ] as const)('%s', (_, count, commands) => {
    const box = new BoxOffice(eventOf({ totalSeats: count }), { ...RULES, seatsPerViewerMax: count });
    for (let first = 1; first <= count; first += 100) {
      const seats = Array.from({ length: Math.min(100, count - first + 1) }, (_, index) => first + index);
      box.book('ann', seats, { ...processing, amount: 1_000_000 });
    }
    box.wait(RULES.pendingBookingTtlMs);
    for (const [ended, hasMore] of commands) expect(box.expireBookings()).toEqual({ ended, hasMore });
  });

  test('ends no more than its limit if more are loaded for other commands, and reports that there may be more', () => {
    const count = BOOKINGS_EXPIRED_AT_ONCE_MAX + 1;
    const box = new BoxOffice(eventOf({ totalSeats: count }), { ...RULES, seatsPerViewerMax: count });
    const bookings: Booking[] = [];
    for (let first = 1; first <= count; first += 100) {
      const seats = Array.from({ length: Math.min(100, count - first + 1) }, (_, index) => first + index);
      bookings.push(...box.book('ann', seats, { ...processing, amount: 1_000_000 }).bookings);
    }
    box.wait(RULES.pendingBookingTtlMs);
    const cancel = cancelBookingCommand('ann', (bookings[0] as Booking).id);
    const expire = expireBookingsCommand(EVENT_ID);
    const set = box.store.load([cancel, expire], box.now);
    set.apply(decide(set, cancel, box.now, RULES).changes);
    expect(decide(set, expire, box.now, RULES).outcome).toEqual({
      answer: { ended: BOOKINGS_EXPIRED_AT_ONCE_MAX, hasMore: true },
    });
  });
});
