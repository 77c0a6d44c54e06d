import { modelOptions, prop } from '@typegoose/typegoose';

@modelOptions({ schemaOptions: { collection: 'leases', versionKey: false } })
export class LeaseDocument {
  /** The job's name. */
  @prop({ type: () => String, required: true })
  _id!: string;

  /** The process that may run the job. */
  @prop({ type: () => String, required: true })
  owner!: string;

  @prop({ type: () => Date, required: true })
  until!: Date;
}
