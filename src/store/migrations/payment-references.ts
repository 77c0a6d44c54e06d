import { paymentReference } from '../../booking/payment-reference.js';
import type { Migration } from './migration.js';

const PAYMENTS_PER_STEP = 1_000;

/** Stores the reference of each payment, as new ones have it, so that organizers find payments by it. */
export const paymentReferences: Migration = {
  id: '2026-11-30-payment-references',
  // They do not read it. Payments that they make during a rolling upgrade are not found by their reference.
  olderVersionsWork: true,
  async run({ database: { payments }, progress, saveProgress }) {
    for (let after = progress ?? ''; ; ) {
      const found = await payments
        .find({ paymentId: { $gt: after } }, { paymentId: 1 })
        .sort({ paymentId: 1 })
        .limit(PAYMENTS_PER_STEP)
        .lean()
        .exec();
      const last = found.at(-1);
      if (last === undefined) return;
      await payments.collection.bulkWrite(
        found.map(({ paymentId }) => ({
          updateOne: { filter: { paymentId }, update: { $set: { reference: paymentReference(paymentId) } } },
        })),
        { ordered: false },
      );
      after = last.paymentId;
      await saveProgress(after);
    }
  },
};
