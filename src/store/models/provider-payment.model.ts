import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'providerpayments', versionKey: false } })
// Payments that must be compared with their provider (the job).
@index({ provider: 1, checkAt: 1 }, { partialFilterExpression: { checkAt: { $exists: true } } })
export class ProviderPaymentDocument {
  /** The payment's id. */
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  provider!: string;

  /** What the provider calls it. */
  @prop({ type: () => String, required: true })
  providerId!: string;

  /** When it is compared with the provider; absent once it is settled. */
  @prop({ type: () => Date })
  checkAt?: Date;

  @prop({ type: () => Number, required: true })
  checks!: number;

  /** The notifications of declined cards, so that each counts once. */
  @prop({ type: () => [String], default: undefined })
  declines?: string[];

  /** The address of the customer, until it is settled. */
  @prop({ type: () => String })
  address?: string;
}
