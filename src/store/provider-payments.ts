import type { Declined, ProviderPayments, StartedPayment } from '../booking/provider-payments.js';
import type { Clock } from '../core/clock.js';
import type { Database } from './database.js';
import type { ProviderPaymentDocument } from './models/provider-payment.model.js';
import { isDuplicateKey } from './mongo-errors.js';

/** What the payment provider calls our payments, and which of them must be compared with it. */
export class StoredProviderPayments implements ProviderPayments {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async find(paymentId: string): Promise<StartedPayment | null> {
    const document = await this.database.providerPayments
      .findById(paymentId)
      .lean<ProviderPaymentDocument>()
      .exec();
    return document && startedFrom(document);
  }

  async started(
    { paymentId, provider, providerId }: Omit<StartedPayment, 'checks'>,
    checkAt: Date,
  ): Promise<StartedPayment> {
    const upsert = () =>
      this.database.providerPayments
        .findOneAndUpdate(
          { _id: paymentId },
          { $setOnInsert: { provider, providerId, checkAt, checks: 0 } },
          { upsert: true, returnDocument: 'after' },
        )
        .lean<ProviderPaymentDocument>()
        .exec();
    try {
      return startedFrom((await upsert()) as ProviderPaymentDocument);
    } catch (error) {
      // Two processes inserted it at the same moment.
      if (!isDuplicateKey(error)) throw error;
      return startedFrom((await upsert()) as ProviderPaymentDocument);
    }
  }

  async dueForCheck(provider: string, limit: number): Promise<StartedPayment[]> {
    const documents = await this.database.providerPayments
      .find({ provider, checkAt: { $lte: this.clock.now() } })
      .sort({ checkAt: 1 })
      .limit(limit)
      .lean<ProviderPaymentDocument[]>()
      .exec();
    return documents.map(startedFrom);
  }

  async checkAgain(paymentId: string, checkAt: Date): Promise<void> {
    const isUnsettled = { _id: paymentId, checkAt: { $exists: true } };
    await this.database.providerPayments
      .updateOne(isUnsettled, { $set: { checkAt }, $inc: { checks: 1 } })
      .exec();
  }

  async settled(paymentId: string): Promise<void> {
    await this.database.providerPayments
      .updateOne({ _id: paymentId }, { $unset: { checkAt: 1, declines: 1, address: 1 } })
      .exec();
  }

  async paidFrom(paymentId: string, address: string): Promise<void> {
    const isUnsettled = { _id: paymentId, checkAt: { $exists: true } };
    await this.database.providerPayments.updateOne(isUnsettled, { $set: { address } }).exec();
  }

  async declined(paymentId: string, notificationId: string, max: number): Promise<Declined> {
    const { modifiedCount } = await this.database.providerPayments
      .updateOne(
        { _id: paymentId, [`declines.${max - 1}`]: { $exists: false } },
        { $addToSet: { declines: notificationId } },
      )
      .exec();
    const { declines = [], address = null } =
      (await this.database.providerPayments
        .findById(paymentId, { declines: 1, address: 1 })
        .lean<ProviderPaymentDocument>()
        .exec()) ?? {};
    return { declines: declines.length, address: modifiedCount > 0 ? address : null };
  }
}

const startedFrom = ({ _id, provider, providerId, checks }: ProviderPaymentDocument): StartedPayment => ({
  paymentId: _id,
  provider,
  providerId,
  checks,
});
