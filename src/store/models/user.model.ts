import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'users', versionKey: false } })
// An address belongs to one user; log-in looks it up.
@index({ email: 1 }, { unique: true })
export class UserDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  email!: string;

  @prop({ type: () => String, required: true })
  passwordHash!: string;

  /** Tokens issued before this instant are invalid. */
  @prop({ type: () => Date, required: true })
  tokensValidFrom!: Date;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;
}
