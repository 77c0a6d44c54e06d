import { describe, expect, test } from 'vitest';
import type { BookingDetailsFragment, LockDetailsFragment } from '../graphql/generated/graphql.js';
import { expiredSince, heldSeatsAt, newestLocks, ownSeats } from './held-seats.js';

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
    const holding = heldSeatsAt({ locks, bookings: [] }, NOW);
    expect(holding.locks.map(({ seatNumber }) => seatNumber)).toEqual([2, 3, 4]);
    expect(holding.endsAtMs).toBe(NOW + 1);
    expect(heldSeatsAt({ locks, bookings: [] }, NOW + 10_000).endsAtMs).toBeNull();
  });

  test('is marked on the map, a booking before a lock before a pick', () => {
    const holding = heldSeatsAt(
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
    const { cancelled, bookings: live } = heldSeatsAt({ locks: [], bookings }, NOW);
    expect(cancelled.map(({ seatNumber }) => seatNumber)).toEqual([2, 1]);
    expect(live.map(({ seatNumber }) => seatNumber)).toEqual([3]);
  });

  test('lapses lock by lock: told of are those whose time is over, not what was paid for, given back or extended', () => {
    const before = [1, 2, 3, 4, 5, 6].map((seat) => lock(seat, 1_000));
    const known = [
      lock(1, 1_000),
      lock(2, 1_000, 'EXPIRED'),
      lock(3, 1_000, 'USED'),
      lock(4, 1_000, 'RELEASED'),
      lock(5, 9_000),
    ];
    const lapsedAt = (nowMs: number) =>
      expiredSince(before, known, nowMs).map(({ seatNumber }) => seatNumber);
    expect(lapsedAt(NOW)).toEqual([2]);
    // The sixth is told of no more, as those are that ended long ago.
    expect(lapsedAt(NOW + 1_000)).toEqual([1, 2, 6]);
    expect(lapsedAt(NOW + 9_000)).toEqual([1, 2, 5, 6]);
  });

  test('is shown as a call has answered it until the server tells more: new locks, and those held longer', () => {
    const told = [lock(1, 1_000), lock(2, 1_000), lock(3, 1_000, 'RELEASED'), lock(4, 9_000)];
    const answered = [lock(2, 5_000), lock(3, 5_000), lock(4, 5_000), lock(5, 5_000)];
    expect(newestLocks(told, answered)).toEqual([told[0], answered[0], told[2], told[3], answered[3]]);
  });
});
