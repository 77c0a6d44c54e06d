import { index, modelOptions, prop } from '@typegoose/typegoose';
import { REQUESTS_KEPT_SECONDS } from '../retention.js';

@modelOptions({ schemaOptions: { collection: 'requests', versionKey: false } })
// Deletes requests. A call cannot be repeated after that.
@index({ createdAt: 1 }, { expireAfterSeconds: REQUESTS_KEPT_SECONDS })
export class RequestDocument {
  /** userId + operation + requestId. */
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  inputHash!: string;

  @prop({ type: () => [String], required: true })
  resultIds!: string[];

  @prop({ type: () => Date, required: true })
  createdAt!: Date;
}
