import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'ratecounts', versionKey: false } })
// Deletes a count when its window has ended.
@index({ until: 1 }, { expireAfterSeconds: 0 })
export class RateCountDocument {
  /** A hash of the key, so that no addresses and accounts are stored here. */
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => Number, required: true })
  points!: number;

  @prop({ type: () => Date, required: true })
  until!: Date;
}
