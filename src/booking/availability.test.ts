import { expect, test } from 'vitest';
import { seatAvailability } from './availability.js';

test('available, locked, booked and held-back seats are all seats', () => {
  expect(seatAvailability(100, 7, 20, 10)).toEqual({
    totalSeats: 100,
    availableSeats: 63,
    lockedSeats: 7,
    bookedSeats: 20,
    offSaleSeats: 10,
  });
});
