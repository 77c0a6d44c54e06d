import { index, modelOptions, prop } from '@typegoose/typegoose';

class MoneyDocument {
  @prop({ type: () => Number, required: true })
  amount!: number;

  @prop({ type: () => String, required: true })
  currency!: string;
}

class SectionDocument {
  @prop({ type: () => String, required: true })
  name!: string;

  @prop({ type: () => Number, required: true })
  firstSeatNumber!: number;

  @prop({ type: () => Number, required: true })
  rows!: number;

  @prop({ type: () => Number, required: true })
  seatsPerRow!: number;

  @prop({ type: () => MoneyDocument, _id: false, default: null })
  price!: MoneyDocument | null;
}

@modelOptions({ schemaOptions: { collection: 'events', versionKey: false } })
// The list of events to come, soonest first, page by page.
@index({ eventDate: 1, _id: 1 })
// An organizer's own events, newest first, page by page.
@index({ organizerId: 1, createdAt: -1, _id: -1 })
export class EventDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  name!: string;

  @prop({ type: () => Date, required: true })
  eventDate!: Date;

  /** Missing in events from before events had a zone: UTC. */
  @prop({ type: () => String })
  timeZone?: string;

  @prop({ type: () => Number, required: true })
  totalSeats!: number;

  @prop({ type: () => Number, required: true })
  bookedSeats!: number;

  @prop({ type: () => Number, required: true })
  availableSeats!: number;

  /** Absent where nothing was paid since this is counted. */
  @prop({ type: () => Number })
  amountPaid?: number;

  /** Counts the batches that claimed the event; raised first in every batch, so that batches take turns. */
  @prop({ type: () => Number, required: true })
  turn!: number;

  /** The time of the last batch that claimed the event, by the database's clock; it never goes back. */
  @prop({ type: () => Date })
  claimedAt?: Date;

  /** Counts how often a batch waited for its turn; nobody reads it, but writing it is how one waits. */
  @prop({ type: () => Number })
  turnsAwaited?: number;

  /** The ids of the last batches that committed, newest last: how an unknown commit result is looked up. */
  @prop({ type: () => [String], required: true })
  recentBatchIds!: string[];

  /** Counts the batches that changed a seat. */
  @prop({ type: () => Number, required: true })
  version!: number;

  @prop({ type: () => [SectionDocument], _id: false, required: true })
  sections!: SectionDocument[];

  @prop({ type: () => MoneyDocument, _id: false, default: null })
  price!: MoneyDocument | null;

  @prop({ type: () => String, required: true })
  organizerId!: string;

  /** Missing in events that an earlier version created. */
  @prop({ type: () => Date })
  createdAt?: Date;
}
