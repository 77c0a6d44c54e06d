import type { Migration } from './migration.js';

const PAYMENTS_PER_STEP = 1_000;

/**
 * Sets `refusedAt` on payments that their card refused at once, as new ones have it, so that they are deleted in time.
 * They are recognised by their locks: these name a payment that was PENDING, and never one that was refused at once.
 */
export const refusedPayments: Migration = {
  id: '2026-11-30-refused-payments',
  // They neither read nor write the new field. Payments that they refuse during a rolling upgrade are never deleted.
  olderVersionsWork: true,
  async run({ database: { payments, locks }, progress, saveProgress }) {
    for (let after = progress ?? ''; ; ) {
      const failed = await payments
        .find({ paymentId: { $gt: after }, status: 'failed' }, { paymentId: 1, lockIds: 1 })
        .sort({ paymentId: 1 })
        .limit(PAYMENTS_PER_STEP)
        .lean()
        .exec();
      const last = failed.at(-1);
      if (last === undefined) return;
      const ids = failed.map(({ paymentId }) => paymentId);
      const lockIds = failed.flatMap((payment) => payment.lockIds);
      const named = await locks
        .distinct('paymentId', { _id: { $in: lockIds }, paymentId: { $in: ids } })
        .exec();
      await payments.collection.updateMany(
        { paymentId: { $in: ids.filter((id) => !named.includes(id)) }, status: 'failed' },
        [{ $set: { refusedAt: '$processedAt' } }],
      );
      after = last.paymentId;
      await saveProgress(after);
    }
  },
};
