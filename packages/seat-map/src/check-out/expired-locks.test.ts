import { expect, test } from 'vitest';
import type { HeldSeat } from '../core/held-seats.js';
import { expiredSince } from './expired-locks.js';

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

test('expires lock by lock: used, released and extended locks are not among the expired ones', () => {
  const before = [1, 2, 3, 4, 5, 6].map((seat) => lock(seat, 1_000));
  const known = [
    lock(1, 1_000),
    lock(2, 1_000, 'EXPIRED'),
    lock(3, 1_000, 'USED'),
    lock(4, 1_000, 'RELEASED'),
    lock(5, 9_000),
  ];
  const expiredAt = (nowMs: number) => expiredSince(before, known, nowMs).map(({ seatNumber }) => seatNumber);
  expect(expiredAt(NOW)).toEqual([2]);
  // The server no longer sends the sixth lock, because it ended long ago.
  expect(expiredAt(NOW + 1_000)).toEqual([1, 2, 6]);
  expect(expiredAt(NOW + 9_000)).toEqual([1, 2, 5, 6]);
});
