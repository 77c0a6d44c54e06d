import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'users', versionKey: false } })
// An address belongs to one user; log-in looks it up. Guests have none, and are not in it.
@index({ email: 1 }, { unique: true, sparse: true })
// Guests whose last token has expired (the job).
@index({ guestUntil: 1 }, { sparse: true })
// Merges that the job continues.
@index({ mergeDueAt: 1 }, { sparse: true })
export class UserDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  /** Absent for a guest, as the next one. */
  @prop({ type: () => String })
  email?: string;

  @prop({ type: () => String })
  passwordHash?: string;

  /** When the newest token of a guest expires; absent for an account. */
  @prop({ type: () => Date })
  guestUntil?: Date;

  /** The account that a guest is merged into; absent for all others, as the next two. */
  @prop({ type: () => String })
  mergedInto?: string;

  @prop({ type: () => Date })
  mergeStartedAt?: Date;

  @prop({ type: () => Date })
  mergeDueAt?: Date;

  /** Tokens issued before this instant are invalid. */
  @prop({ type: () => Date, required: true })
  tokensValidFrom!: Date;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;
}
