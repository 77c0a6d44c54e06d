import { describe, expect, test } from 'vitest';
import { type BookedSeat, type HeldSeat, heldSeatsAt, newestLocks, ownSeatsOf } from './held-seats.js';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const lock = (seatNumber: number, msLeft: number, status: HeldSeat['status'] = 'ACTIVE'): HeldSeat => ({
  id: `l${seatNumber}`,
  eventId: 'e1',
  seatNumber,
  status,
  createdAt: new Date(NOW - 1_000).toISOString(),
  expiresAt: new Date(NOW + msLeft).toISOString(),
  bookingId: null,
  price: null,
});
const booking = (seatNumber: number, status: BookedSeat['status'], createdAt = NOW): BookedSeat => ({
  id: `b${seatNumber} ${createdAt}`,
  eventId: 'e1',
  seatNumber,
  lockId: `l${seatNumber}`,
  paymentId: 'p1',
  status,
  paymentStatus: 'COMPLETED',
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: null,
  price: { amount: 4_500, currency: 'USD' },
});

describe('what a viewer holds', () => {
  test('is the locks that have not expired, and ends with the first of them', () => {
    const locks = [
      lock(4, 9_000),
      lock(2, 5_000),
      lock(3, 1),
      lock(5, 0),
      lock(6, 9_000, 'RELEASED'),
      lock(7, 9_000, 'USED'),
    ];
    const held = heldSeatsAt({ locks, bookings: [] }, NOW);
    expect(held.locks.map(({ seatNumber }) => seatNumber)).toEqual([2, 3, 4]);
    expect(held.endsAtMs).toBe(NOW + 1);
    expect(heldSeatsAt({ locks, bookings: [] }, NOW + 10_000).endsAtMs).toBeNull();
  });

  test('is told apart on the map, a booking before a lock', () => {
    const held = heldSeatsAt(
      {
        locks: [lock(1, 9_000), lock(2, 9_000)],
        bookings: [booking(2, 'PENDING'), booking(3, 'CONFIRMED'), booking(4, 'CANCELLED')],
      },
      NOW,
    );
    expect([...ownSeatsOf(held)].sort(([a], [b]) => a - b)).toEqual([
      [1, 'held'],
      [2, 'pending'],
      [3, 'booked'],
    ]);
  });

  test('lists cancelled bookings separately, newest first', () => {
    const bookings = [
      booking(1, 'CANCELLED', NOW - 2),
      booking(2, 'CANCELLED', NOW - 1),
      booking(3, 'CONFIRMED'),
    ];
    const { cancelled, bookings: live } = heldSeatsAt({ locks: [], bookings }, NOW);
    expect(cancelled.map(({ seatNumber }) => seatNumber)).toEqual([2, 1]);
    expect(live.map(({ seatNumber }) => seatNumber)).toEqual([3]);
  });

  test('follows the answers of calls until the server sends newer locks: new ones, and extended ones', () => {
    const received = [lock(1, 1_000), lock(2, 1_000), lock(3, 1_000, 'RELEASED'), lock(4, 9_000)];
    const answered = [lock(2, 5_000), lock(3, 5_000), lock(4, 5_000), lock(5, 5_000)];
    expect(newestLocks(received, answered)).toEqual([
      received[0],
      answered[0],
      received[2],
      received[3],
      answered[3],
    ]);
  });
});
