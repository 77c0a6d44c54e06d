import { expect, test } from 'vitest';
import { seatAvailability } from './availability.js';

test('available, locked and booked seats are all seats', () => {
  expect(seatAvailability(100, 7, 20)).toEqual({
    totalSeats: 100,
    availableSeats: 73,
    lockedSeats: 7,
    bookedSeats: 20,
  });
});
