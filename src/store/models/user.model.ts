import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'users', versionKey: false } })
// An address belongs to one user; log-in looks it up. Guests have none, and are not in it.
@index({ email: 1 }, { unique: true, sparse: true })
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

  /** Tokens issued before this instant are invalid. */
  @prop({ type: () => Date, required: true })
  tokensValidFrom!: Date;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;
}
