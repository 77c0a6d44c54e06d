import { describe, expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  EVENT_ID,
  eventOf,
  later,
  MINUTE_MS,
  PRICED_SECTIONS,
  RULES,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import { bookHeldBackSeatsCommand } from './book-held-back-seats.js';
import { cancelEventCommand } from './cancel-event.js';
import { extendHoldCommand } from './extend-hold.js';
import { holdSeatsCommand } from './hold-seats.js';
import { setSalePausedCommand } from './pause-sale.js';
import { reissueTicketCommand } from './reissue-ticket.js';
import { updateEventCommand } from './update-event.js';

const processing = { cardStatus: 'processing' } as const;
const priced = () => new BoxOffice(eventOf({ sections: PRICED_SECTIONS }));
const endAll = (box: BoxOffice) => {
  while (box.endReservations().hasMore);
};

describe('cancelEvent', () => {
  test('ends the sale at once, for everybody and for ever', () => {
    const box = priced();
    const eventId = box.store.event.id;
    const [held, paid] = box.lock('ann', [1, 2]);
    const payment = box.pay('ann', [paid]);
    const { booking } = box.bookOne('ben', 3);
    const pending = box.bookOne('cat', 4, processing);
    expect(box.cancelEvent('Rain')).toMatchObject({
      revision: 2,
      cancellation: { at: box.now, reason: 'Rain' },
    });
    expect(box.announced.at(-1)).toMatchObject({ version: null, settings: true });

    const update = (changes = {}) => box.submit(updateEventCommand('olga', eventId, 2, changes));
    const calls = {
      lock: () => box.lock('dan', [5]),
      lockAgain: () => box.lock('ann', [1]),
      hold: () => box.submit(holdSeatsCommand('dan', eventId, [{ seatNumbers: [5] }], null)),
      extend: () => box.extend('ann', held),
      extendHold: () => box.submit(extendHoldCommand('ann', eventId)),
      pay: () => box.pay('ann', [held]),
      confirm: () => box.confirm('ann', [paid], payment),
      checkOut: () => box.checkOut('ann'),
      update: () => update({ name: 'Another night' }),
      publish: () => update({ published: true }),
      pause: () => box.submit(setSalePausedCommand('olga', eventId, true)),
      resume: () => box.submit(setSalePausedCommand('olga', eventId, false)),
    };
    const codes = Object.values(calls).map(codeOf);
    expect(codes).toEqual(codes.map(() => 'EVENT_CLOSED'));
    expect(codeOf(() => box.submit(reissueTicketCommand('ben', booking.id)))).toBe('TICKET_NOT_REISSUABLE');
    const ticket = { bookingId: booking.id, eventId, seatNumber: 3, issue: 1 };
    expect(box.checkIn(ticket).result).toBe('cancelled');
    // Its locks are over: a check-out still says why.
    endAll(box);
    expect(codeOf(() => box.checkOut('ann'))).toBe('EVENT_CLOSED');
    expect(box.checkIn(ticket).result).toBe('cancelled');
    expect(box.bookingNow(pending.booking).status).toBe('cancelled');
  });

  test('twice, by the organizer: the first reason stays', () => {
    const box = priced();
    const cancelled = box.cancelEvent('Rain');
    box.wait(MINUTE_MS);
    expect(box.cancelEvent('Snow')).toEqual(cancelled);
    const other = () => box.submit(cancelEventCommand('ann', box.store.event.id));
    expect(codeOf(other)).toBe('EVENT_NOT_FOUND');
  });

  test('a reason is a text of at most 500 characters', () => {
    const reasonOf = (reason: string) => cancelEventCommand('olga', 'event0000000', reason).reason;
    expect(reasonOf(' Rain.\r\nSorry! ')).toBe('Rain.\nSorry!');
    expect(reasonOf('')).toBeNull();
    expect(refusalOf(() => reasonOf('x'.repeat(501)))).toMatchObject({
      details: { field: 'reason', max: 500 },
    });
    expect(codeOf(() => reasonOf('\u202eniar'))).toBe('BAD_USER_INPUT');
  });
});

describe('what is locked and booked in a cancelled event', () => {
  test('ends, and everybody is paid back once, whatever was refunded before', () => {
    const box = priced();
    const held = box.lockOne('ann', 1);
    const paid = box.lockOne('ann', 2);
    const paidFor = box.pay('ann', [paid]);
    const { bookings, payment } = box.book('ben', [3, 5, 6]);
    box.cancel('ben', bookings[1]);
    const before = box.store.outbox.size;
    box.cancelEvent();
    expect(box.endReservations()).toEqual({ ended: 4, hasMore: false });
    expect(box.endReservations()).toEqual({ ended: 0, hasMore: false });

    expect([held, paid].map((lock) => box.lockNow(lock).status)).toEqual(['released', 'released']);
    expect(bookings.map((booking) => box.bookingNow(booking))).toEqual(
      bookings.map(({ id }) =>
        expect.objectContaining({ id, status: 'cancelled', paymentStatus: 'refunded' }),
      ),
    );
    expect(box.paymentNow(paidFor)).toMatchObject({ status: 'refunded', refundedAmount: 1_500 });
    expect(box.paymentNow(payment)).toMatchObject({ status: 'refunded', refundedAmount: 3_500 });
    expect(
      [...box.store.outbox.values()].slice(before).map((message) => 'amount' in message && message.amount),
    ).toEqual(expect.arrayContaining([1_500, 1_500, 1_000]));
    expect(box.store.event).toMatchObject({
      bookedSeats: 0,
      unbookedSeats: 20,
      // What ben cancelled himself was paid back before.
      cancellation: { isEnding: false, refunded: [{ amount: 4_000, currency: 'USD' }] },
    });
    expect(box.announced.at(-2)?.seats.map(({ status }) => status)).toEqual(Array(4).fill('available'));
    expect(
      box.history.slice(-4).map(({ seatNumber, kind, after, actor }) => [seatNumber, kind, after, actor]),
    ).toEqual([
      [1, 'released', 'available', 'organizer'],
      [2, 'released', 'available', 'organizer'],
      [3, 'cancelled', 'available', 'organizer'],
      [6, 'cancelled', 'available', 'organizer'],
    ]);
  });

  test('a PENDING payment is cancelled at its provider; what comes all the same is paid back, and confirms nothing', () => {
    const box = priced();
    box.lock('ann', [1, 2]);
    const { payment, bookings } = box.checkOut('ann', {}, 'stripe');
    box.cancelEvent();
    endAll(box);
    expect(box.paymentNow(payment)).toMatchObject({
      status: 'failed',
      reason: 'The seats were no longer held',
    });
    expect(box.store.outbox.has(`${payment.id}:cancel`)).toBe(true);
    expect(box.settle(null, payment, 'completed')).toMatchObject({
      status: 'refunded',
      refundedAmount: 3_000,
    });
    expect(bookings.map((booking) => box.bookingNow(booking))).toMatchObject(
      Array(2).fill({ status: 'cancelled', paymentStatus: 'refunded' }),
    );
    expect(box.store.event.cancellation?.refunded).toEqual([{ amount: 3_000, currency: 'USD' }]);
  });

  test('a payment that succeeds before its booking is ended confirms nothing either', () => {
    const box = priced();
    const first = box.bookOne('ann', 1, processing);
    const timedOut = box.bookOne('ben', 2, processing);
    box.wait(RULES.pendingBookingTtlMs);
    box.expireBookings();
    const late = box.bookOne('cat', 3, processing);
    box.cancelEvent();
    for (const { payment } of [first, timedOut, late]) box.settle(null, payment, 'completed');
    for (const { booking, payment, lock } of [first, timedOut, late]) {
      expect(box.bookingNow(booking)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
      expect(box.paymentNow(payment).status).toBe('refunded');
      expect(['released', 'expired']).toContain(box.lockNow(lock).status);
    }
    expect([...box.store.mails.values()].map(({ kind }) => kind)).toEqual(
      Array(3).fill('mailCancelledEvent'),
    );
  });

  test('a seat that was given away costs nothing to give back', () => {
    const box = new BoxOffice();
    box.book('ann', [9, 10], { amount: 1 });
    box.cancelEvent();
    endAll(box);
    expect([...box.store.outbox.values()].map((message) => 'amount' in message && message.amount)).toEqual([
      1,
    ]);
  });

  test('each buyer gets one mail, whatever was paid at once, with what is paid back', () => {
    const box = priced();
    const one = box.book('ann', [1, 5]);
    const two = box.book('ann', [3]);
    const pending = box.book('ben', [4], processing);
    box.lock('cat', [7]);
    // All invitations have the same user.
    const guests = [8, 9].map((seat) => ({ seatNumbers: [seat], address: `guest${seat}@example.com` }));
    for (const { seatNumbers, address } of guests) {
      const input = { eventId: EVENT_ID, seatNumbers, requestId: address };
      box.submit(bookHeldBackSeatsCommand('olga', input, address, box.now));
    }
    const before = box.store.mails.size;
    box.cancelEvent();
    endAll(box);
    const ids = (locks: readonly { id: string }[]) => locks.map(({ id }) => id);
    expect([...box.store.mails.values()].slice(before)).toMatchObject([
      {
        kind: 'mailCancelledEvent',
        payments: [
          { paymentId: one.payment.id, cancelled: ids(one.locks), refunded: ids(one.locks) },
          { paymentId: two.payment.id, cancelled: ids(two.locks), refunded: ids(two.locks) },
        ],
      },
      { payments: [{ paymentId: pending.payment.id, cancelled: ids(pending.locks), refunded: [] }] },
      ...guests.map(() => ({ payments: { length: 1 } })),
    ]);
  });

  test('ends in steps, all seats of a user together', () => {
    const users = Array.from({ length: 300 }, (_, index) => `user${index}`);
    const box = new BoxOffice(eventOf({ totalSeats: 800 }));
    for (const [index, user] of users.entries()) box.lock(user, [index + 1, 800 - index]);
    box.cancelEvent();
    const first = box.endReservations();
    expect(first).toEqual({ ended: 500, hasMore: true });
    expect(box.store.event.cancellation?.isEnding).toBe(true);
    expect(box.endReservations()).toEqual({ ended: 100, hasMore: false });
    expect(box.store.event.cancellation?.isEnding).toBe(false);
  });

  test('is left alone in an event that is not cancelled', () => {
    const box = priced();
    const { booking } = box.bookOne('ann', 1);
    expect(box.endReservations()).toEqual({ ended: 0, hasMore: false });
    expect(box.bookingNow(booking).status).toBe('confirmed');
  });

  test('can be cancelled by its user meanwhile, also after the event should have begun', () => {
    const box = priced();
    const { booking } = box.bookOne('ann', 1);
    box.cancelEvent();
    box.now = later(0, box.store.event.eventDate);
    expect(box.cancel('ann', booking)).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' });
    endAll(box);
    expect(box.bookingNow(booking).status).toBe('cancelled');
  });
});
