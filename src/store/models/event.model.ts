import { index, modelOptions, prop } from '@typegoose/typegoose';
import type { OrphanRule } from '../../catalog/event.js';
import type { SectionKind } from '../../catalog/seating-plan.js';
import { MoneyDocument } from './money.model.js';

class SectionDocument {
  /** Absent in events of earlier releases: seated. */
  @prop({ type: () => String })
  kind?: SectionKind;

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

class CancellationDocument {
  @prop({ type: () => Date, required: true })
  at!: Date;

  @prop({ type: () => String, default: null })
  reason!: string | null;

  @prop({ type: () => [MoneyDocument], _id: false, required: true })
  refunded!: MoneyDocument[];

  @prop({ type: () => Boolean, required: true })
  isEnding!: boolean;
}

class DateNoticeDocument {
  @prop({ type: () => Number, required: true })
  revision!: number;

  @prop({ type: () => String, default: null })
  afterUserId!: string | null;
}

@modelOptions({ schemaOptions: { collection: 'events', versionKey: false } })
// The list of upcoming events, soonest first, page by page.
@index({ eventDate: 1, _id: 1 })
// An organizer's own events, newest first, page by page.
@index({ organizerId: 1, createdAt: -1, _id: -1 })
// Cancelled events whose locks and bookings are not all ended (the job).
@index({ 'cancellation.isEnding': 1 }, { partialFilterExpression: { 'cancellation.isEnding': true } })
// Events whose buyers are still to be mailed about a new date (the job).
@index({ 'dateNotice.revision': 1 }, { partialFilterExpression: { 'dateNotice.revision': { $gt: 0 } } })
export class EventDocument {
  @prop({ type: () => String, required: true })
  _id!: string;

  @prop({ type: () => String, required: true })
  name!: string;

  @prop({ type: () => Date, required: true })
  eventDate!: Date;

  /** Absent in events of earlier releases: UTC. */
  @prop({ type: () => String })
  timeZone?: string;

  @prop({ type: () => Number, required: true })
  totalSeats!: number;

  @prop({ type: () => Number, required: true })
  bookedSeats!: number;

  @prop({ type: () => Number, required: true })
  availableSeats!: number;

  /** Absent in events of earlier releases, until their next batch; as the next one. */
  @prop({ type: () => Number })
  heldBackSeats?: number;

  @prop({ type: () => Number })
  amountPaid?: number;

  /**
   * The fencing token: counts the batches that claimed the event. Every batch increments it first, so that two batches
   * of one event have a write conflict. The stored field keeps its old name for rolling upgrades.
   */
  @prop({ type: () => Number, required: true })
  turn!: number;

  /** The time of the last batch that claimed the event, by the database's clock. It never goes back. */
  @prop({ type: () => Date })
  claimedAt?: Date;

  /**
   * Counts how often a process waited until the event was unclaimed. Nobody reads it: writing it is how to wait. The
   * stored field keeps its old name; a turn was a claim.
   */
  @prop({ type: () => Number })
  turnsAwaited?: number;

  /** The ids of the last committed batches, newest last, to look up a commit whose result is unknown. */
  @prop({ type: () => [String], required: true })
  recentBatchIds!: string[];

  /** Counts the batches that changed a seat. */
  @prop({ type: () => Number, required: true })
  version!: number;

  @prop({ type: () => [SectionDocument], _id: false, required: true })
  sections!: SectionDocument[];

  @prop({ type: () => MoneyDocument, _id: false, default: null })
  price!: MoneyDocument | null;

  /** Absent in events of earlier releases, as the next five: their plan is derived, and they have no rules of their own. */
  @prop({ type: () => String })
  planId?: string | null;

  @prop({ type: () => Date })
  salesStartAt?: Date | null;

  @prop({ type: () => Date })
  salesEndAt?: Date | null;

  @prop({ type: () => String })
  orphanRule?: OrphanRule;

  @prop({ type: () => Number })
  seatsPerViewerMax?: number | null;

  /** Absent in events of earlier releases, as the next eight: they were published at once, and never changed. */
  @prop({ type: () => Boolean })
  isDraft?: boolean;

  @prop({ type: () => Boolean })
  isPaused?: boolean;

  @prop({ type: () => CancellationDocument, _id: false })
  cancellation?: CancellationDocument | null;

  @prop({ type: () => DateNoticeDocument, _id: false })
  dateNotice?: DateNoticeDocument | null;

  @prop({ type: () => Date })
  refundUntil?: Date | null;

  @prop({ type: () => String })
  venue?: string | null;

  @prop({ type: () => String })
  description?: string | null;

  @prop({ type: () => String })
  imageUrl?: string | null;

  @prop({ type: () => String })
  inputHash?: string | null;

  @prop({ type: () => Number })
  revision?: number;

  @prop({ type: () => String, required: true })
  organizerId!: string;

  /** Absent in events of earlier releases. */
  @prop({ type: () => Date })
  createdAt?: Date;
}
