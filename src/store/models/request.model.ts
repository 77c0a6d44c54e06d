import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { Adjacency } from '../../booking/choose-seats.js';
import type { CheckedIn, ServedWish } from '../../booking/idempotent-request.js';
import { REQUESTS_KEPT_SECONDS } from '../retention.js';

class ServedWishDocument implements ServedWish {
  @prop({ type: () => Number, required: true })
  wishIndex!: number;

  @prop({ type: () => String, default: null })
  adjacency!: Adjacency | null;
}

class CheckedInDocument implements CheckedIn {
  @prop({ type: () => String, required: true })
  result!: CheckedIn['result'];

  @prop({ type: () => Date, default: null })
  checkedInAt!: Date | null;
}

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

  @prop({ type: () => ServedWishDocument, _id: false })
  served?: ServedWishDocument;

  @prop({ type: () => CheckedInDocument, _id: false })
  checkIn?: CheckedInDocument;

  @prop({ type: () => Date, required: true })
  createdAt!: Date;
}
