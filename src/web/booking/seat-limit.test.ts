import type { HeldSeat } from 'seat-map';
import { expect, test } from 'vitest';
import type { BookingDetailsFragment } from '../graphql/generated/graphql.js';
import { seatLimit, seatLimitText } from './seat-limit.js';

const held = (locks: number, bookings: number) => ({
  locks: Array<HeldSeat>(locks),
  bookings: Array<BookingDetailsFragment>(bookings),
});

test.each([
  [10, 0, 0, 10, 'One person can have at most 10 seats of this event.'],
  [10, 3, 1, 6, 'One person can have at most 10 seats of this event. You have 4 already.'],
  [10, 0, 10, 0, 'One person can have at most 10 seats of this event. You have 10 already.'],
  // The limit was higher when the seats were booked.
  [4, 0, 6, 0, 'One person can have at most 4 seats of this event. You have 6 already.'],
  [1, 1, 0, 0, 'One person can have 1 seat of this event. You have 1 already.'],
])('of %i seats, with %i held and %i booked, %i are left', (max, locks, bookings, left, text) => {
  const limit = seatLimit(max, held(locks, bookings));
  expect([limit.left, seatLimitText(limit)]).toEqual([left, text]);
});
