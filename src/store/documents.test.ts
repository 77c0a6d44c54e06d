import { expect, test } from 'vitest';
import { type Payment, SEATS_NO_LONGER_HELD } from '../booking/payment.js';
import { eventFrom, paymentDocument } from './documents.js';

test('an event in the domain has no fields that only batches use', () => {
  const event = {
    name: 'A night out',
    eventDate: new Date('2026-12-24T20:00:00Z'),
    timeZone: 'Europe/Vienna',
    totalSeats: 10,
    bookedSeats: 1,
    amountPaid: 900,
    version: 3,
    sections: [],
    price: null,
    organizerId: 'ann',
    createdAt: new Date(0),
  };
  const stored = { _id: 'event0000000', ...event, availableSeats: 9 };
  const ofBatches = { turn: 7, turnsAwaited: 2, claimedAt: new Date(), recentBatchIds: ['bat_1'] };
  expect(eventFrom({ ...stored, ...ofBatches })).toEqual({
    id: 'event0000000',
    ...event,
    planId: null,
    salesStartAt: null,
    salesEndAt: null,
    orphanRule: 'off',
    seatsPerViewerMax: null,
    isDraft: false,
    isPaused: false,
    cancellation: null,
    dateNotice: null,
    refundUntil: null,
    venue: null,
    description: null,
    imageUrl: null,
    inputHash: null,
    revision: 1,
    unbookedSeats: 9,
    heldBackSeats: 0,
  });
});

test('an event of an earlier release, without time zone and sum, is in UTC, has taken nothing and is seated', () => {
  const sections = [{ name: 'Main', firstSeatNumber: 1, rows: 1, seatsPerRow: 2, price: null }];
  const document = { _id: 'event0000000', name: 'A night out', sections } as never;
  expect(eventFrom(document)).toMatchObject({
    timeZone: 'UTC',
    amountPaid: 0,
    orphanRule: 'off',
    sections: [{ kind: 'seated', name: 'Main' }],
  });
});

test.each([
  ['Card was declined', true],
  // Paid for and released in one batch: the payment may still settle, and must be found then.
  [SEATS_NO_LONGER_HELD, false],
])('a new payment that failed with "%s" is deleted in time: %s', (reason, isDeleted) => {
  const processedAt = new Date();
  const payment = { id: 'pay_1', status: 'failed', reason, processedAt, shares: [] as const };
  expect('refusedAt' in paymentDocument(payment as unknown as Payment)).toBe(isDeleted);
});
