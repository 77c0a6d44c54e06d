import { index, modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'ratecounts', versionKey: false } })
// A count whose time is up says nothing any more.
@index({ until: 1 }, { expireAfterSeconds: 0 })
export class RateCountDocument {
  /** A hash of what is counted: neither addresses nor accounts lie about here. */
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => Number, required: true })
  points!: number;

  @prop({ type: () => Date, required: true })
  until!: Date;
}
