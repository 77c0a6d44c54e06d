import { describe, expect, test } from 'vitest';
import type { Events } from '../catalog/events.js';
import { BoxOffice, NO_BOOKING_ID, NO_LOCK_ID, NO_PAYMENT_ID } from '../test/support/booking-fixtures.js';
import type { BookingReads } from './booking-reads.js';
import { readBooking, readOwnLock, readOwnPayment } from './ownership.js';

const box = new BoxOffice();
const { lock, payment, booking } = box.bookOne('ann', 1);
const { store } = box;
const reads = {
  lock: async (id: string) => store.locks.get(id) ?? null,
  payment: async (id: string) => store.payments.get(id) ?? null,
  booking: async (id: string) => store.bookings.get(id) ?? null,
} as BookingReads;
const events = { find: async () => store.event } as unknown as Events;

describe.each([
  ['lock', 'LOCK_NOT_FOUND', lock.id, NO_LOCK_ID, (user: string, id: string) => readOwnLock(reads, user, id)],
  [
    'payment',
    'PAYMENT_NOT_FOUND',
    payment.id,
    NO_PAYMENT_ID,
    (user: string, id: string) => readOwnPayment(reads, user, id),
  ],
  [
    'booking',
    'BOOKING_NOT_FOUND',
    booking.id,
    NO_BOOKING_ID,
    (user: string, id: string) => readBooking(reads, events, user, id),
  ],
] as const)('a %s', (_, code, id, noId, read) => {
  test('is read by its owner', async () => expect(await read('ann', id)).toMatchObject({ id }));

  test('of another user, an unknown one and one with an impossible id get the same refusal', async () => {
    const refusals = [
      await caught(read('bob', id)),
      await caught(read('ann', noId)),
      await caught(read('ann', 'x')),
    ];
    expect(refusals[0]).toMatchObject({ code });
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  });
});

test('a booking is read by the event’s organizer too', async () => {
  expect(await readBooking(reads, events, 'olga', booking.id)).toMatchObject({ id: booking.id });
});

const caught = (reading: Promise<unknown>) =>
  reading.then(
    () => ({}),
    ({ code, message, details }) => ({ code, message, details }),
  );
