import { modelOptions, prop } from '@typegoose/typegoose';

/** One document for each migration, by its id, and one for the indexes. */
@modelOptions({ schemaOptions: { collection: 'migrations', versionKey: false } })
export class MigrationDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  /** Whether servers of the previous version work with the migrated data. */
  @prop({ type: () => Boolean })
  olderVersionsWork?: boolean;

  /** The process that runs it or ran it. */
  @prop({ type: () => String })
  owner?: string;

  @prop({ type: () => Date })
  startedAt?: Date;

  /** Null until it is done. */
  @prop({ type: () => Date, default: undefined })
  finishedAt?: Date | null;

  /** Where the next process continues if this one ends before it is done. */
  @prop({ type: () => String, default: undefined })
  progress?: string | null;

  /** Only in the document of the indexes: one fingerprint for each version that has changed them, newest last. */
  @prop({ type: () => [String], default: undefined })
  fingerprints?: string[];
}
