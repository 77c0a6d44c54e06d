import type { Migration } from './migration.js';

const PAYMENTS_AT_ONCE = 1_000;

/**
 * Payments that their card refused at once get `refusedAt`, as new ones do, and are then forgotten in time. The locks of
 * a payment that was PENDING name it; no lock names one that was refused at once.
 */
export const refusedPayments: Migration = {
  id: '2026-11-30-refused-payments',
  // They neither read nor write the new field. What they refuse during a rolling upgrade is kept for good.
  olderVersionsWork: true,
  async run({ database: { payments, locks }, progress, saveProgress }) {
    for (let after = progress ?? ''; ; ) {
      const failed = await payments
        .find({ paymentId: { $gt: after }, status: 'failed' }, { paymentId: 1, lockIds: 1 })
        .sort({ paymentId: 1 })
        .limit(PAYMENTS_AT_ONCE)
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
