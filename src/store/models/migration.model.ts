import { modelOptions, prop } from '@typegoose/typegoose';

/** One of each migration, by its id, and one of the indexes. */
@modelOptions({ schemaOptions: { collection: 'migrations', versionKey: false } })
export class MigrationDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  /** Whether servers of the version before work on what it made. */
  @prop({ type: () => Boolean })
  olderVersionsWork?: boolean;

  /** The process that runs it, or did. */
  @prop({ type: () => String })
  owner?: string;

  @prop({ type: () => Date })
  startedAt?: Date;

  /** Null until it is through. */
  @prop({ type: () => Date, default: undefined })
  finishedAt?: Date | null;

  /** Where the next process goes on if this one ends before it is through. */
  @prop({ type: () => String, default: undefined })
  progress?: string | null;

  /** Of the indexes of each version that has changed them, newest last. */
  @prop({ type: () => [String], default: undefined })
  fingerprints?: string[];
}
