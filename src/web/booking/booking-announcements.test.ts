import { expect, test } from 'vitest';
import { bookingAnnouncements } from './booking-announcements.js';

const booking = (
  seatNumber: number,
  status: 'PENDING' | 'CONFIRMED' | 'CANCELLED',
  paymentStatus = 'PENDING',
) =>
  ({ id: `b${seatNumber}`, seatNumber, status, paymentStatus }) as Parameters<
    typeof bookingAnnouncements
  >[0][number];
const announcements = (
  ...[before, now]: [Parameters<typeof bookingAnnouncements>[0], Parameters<typeof bookingAnnouncements>[1]]
) =>
  bookingAnnouncements(before, now, (seat) => `seat ${seat}`).map(
    ({ text, tone, isShown }) => `${text}${isShown ? ` (shown: ${tone})` : ''}`,
  );

test.each([
  ['a new booking has no announcement', [], [booking(1, 'PENDING')], []],
  ['nor has an unchanged one', [booking(1, 'PENDING')], [booking(1, 'PENDING')], []],
  [
    'a completed payment has one for all of its seats',
    [booking(1, 'PENDING'), booking(2, 'PENDING')],
    [booking(1, 'CONFIRMED', 'COMPLETED'), booking(2, 'CONFIRMED', 'COMPLETED')],
    ['The payment has come through. Booked: seat 1; seat 2. (shown: good)'],
  ],
  [
    'a declined one says why',
    [booking(1, 'PENDING')],
    [booking(1, 'CANCELLED', 'FAILED')],
    ['The card network declined the payment. No longer booked: seat 1. (shown: warning)'],
  ],
  [
    'one that came too late says that it is paid back',
    [booking(1, 'PENDING')],
    [booking(1, 'CANCELLED', 'REFUNDED')],
    ['The payment is paid back. No longer booked: seat 1. (shown: warning)'],
  ],
  [
    'one that was not answered in time is shown, because no user cancelled it',
    [booking(1, 'PENDING')],
    [booking(1, 'CANCELLED')],
    ['Cancelled: seat 1. (shown: warning)'],
  ],
  [
    'a cancelled booking is named, even if another device cancelled it',
    [booking(1, 'CONFIRMED', 'COMPLETED'), booking(2, 'CONFIRMED', 'COMPLETED')],
    [booking(1, 'CONFIRMED', 'COMPLETED'), booking(2, 'CANCELLED', 'REFUNDED')],
    ['Cancelled: seat 2.'],
  ],
])('%s', (_, before, now, expected) => expect(announcements(before, now)).toEqual(expected));
