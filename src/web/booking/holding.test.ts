import { describe, expect, test } from 'vitest';
import type { BookingDetailsFragment, LockDetailsFragment } from '../graphql/generated/graphql.js';
import { holdingAt, ownSeats } from './holding.js';

const NOW = Date.parse('2026-11-22T10:00:00.000Z');
const lock = (
  seatNumber: number,
  msLeft: number,
  status: LockDetailsFragment['status'] = 'ACTIVE',
): LockDetailsFragment => ({
  id: `l${seatNumber}`,
  eventId: 'e1',
  seatNumber,
  status,
  createdAt: new Date(NOW - 1_000).toISOString(),
  expiresAt: new Date(NOW + msLeft).toISOString(),
  bookingId: null,
});
const booking = (
  seatNumber: number,
  status: BookingDetailsFragment['status'],
  createdAt = NOW,
): BookingDetailsFragment => ({
  id: `b${seatNumber} ${createdAt}`,
  eventId: 'e1',
  seatNumber,
  lockId: `l${seatNumber}`,
  paymentId: 'p1',
  status,
  paymentStatus: 'COMPLETED',
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: null,
});

describe('what a viewer holds', () => {
  test('are the locks whose time is not over, ending with the first of them', () => {
    const locks = [
      lock(4, 9_000),
      lock(2, 5_000),
      lock(3, 1),
      lock(5, 0),
      lock(6, 9_000, 'RELEASED'),
      lock(7, 9_000, 'USED'),
    ];
    const holding = holdingAt({ locks, bookings: [] }, NOW);
    expect(holding.locks.map(({ seatNumber }) => seatNumber)).toEqual([2, 3, 4]);
    expect(holding.endsAtMs).toBe(NOW + 1);
    expect(holdingAt({ locks, bookings: [] }, NOW + 10_000).endsAtMs).toBeNull();
  });

  test('is marked on the map, a booking before a lock before a pick', () => {
    const holding = holdingAt(
      {
        locks: [lock(1, 9_000), lock(2, 9_000)],
        bookings: [booking(2, 'PENDING'), booking(3, 'CONFIRMED'), booking(4, 'CANCELLED')],
      },
      NOW,
    );
    expect([...ownSeats(holding, [1, 9])].sort(([a], [b]) => a - b)).toEqual([
      [1, 'held'],
      [2, 'pending'],
      [3, 'yours'],
      [9, 'picked'],
    ]);
  });

  test('has what was cancelled apart, newest first', () => {
    const bookings = [
      booking(1, 'CANCELLED', NOW - 2),
      booking(2, 'CANCELLED', NOW - 1),
      booking(3, 'CONFIRMED'),
    ];
    const { cancelled, bookings: live } = holdingAt({ locks: [], bookings }, NOW);
    expect(cancelled.map(({ seatNumber }) => seatNumber)).toEqual([2, 1]);
    expect(live.map(({ seatNumber }) => seatNumber)).toEqual([3]);
  });
});
