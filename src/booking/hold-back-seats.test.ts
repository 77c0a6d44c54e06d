import { describe, expect, test } from 'vitest';
import { eventStatus } from '../catalog/event.js';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  EVENT_ID,
  later,
  MINUTE_MS,
  refusalOf,
} from '../test/support/booking-fixtures.js';
import { bookHeldBackSeatsCommand } from './book-held-back-seats.js';
import type { HeldBack } from './commands.js';
import { type HoldBackInput, holdBackSeatsCommand, releaseHeldBackSeatsCommands } from './hold-back-seats.js';
import { holdSeatsCommand } from './hold-seats.js';
import type { SeatEntry } from './ledger.js';
import { updateEventCommand } from './update-event.js';

const holdBack = (box: BoxOffice, seatNumbers: number[], rest: Partial<HoldBackInput> = {}, by = 'olga') =>
  box.submit(holdBackSeatsCommand(by, { eventId: EVENT_ID, seatNumbers, label: 'Press', ...rest }));
const release = (box: BoxOffice, seatNumbers: number[], by = 'olga') =>
  releaseHeldBackSeatsCommands(by, EVENT_ID, seatNumbers)
    .map((step) => box.submit(step))
    .at(-1) as HeldBack;
const invite = (box: BoxOffice, seatNumbers: number[], requestId = 'guests', by = 'olga') =>
  box.submit(
    bookHeldBackSeatsCommand(by, { eventId: EVENT_ID, seatNumbers, requestId }, 'guest@example.com', box.now),
  );
const seatsOf = (box: BoxOffice) =>
  box.announced.at(-1)?.seats.map(({ seatNumber, status }) => `${seatNumber} ${status}`);

describe('held-back seats', () => {
  test('are nobody’s to lock, and are on sale again when the organizer releases them', () => {
    const box = new BoxOffice();
    expect(holdBack(box, [1, 2, 3])).toEqual({ seatNumbers: [1, 2, 3], version: 1 });
    expect(seatsOf(box)).toEqual(['1 offSale', '2 offSale', '3 offSale']);
    for (const user of ['ann', 'olga'])
      expect(refusalOf(() => box.lock(user, [2, 4])).details).toEqual({ seatNumbers: [2] });
    expect(release(box, [2, 3, 4])).toEqual({ seatNumbers: [2, 3], version: 2 });
    box.lock('ann', [2, 3]);
    expect(box.store.event).toMatchObject({ heldBackSeats: 1, bookedSeats: 0, revision: 3 });
  });

  test('are refused, all of them, if a buyer has one; those seats are named, or left out with skipTaken', () => {
    const box = new BoxOffice();
    box.lock('ann', [2]);
    box.bookOne('bob', 3);
    const refusal = refusalOf(() => holdBack(box, [1, 2, 3, 4]));
    expect([refusal.code, refusal.details]).toEqual(['SEAT_UNAVAILABLE', { seatNumbers: [2, 3] }]);
    expect(box.store.event.heldBackSeats).toBe(0);
    expect(holdBack(box, [1, 2, 3, 4], { skipTaken: true }).seatNumbers).toEqual([1, 4]);
    expect(holdBack(box, [2], { skipTaken: true })).toMatchObject({ seatNumbers: [] });
  });

  test('get the new label and end of a later call; the same call again changes nothing', () => {
    const box = new BoxOffice();
    const until = later(10 * MINUTE_MS);
    holdBack(box, [1, 2]);
    const { revision, version } = box.store.event;
    expect(holdBack(box, [1, 2])).toEqual({ seatNumbers: [1, 2], version });
    expect(box.store.event.revision).toBe(revision);
    // A label is no matter of the map, which everybody sees.
    expect(holdBack(box, [1, 2], { label: 'Sponsors' }).version).toBe(version);
    expect(box.announced.at(-1)).toMatchObject({ version: null, settings: true, reservations: [] });
    expect(holdBack(box, [2], { label: 'Sponsors', until }).version).toBe(version + 1);
    const labels = [...box.store.locks.values()].map(({ label }) => label);
    expect(labels).toEqual(['Sponsors', 'Sponsors']);
    box.wait(10 * MINUTE_MS);
    expect(codeOf(() => box.lock('ann', [1]))).toBe('SEAT_UNAVAILABLE');
    expect(codeOf(() => box.lock('ann', [2]))).toBe('done');
  });

  test('with an end are free from that instant on, before a batch records it, for locks and for wishes', () => {
    const box = new BoxOffice();
    const until = later(10 * MINUTE_MS);
    holdBack(box, [1, 2, 3], { until });
    box.wait(10 * MINUTE_MS - 1);
    expect(codeOf(() => box.lock('ann', [1]))).toBe('SEAT_UNAVAILABLE');
    expect(release(box, [3]).seatNumbers).toEqual([3]);
    box.wait(1);
    expect(release(box, [1]).seatNumbers).toEqual([]);
    box.lock('ann', [1]);
    const best = { sectionIds: null, priceMax: null, adjacency: 'any' as const, wheelchairs: 0 };
    const wish = { best: { ...best, quantity: 1, nearSeat: 2 } };
    const held = box.submit(holdSeatsCommand('bob', EVENT_ID, [wish], null));
    expect(held.locks.map(({ seatNumber }) => seatNumber)).toEqual([2]);
    const ends = box.history.filter(({ kind }) => kind === 'expired') as SeatEntry[];
    expect(ends.map(({ seatNumber, before, actor }) => [seatNumber, before, actor])).toEqual([
      [1, 'offSale', 'job'],
      [2, 'offSale', 'job'],
    ]);
  });

  test('whose end has passed are recorded by the expiry command', () => {
    const box = new BoxOffice();
    holdBack(box, [1], { until: later(MINUTE_MS) });
    holdBack(box, [2]);
    box.wait(MINUTE_MS);
    expect(box.expireLocks()).toEqual({ ended: 1, hasMore: false });
    expect(seatsOf(box)).toEqual(['1 available']);
    expect(box.store.event.heldBackSeats).toBe(1);
  });

  test('replace a lock that has expired, and its money goes back', () => {
    const box = new BoxOffice();
    const lock = box.lockOne('ann', 1);
    const payment = box.pay('ann', [lock]);
    box.wait(5 * MINUTE_MS);
    holdBack(box, [1]);
    expect([box.lockNow(lock).status, box.paymentNow(payment).status]).toEqual(['expired', 'refunded']);
  });

  test('with what is booked make the event sold out', () => {
    const box = new BoxOffice();
    const seats = Array.from({ length: 20 }, (_, index) => index + 1);
    holdBack(box, seats.slice(1));
    expect(eventStatus(box.store.event, box.now)).toBe('onSale');
    box.bookOne('ann', 1);
    expect(eventStatus(box.store.event, box.now)).toBe('soldOut');
    expect(box.store.event).toMatchObject({ bookedSeats: 1, unbookedSeats: 19, heldBackSeats: 19 });
    release(box, [7]);
    expect(eventStatus(box.store.event, box.now)).toBe('onSale');
  });

  test('are refused for others, for unknown seats, without a label, with a past end, and after the event began', () => {
    const box = new BoxOffice();
    expect(codeOf(() => holdBack(box, [1], {}, 'ann'))).toBe('EVENT_NOT_FOUND');
    expect(codeOf(() => release(box, [1], 'ann'))).toBe('EVENT_NOT_FOUND');
    expect(codeOf(() => holdBack(box, [21]))).toBe('SEAT_NOT_FOUND');
    expect(codeOf(() => release(box, [0]))).toBe('SEAT_NOT_FOUND');
    const fields: [() => unknown, string][] = [
      [() => holdBack(box, []), 'seatNumbers'],
      [() => holdBack(box, [1, 1]), 'seatNumbers'],
      [
        () =>
          holdBack(
            box,
            Array.from({ length: 5_001 }, (_, index) => index),
          ),
        'seatNumbers',
      ],
      [() => holdBack(box, [1], { label: ' ' }), 'label'],
      [() => holdBack(box, [1], { label: 'x'.repeat(101) }), 'label'],
      [() => holdBack(box, [1], { until: box.now }), 'until'],
    ];
    for (const [call, field] of fields) {
      const { code, details } = refusalOf(call);
      expect([code, details.field]).toEqual(['BAD_USER_INPUT', field]);
    }
    box.wait(DAY_MS);
    expect(codeOf(() => holdBack(box, [1]))).toBe('EVENT_CLOSED');
    expect(box.store.locks.size).toBe(0);
  });
});

describe('an invitation', () => {
  test('is a confirmed booking of 0, without a seat limit, from held-back and from free seats', () => {
    const box = new BoxOffice();
    const seats = Array.from({ length: 12 }, (_, index) => index + 1);
    holdBack(box, seats.slice(0, 6));
    const bookings = invite(box, seats);
    expect(bookings.map(({ seatNumber }) => seatNumber)).toEqual(seats);
    expect(new Set(bookings.map(({ status, isInvitation }) => `${status} ${isInvitation}`))).toEqual(
      new Set(['confirmed true']),
    );
    const [payment] = box.store.payments.values();
    expect(payment).toMatchObject({
      amount: 0,
      status: 'completed',
      provider: 'none',
      contactEmail: 'guest@example.com',
    });
    expect(box.store.event).toMatchObject({ bookedSeats: 12, heldBackSeats: 0, amountPaid: 0 });
    // It is one mail, and nobody's payment or reservation.
    expect([...box.store.mails.values()]).toMatchObject([{ confirmed: { length: 12 } }]);
    expect(box.announced.at(-1)?.reservations).toEqual([]);
    // The organizer's own limit is as before.
    box.lock('olga', [13]);
  });

  test('is the same one for the same requestId', () => {
    const box = new BoxOffice();
    const first = invite(box, [1, 2]);
    expect(invite(box, [1, 2])).toEqual(first);
    expect(codeOf(() => invite(box, [1, 3]))).toBe('IDEMPOTENCY_CONFLICT');
    expect(codeOf(() => invite(box, [2, 3], 'others'))).toBe('SEAT_UNAVAILABLE');
    box.lock('ann', [4]);
    expect(refusalOf(() => invite(box, [3, 4], 'others')).details).toEqual({ seatNumbers: [4] });
    expect(codeOf(() => invite(box, [3], 'others', 'ann'))).toBe('EVENT_NOT_FOUND');
    expect(codeOf(() => invite(box, [21], 'others'))).toBe('SEAT_NOT_FOUND');
    expect(box.store.event.bookedSeats).toBe(2);
  });

  test('is cancelled by the organizer alone, frees its seat and refunds nothing', () => {
    const box = new BoxOffice();
    const [booking] = invite(box, [1]);
    const id = { id: booking?.id ?? '' };
    expect(codeOf(() => box.cancel('ann', id))).toBe('BOOKING_NOT_FOUND');
    // What somebody has paid for is not the organizer's to cancel.
    const { booking: bought } = box.bookOne('ann', 2);
    expect(codeOf(() => box.cancel('olga', bought))).toBe('BOOKING_NOT_FOUND');
    expect(box.cancel('olga', id).status).toBe('cancelled');
    expect(seatsOf(box)).toEqual(['1 available']);
    expect([...box.store.outbox.values()]).toEqual([]);
    expect([...box.store.payments.values()][0]?.refundedAmount).toBe(0);
    const ofSeat = box.history.filter(({ seatNumber }) => seatNumber === 1);
    expect(ofSeat.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      'invited organizer',
      'cancelled organizer',
    ]);
  });

  test('is not made after the event began, or once it is cancelled', () => {
    const begun = new BoxOffice();
    begun.wait(DAY_MS);
    const cancelled = new BoxOffice();
    cancelled.cancelEvent();
    for (const box of [begun, cancelled]) expect(codeOf(() => invite(box, [1]))).toBe('EVENT_CLOSED');
  });

  test('is admitted at the entrance as any other booking', () => {
    const box = new BoxOffice();
    const [booking] = invite(box, [1]);
    const { id = '', seatNumber = 0, ticketIssue = 0 } = booking ?? {};
    const ticket = { bookingId: id, eventId: EVENT_ID, seatNumber, issue: ticketIssue };
    expect(box.checkIn(ticket).result).toBe('admitted');
    expect(codeOf(() => box.cancel('olga', { id }))).toBe('BOOKING_NOT_CANCELLABLE');
  });
});

test('the history has what the organizer did, with and without a seat', () => {
  const box = new BoxOffice();
  box.submit(updateEventCommand('olga', EVENT_ID, 1, { name: 'Premiere' }));
  box.submit({ kind: 'setSalePaused', eventId: EVENT_ID, userId: 'olga', isPaused: true });
  box.submit({ kind: 'setSalePaused', eventId: EVENT_ID, userId: 'olga', isPaused: false });
  holdBack(box, [1]);
  holdBack(box, [1], { label: 'Sponsors' });
  release(box, [1]);
  expect(box.history.map(({ kind, seatNumber, before, after }) => [kind, seatNumber, before, after])).toEqual(
    [
      ['updated', null, null, null],
      ['salePaused', null, null, null],
      ['saleResumed', null, null, null],
      ['heldBack', 1, 'available', 'offSale'],
      ['heldBack', 1, 'offSale', 'offSale'],
      ['released', 1, 'offSale', 'available'],
    ],
  );
  expect(new Set(box.history.map(({ actor }) => actor))).toEqual(new Set(['organizer']));
});

test('publishing a draft is in its history', () => {
  const box = new BoxOffice();
  box.store.event = { ...box.store.event, isDraft: true };
  box.submit(updateEventCommand('olga', EVENT_ID, 1, { published: true }));
  box.submit(updateEventCommand('olga', EVENT_ID, 2, { published: true, name: 'Premiere' }));
  expect(box.history.map(({ kind }) => kind)).toEqual(['published', 'updated']);
});
