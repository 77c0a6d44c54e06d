import { afterAll, beforeAll, expect, test } from 'vitest';
import { paymentReference } from '../../booking/payment-reference.js';
import { newEventId, newLockId, newPaymentId } from '../../core/ids.js';
import { ManualClock } from '../../test/support/manual-clock.js';
import { dropTestDatabase, openTestDatabase } from '../../test/support/test-database.js';
import type { Database } from '../database.js';
import { paymentReferences } from './payment-references.js';
import { refusedPayments } from './refused-payments.js';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => dropTestDatabase(database));

test('payments that were refused at once get their time, even thousands; those that locks name do not; all get their reference', async () => {
  const now = new ManualClock().now();
  const eventId = newEventId();
  const payments = Array.from({ length: 2_500 }, (_, index) => ({
    paymentId: newPaymentId(eventId, now),
    lockIds: [newLockId(eventId)],
    status: index % 5 === 4 ? 'completed' : 'failed',
    processedAt: now,
  }));
  await database.payments.collection.insertMany(payments as never[]);
  // It was PENDING once, and its lock was booked or has expired since.
  const settled = payments[0] as (typeof payments)[0];
  await database.locks.collection.insertOne({
    _id: settled.lockIds[0],
    eventId,
    seatNumber: 1,
    status: 'expired',
    paymentId: settled.paymentId,
  } as never);
  const saved: string[] = [];
  const run = (progress: string | null) =>
    refusedPayments.run({ database, progress, saveProgress: async (at) => void saved.push(at) });
  const marked = () => database.payments.countDocuments({ status: 'failed', refusedAt: now });

  await run(null);
  expect(await marked()).toBe(1_999);
  expect(await database.payments.countDocuments({ refusedAt: { $exists: true } })).toBe(1_999);
  expect(await database.payments.findOne({ paymentId: settled.paymentId }).lean()).not.toHaveProperty(
    'refusedAt',
  );
  expect(saved).toHaveLength(2);

  // References are stored in steps, too.
  await paymentReferences.run({ database, progress: null, saveProgress: async () => {} });
  const stored = await database.payments.find({}, { paymentId: 1, reference: 1 }).lean();
  expect(stored).toHaveLength(2_500);
  for (const { paymentId, reference } of stored) expect(reference).toBe(paymentReference(paymentId));

  // From half-way on, as after a process died: finished work stays.
  await database.payments.updateMany({ paymentId: { $gt: saved[0] ?? '' } }, { $unset: { refusedAt: 1 } });
  await run(saved[0] ?? null);
  expect(await marked()).toBe(1_999);
});
