import { expect, test } from 'vitest';
import {
  BoxOffice,
  codeOf,
  DAY_MS,
  later,
  MINUTE_MS,
  NO_BOOKING_ID,
} from '../test/support/booking-fixtures.js';
import type { Booking } from './booking.js';
import { reissueTicketCommand } from './reissue-ticket.js';
import { type TicketClaims, ticketOf } from './ticket.js';

const ticketNow = (box: BoxOffice, booking: Booking) => ticketOf(box.bookingNow(booking)) as TicketClaims;

/** Ann has a ticket. */
function withTicket() {
  const box = new BoxOffice();
  const { booking } = box.bookOne('ann', 1);
  box.wait(MINUTE_MS);
  return { box, booking, ticket: ticketNow(box, booking) };
}

test('a ticket is admitted once, also after the event has started, and its user is notified', () => {
  const { box, booking, ticket } = withTicket();
  box.wait(2 * DAY_MS);
  const admitted = box.checkIn(ticket);
  expect(admitted).toEqual({
    result: 'admitted',
    checkedInAt: box.now,
    booking: { ...booking, checkedInAt: box.now },
  });
  expect(box.announced.at(-1)).toMatchObject({
    version: null,
    seats: [],
    reservations: [{ userId: 'ann', bookingIds: [booking.id] }],
  });
  box.wait(MINUTE_MS);
  expect(box.checkIn(ticket)).toEqual({ ...admitted, result: 'alreadyAdmitted' });
});

test('a scan that is sent again gets its first answer, whatever happened since', () => {
  const { box, booking, ticket } = withTicket();
  const scan = { scanId: 'one' };
  const admitted = box.checkIn(ticket, scan);
  box.wait(MINUTE_MS);
  expect(box.checkIn(ticket, { scanId: 'two' }).result).toBe('alreadyAdmitted');
  expect(box.checkIn(ticket, scan)).toEqual(admitted);
  expect(box.announced.at(-1)).toBeNull();
  expect(box.bookingNow(booking).checkedInAt).toEqual(admitted.checkedInAt);

  const other = box.bookOne('ann', 2).booking;
  expect(codeOf(() => box.checkIn(ticketNow(box, other), scan))).toBe('IDEMPOTENCY_CONFLICT');
  expect(codeOf(() => box.checkIn(null, scan))).toBe('IDEMPOTENCY_CONFLICT');
  expect(box.bookingNow(other).checkedInAt).toBeNull();
});

test.each<[what: string, atMs: number, expectedMs: number]>([
  ['the scanner’s instant, however late it is sent', 5 * MINUTE_MS, 5 * MINUTE_MS],
  ['the time of the server, if the scanner’s clock is ahead', 11 * MINUTE_MS, 10 * MINUTE_MS],
  ['the time of the booking, if the scanner’s clock is far behind', -DAY_MS, 0],
])('what is stored is %s', (_what, atMs, expectedMs) => {
  const box = new BoxOffice();
  const { booking } = box.bookOne('ann', 1);
  const booked = box.now;
  box.wait(10 * MINUTE_MS);
  const { checkedInAt } = box.checkIn(ticketNow(box, booking), { at: later(atMs, booked) });
  expect(checkedInAt).toEqual(later(expectedMs, booked));
});

test('a ticket of a cancelled booking is CANCELLED', () => {
  const { box, booking, ticket } = withTicket();
  box.cancel('ann', booking);
  expect(box.checkIn(ticket)).toMatchObject({ result: 'cancelled', booking: { id: booking.id } });
  expect(box.bookingNow(booking).checkedInAt).toBeNull();
});

test('a booking whose ticket was admitted is cancelled no more, and its money is kept', () => {
  const { box, booking, ticket } = withTicket();
  box.checkIn(ticket);
  expect(codeOf(() => box.cancel('ann', booking))).toBe('BOOKING_NOT_CANCELLABLE');
  expect(box.bookingNow(booking)).toMatchObject({ status: 'confirmed', paymentStatus: 'completed' });
});

test('only the organizer checks in', () => {
  const { box, ticket } = withTicket();
  expect(codeOf(() => box.checkIn(ticket, { by: 'ann' }))).toBe('EVENT_NOT_FOUND');
});

test('whatever belongs to no booking of the event is answered, and writes nothing', () => {
  const { box, ticket } = withTicket();
  const pending = box.bookOne('bob', 2, { cardStatus: 'processing' }).booking;
  const nobody = { booking: null, checkedInAt: null };
  expect(box.checkIn(null)).toEqual({ result: 'unknown', ...nobody });
  expect(box.checkIn({ ...ticket, bookingId: NO_BOOKING_ID })).toEqual({ result: 'unknown', ...nobody });
  expect(box.checkIn({ ...ticket, bookingId: pending.id })).toEqual({ result: 'unknown', ...nobody });
  const elsewhere = { ...ticket, eventId: 'other0000000' };
  expect(box.checkIn(elsewhere)).toEqual({ result: 'wrongEvent', ...nobody });
  expect(box.store.requests.size).toBe(2);
});

test('a ticket stays valid when its booking goes to another user', () => {
  const { box, ticket } = withTicket();
  box.transfer('ann', 'bob');
  expect(box.checkIn(ticket)).toMatchObject({ result: 'admitted', booking: { userId: 'bob' } });
});

test('a new ticket makes the earlier one void; there is none for a booking that is pending, cancelled or admitted', () => {
  const { box, booking, ticket } = withTicket();
  const reissue = (userId: string, { id }: Booking) => box.submit(reissueTicketCommand(userId, id));
  expect(codeOf(() => reissue('bob', booking))).toBe('BOOKING_NOT_FOUND');
  expect(reissue('ann', booking)).toEqual({ ...booking, ticketIssue: 2 });
  expect(box.checkIn(ticket)).toMatchObject({ result: 'cancelled', checkedInAt: null });
  expect(box.checkIn(ticketNow(box, booking)).result).toBe('admitted');

  const pending = box.bookOne('ann', 2, { cardStatus: 'processing' }).booking;
  const cancelled = box.cancel('ann', box.bookOne('ann', 3).booking);
  for (const each of [booking, pending, cancelled]) {
    expect(codeOf(() => reissue('ann', each))).toBe('TICKET_NOT_REISSUABLE');
  }
});
