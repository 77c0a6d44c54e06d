import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';
import type { OutboxMessage } from '../../booking/outbox-messages.js';

/** `failed`: it was given up. Unless it is a mail, it is never deleted, as a person has to look at it. */
export type OutboxState = 'waiting' | 'done' | 'failed';

@modelOptions({
  schemaOptions: { collection: 'outbox', versionKey: false },
  options: { allowMixed: Severity.ALLOW },
})
// The messages of some kinds that are due, oldest first (the jobs); how many wait, and how many were given up (metrics).
@index({ state: 1, kind: 1, dueAt: 1 })
// Deletes messages some time after they were sent.
@index({ deleteAt: 1 }, { expireAfterSeconds: 0, sparse: true })
export class OutboxDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  kind!: OutboxMessage['kind'];

  /** The message without its id and kind. */
  @prop({ type: () => Object, required: true })
  content!: Record<string, unknown>;

  @prop({ type: () => String, required: true })
  state!: OutboxState;

  /** How often it was claimed. It fences: a sender whose claim has ended changes nothing. */
  @prop({ type: () => Number, required: true })
  claims!: number;

  @prop({ type: () => Number, required: true })
  failures!: number;

  /** When it may be claimed. A claim sets it to the claim's own end. */
  @prop({ type: () => Date, required: true })
  dueAt!: Date;

  /** The claim that took it. */
  @prop({ type: () => String })
  claimId?: string;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;

  /** Why the last attempt failed. */
  @prop({ type: () => String })
  error?: string;

  @prop({ type: () => Date })
  deleteAt?: Date;
}
