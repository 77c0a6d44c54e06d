import { mongo } from 'mongoose';
import { expect, test } from 'vitest';
import { LABEL_LENGTH_MAX } from '../../booking/hold-back-seats.js';
import { LOCKS_PER_CALL_MAX } from '../../booking/route.js';
import { bookingIdOfLock, newEventId, newLockId, newPaymentId, newUserId } from '../../core/ids.js';
import { REQUEST_ID_LENGTH_MAX } from '../../core/request-id.js';
import { bookingDocument, lockDocument, paymentDocument, requestDocument } from '../documents.js';
import { BYTES_MAX } from './load-working-set.js';

test('no record is larger than the size assumed when several answers share 16 MB', () => {
  const at = new Date('2026-11-22T21:00:00Z');
  const eventId = newEventId();
  const userId = newUserId();
  const paymentId = newPaymentId(eventId, at);
  const all = <Value>(value: Value) => Array.from({ length: LOCKS_PER_CALL_MAX }, () => value);
  const one = { eventId, userId, seatNumber: 100_000, createdAt: at, expiresAt: at };
  // UTF-8 takes at most three bytes for one UTF-16 unit.
  const requestId = '席'.repeat(REQUEST_ID_LENGTH_MAX);
  const amount = Number.MAX_SAFE_INTEGER;
  const lockId = newLockId(eventId);
  const bookingId = bookingIdOfLock(newLockId(eventId));
  const lock = lockDocument({
    ...one,
    id: lockId,
    status: 'released',
    endedAt: at,
    bookingId,
    paymentId,
    version: 2 ** 31 - 1,
    price: { amount, currency: 'USD' },
    label: '😀'.repeat(LABEL_LENGTH_MAX),
  });
  const booking = bookingDocument({
    ...one,
    id: bookingId,
    lockId,
    paymentId,
    requestId,
    status: 'cancelled',
    paymentStatus: 'completed',
    ticketIssue: 2 ** 31 - 1,
    checkedInAt: at,
    isInvitation: true,
  });
  const payment = paymentDocument({
    id: paymentId,
    eventId,
    userId,
    shares: all({ lockId, seatNumber: 100_000, amount, refunded: false }),
    amount,
    refundedAmount: amount,
    currency: 'USD',
    contactEmail: 'a'.repeat(254),
    provider: 'simulated',
    status: 'completed',
    reason: 'Insufficient funds in account',
    retryable: false,
    createdAt: at,
    processedAt: at,
  });
  const request = requestDocument({
    id: `${userId}:simulatePayment:${requestId}`,
    inputHash: 'h'.repeat(43),
    resultIds: [paymentId, ...all(bookingId)],
    createdAt: at,
  });
  const _id = new mongo.BSON.ObjectId();
  const records = { lock, booking, payment: { _id, ...payment }, request };
  for (const [kind, record] of Object.entries(records)) {
    const bytes = mongo.BSON.calculateObjectSize(record);
    expect(bytes, kind).toBeLessThanOrEqual(BYTES_MAX[kind as keyof typeof BYTES_MAX]);
    // Assuming far more would cost unnecessary round trips.
    expect(bytes, kind).toBeGreaterThan(BYTES_MAX[kind as keyof typeof BYTES_MAX] / 2);
  }
});
