import { describe, expect, test } from 'vitest';
import { audit, type Check, isClean, type Truth, type Watched } from './audit.js';
import { type BookingAnswer, LOCK_SEAT } from './operations.js';
import { SaleRecord } from './sale-record.js';
import { Refusal } from './server-api.js';

const PRICE = 7_500;
const READ_MS = Date.parse('2026-11-22T21:00:00Z');

/** A sale without errors: two seats confirmed, one pending, one cancelled, one locked. */
function goodSale() {
  const record = new SaleRecord(2);
  for (const visit of record.visits) visit.ending = 'booked';
  record.acknowledge(booking('b1', 1));
  record.acknowledge(booking('b2', 2));
  record.acknowledge({ ...booking('b3', 3, 'PENDING'), expiresAt: '2026-11-22T21:30:00.000Z' });
  record.acknowledge(booking('b4', 4));
  record.cancellationRequested('b4');
  record.acknowledge(booking('b4', 4, 'CANCELLED'));
  const truth: Truth = {
    seatMap: { version: 9, statuses: 'BBBAL' },
    bookings: [
      booking('b1', 1),
      booking('b2', 2),
      booking('b3', 3, 'PENDING'),
      booking('b4', 4, 'CANCELLED'),
    ],
    revenue: 2 * PRICE,
    readMs: READ_MS,
  };
  const watched: Watched[] = [{ watcher: 0, version: 9, differences: [], errors: [] }];
  return { record, truth, watched };
}

const booking = (
  id: string,
  seatNumber: number,
  status: BookingAnswer['status'] = 'CONFIRMED',
): BookingAnswer => ({ id, seatNumber, status, expiresAt: null });

function countsOf({ record, truth, watched }: ReturnType<typeof goodSale>): Partial<Record<Check, number>> {
  const findings = audit(record, PRICE, truth, watched);
  const wrong = Object.entries(findings).filter(([, { count }]) => count > 0);
  expect(isClean(findings)).toBe(wrong.length === 0);
  return Object.fromEntries(wrong.map(([check, { count }]) => [check, count]));
}

describe('the audit', () => {
  test('finds nothing in a sale without errors', () => {
    expect(countsOf(goodSale())).toEqual({});
  });

  test('finds a seat with two live bookings', () => {
    const sale = goodSale();
    const bookings = [...sale.truth.bookings, booking('b5', 1)];
    const truth = { ...sale.truth, bookings, revenue: 3 * PRICE };
    expect(countsOf({ ...sale, truth })).toEqual({ soldTwice: 1 });
  });

  test('counts a booking on two pages of the list once', () => {
    const sale = goodSale();
    const bookings = [...sale.truth.bookings, booking('b3', 3, 'PENDING')];
    expect(countsOf({ ...sale, truth: { ...sale.truth, bookings } })).toEqual({});
  });

  test('accepts that a cancelled seat is sold again', () => {
    const sale = goodSale();
    const truth = {
      seatMap: { version: 9, statuses: 'BBBBL' },
      bookings: [...sale.truth.bookings, booking('b5', 4)],
      revenue: 3 * PRICE,
      readMs: READ_MS,
    };
    expect(countsOf({ ...sale, truth })).toEqual({});
  });

  test('finds an acknowledged booking that is not in the list', () => {
    const sale = goodSale();
    const truth = {
      ...sale.truth,
      seatMap: { version: 9, statuses: 'ABBAL' },
      bookings: sale.truth.bookings.slice(1),
      revenue: PRICE,
    };
    expect(countsOf({ ...sale, truth })).toEqual({ missing: 1 });
  });

  test('finds an acknowledged booking that was moved to another seat', () => {
    const sale = goodSale();
    sale.record.acknowledge(booking('b6', 4));
    const bookings = [...sale.truth.bookings, booking('b6', 5)];
    const truth = {
      ...sale.truth,
      seatMap: { version: 9, statuses: 'BBBAB' },
      bookings,
      revenue: 3 * PRICE,
    };
    expect(countsOf({ ...sale, truth })).toEqual({ missing: 1 });
  });

  test('finds a booking that was cancelled without a request, but not one that timed out', () => {
    const sale = goodSale();
    const bookings = sale.truth.bookings.map((each) =>
      each.id === 'b3' ? booking('b3', 3, 'CANCELLED') : each,
    );
    const truth = { ...sale.truth, seatMap: { version: 9, statuses: 'BBAAL' }, bookings };
    expect(countsOf({ ...sale, truth })).toEqual({ missing: 1 });
    const late = { ...truth, readMs: READ_MS + 60 * 60 * 1000 };
    expect(countsOf({ ...sale, truth: late })).toEqual({});
  });

  test('finds a pending booking that timed out after its payment had completed', () => {
    const sale = goodSale();
    sale.record.settled('b3', true);
    const bookings = sale.truth.bookings.map((each) =>
      each.id === 'b3' ? booking('b3', 3, 'CANCELLED') : each,
    );
    const seatMap = { version: 9, statuses: 'BBAAL' };
    const truth = { ...sale.truth, seatMap, bookings, readMs: READ_MS + 60 * 60 * 1000 };
    expect(countsOf({ ...sale, truth })).toEqual({ missing: 1 });
  });

  test('accepts either state if the answer to a cancellation was lost', () => {
    const sale = goodSale();
    sale.record.cancellationRequested('b1');
    expect(countsOf(sale)).toEqual({});
    const bookings = sale.truth.bookings.map((each) =>
      each.id === 'b1' ? booking('b1', 1, 'CANCELLED') : each,
    );
    const truth = {
      ...sale.truth,
      seatMap: { version: 9, statuses: 'ABBAL' },
      bookings,
      revenue: PRICE,
    };
    expect(countsOf({ ...sale, truth })).toEqual({});
  });

  test('finds a cancellation that was acknowledged and undone', () => {
    const sale = goodSale();
    const bookings = sale.truth.bookings.map((each) => (each.id === 'b4' ? booking('b4', 4) : each));
    const truth = {
      ...sale.truth,
      seatMap: { version: 9, statuses: 'BBBBL' },
      bookings,
      revenue: 3 * PRICE,
    };
    expect(countsOf({ ...sale, truth })).toEqual({ missing: 1 });
  });

  test.each([
    ['another map', { differences: [4, 5] }],
    ['an older version', { version: 8 }],
    ['no version', { version: null }],
    ['a gap in its messages', { errors: ['changes of 3 came to a map of 2'] }],
  ])('finds a watcher with %s', (_what, wrong: Partial<Watched>) => {
    const sale = goodSale();
    const [right] = sale.watched as [Watched];
    expect(countsOf({ ...sale, watched: [right, { ...right, watcher: 1, ...wrong }] })).toEqual({
      watchersWrong: 1,
    });
  });

  test('finds a fan without an answer, and why', () => {
    const sale = goodSale();
    Object.assign(sale.record.visits[1] ?? {}, { ending: undefined, reason: '8 tries' });
    expect(countsOf(sale)).toEqual({ unanswered: 1 });
    const { unanswered } = audit(sale.record, PRICE, sale.truth, sale.watched);
    expect(unanswered.examples).toEqual(['fan 1: 8 tries']);
  });

  test('finds a seat that was reported as taken and that nobody had', async () => {
    const sale = goodSale();
    const unavailable = new Refusal('SEAT_UNAVAILABLE', { seatNumbers: [4], suggestedSeats: [] });
    const server = sale.record.reportedSeats.record({ ask: () => Promise.reject(unavailable) });
    const input = { eventId: 'event', seatNumber: 4 };
    await expect(server.ask(LOCK_SEAT, { input })).rejects.toBe(unavailable);
    expect(countsOf(sale)).toEqual({ takenByNobody: 1 });
  });

  test.each([
    ['booked without a booking', 'BBBBL'],
    ['available in spite of one', 'ABBAL'],
    ['locked in spite of one', 'LBBAL'],
  ])('finds a seat that the map has %s', (_what, statuses) => {
    const sale = goodSale();
    const seatMap = { version: 9, statuses };
    expect(countsOf({ ...sale, truth: { ...sale.truth, seatMap } })).toEqual({ mapWrong: 1 });
  });

  test.each([
    ['is missing for a confirmed seat', 1 * PRICE, 1],
    ['was kept for no seat', 5 * PRICE, 2],
    ['is off by a part of a price', 3 * PRICE + 1, 1],
  ])('finds money that %s', (_what, revenue, count) => {
    const sale = goodSale();
    expect(countsOf({ ...sale, truth: { ...sale.truth, revenue } })).toEqual({ moneyWrong: count });
  });

  test('accepts a paid lock that is still held', () => {
    const sale = goodSale();
    expect(countsOf({ ...sale, truth: { ...sale.truth, revenue: 3 * PRICE } })).toEqual({});
  });

  test('finds an answer that breaks the contract', () => {
    const sale = goodSale();
    sale.record.breach('pay: INTERNAL_SERVER_ERROR');
    expect(countsOf(sale)).toEqual({ breaches: 1 });
  });
});
