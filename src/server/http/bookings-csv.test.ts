import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { Booking } from '../../booking/booking.js';
import type { Payment } from '../../booking/payment.js';
import { derivedPlan } from '../../catalog/seating-plan.js';
import { EVENT_ID, eventOf, later, NOW } from '../../test/support/booking-fixtures.js';
import { BookingsCsv } from './bookings-csv.js';

const section = { kind: 'seated', firstSeatNumber: 1, rows: 2, seatsPerRow: 10, price: null } as const;
const eventWith = (name: string) =>
  eventOf({ timeZone: 'Europe/Vienna', totalSeats: 20, sections: [{ ...section, name }] });

const booking = {
  id: 'book_1',
  eventId: EVENT_ID,
  seatNumber: 12,
  lockId: 'lock_1',
  paymentId: 'pay_1',
  status: 'cancelled',
  paymentStatus: 'refunded',
  createdAt: NOW,
  checkedInAt: null,
} as Booking;
const payment = {
  id: 'pay_1',
  // Seats of one payment may cost differently.
  shares: [
    { lockId: 'lock_0', seatNumber: 1, amount: 9_900, refunded: false },
    { lockId: 'lock_1', seatNumber: 12, amount: 4_505, refunded: true },
  ],
  currency: 'EUR',
  status: 'completed',
  processedAt: NOW,
  contactEmail: 'ann@example.com',
} as unknown as Payment;

/** The rows as a spreadsheet reads them. */
function rowsOf(name: string, bookings: readonly Booking[], payments: readonly Payment[]): string[][] {
  const event = eventWith(name);
  const csv = new BookingsCsv(event, derivedPlan(event.sections, event.totalSeats));
  const text = csv.header + csv.lines(bookings, new Map(payments.map((each) => [each.id, each])));
  expect(text.startsWith('\uFEFFbooking id,')).toBe(true);
  expect(text.endsWith('\r\n')).toBe(true);
  return Papa.parse<string[]>(text.slice(1, -2)).data;
}

test('a row says what was paid for the seat, in whole units, and the times of the venue', () => {
  const checkedIn = {
    ...booking,
    status: 'confirmed',
    checkedInAt: later(60_000),
    isInvitation: true,
  } as Booking;
  const [header, cancelled, admitted] = rowsOf('Stalls', [booking, checkedIn], [payment]);
  expect(header?.slice(-5)).toEqual([
    'paid at (Europe/Vienna)',
    'contact email',
    'reference',
    'checked in at (Europe/Vienna)',
    'invitation',
  ]);
  const common = ['book_1', '12', 'Stalls, row B, seat 2', 'Stalls', 'B'];
  const paid = ['EUR', '2026-11-22 11:00:00', 'ann@example.com', expect.stringMatching(/^\w{3}-\w{3}$/)];
  expect(cancelled).toEqual([...common, 'cancelled', '45.05', '45.05', ...paid, '', '']);
  expect(admitted?.slice(-2)).toEqual(['2026-11-22 11:01:00', 'yes']);
});

test('a payment that failed, or is not settled, was not paid at any time; yen have no decimals', () => {
  const shares = payment.shares.map((share) => ({ ...share, refunded: false }));
  const [, failed] = rowsOf('Stalls', [booking], [{ ...payment, status: 'failed', shares }]);
  expect(failed?.slice(6, 10)).toEqual(['45.05', '0.00', 'EUR', '']);
  const pending = { ...payment, status: 'pending', processedAt: null, currency: 'JPY' } as Payment;
  const [, row] = rowsOf('Stalls', [booking], [pending]);
  expect(row?.slice(6, 10)).toEqual(['4505', '4505', 'JPY', '']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\n=1', '  =1', '＝1'])(
  'the cell %j is no formula',
  (name) => {
    const [, row] = rowsOf(name, [booking], [{ ...payment, contactEmail: '=cmd|calc@example.com' }]);
    expect(row?.[3]).toBe(`'${name}`);
    expect(row?.[2]).toMatch(/^'/);
    expect(row?.[10]).toBe("'=cmd|calc@example.com");
  },
);

test('commas, quotes and line breaks stay in their cell', () => {
  const name = 'The "Royal", left;\nupstairs';
  expect(rowsOf(name, [booking], [payment])[1]?.[3]).toBe(name);
});
