import { randomUUID } from 'node:crypto';
import { MAIL_KINDS } from '../booking/mail-messages.js';
import type { ClaimedMessage, OutboxStore, SentMessages } from '../booking/outbox.js';
import { CLAIM_MS, firstClaimOf } from '../booking/outbox.js';
import { mustBeSent, type OutboxMessage } from '../booking/outbox-messages.js';
import type { Clock } from '../core/clock.js';
import type { Database } from './database.js';
import type { OutboxDocument } from './models/outbox.model.js';
import { SENT_MESSAGES_KEPT_SECONDS, SENT_REFUNDS_KEPT_SECONDS } from './retention.js';

/** Counting stops here. */
const COUNTED_MAX = 10_000;
const ERROR_CHARS_MAX = 500;

/** The messages that are to be sent, in the database. */
export class Outbox implements OutboxStore, SentMessages {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async claimDue(kinds: readonly OutboxMessage['kind'][], limit: number): Promise<ClaimedMessage[]> {
    const { outbox } = this.database;
    const now = this.clock.now();
    const due = { state: 'waiting', kind: { $in: [...kinds] }, dueAt: { $lte: now } } as const;
    const found = await outbox.find(due, { _id: 1 }).sort({ dueAt: 1 }).limit(limit).lean().exec();
    if (found.length === 0) return [];
    const claimId = randomUUID();
    const ids = found.map(({ _id }) => _id);
    const claim = { $set: { dueAt: claimEnd(now), claimId }, $inc: { claims: 1 } };
    await outbox.updateMany({ _id: { $in: ids }, ...due }, claim).exec();
    const claimed = await outbox
      .find({ _id: { $in: ids }, claimId })
      .lean<OutboxDocument[]>()
      .exec();
    return claimed.map(claimedFrom);
  }

  async done(ids: readonly string[]): Promise<void> {
    const now = this.clock.now().getTime();
    const after = (seconds: number) => new Date(now + seconds * 1_000);
    const isRefund = { $eq: ['$kind', 'refundShare' satisfies OutboxMessage['kind']] };
    const deleteAt = {
      $cond: [isRefund, after(SENT_REFUNDS_KEPT_SECONDS), after(SENT_MESSAGES_KEPT_SECONDS)],
    };
    // Whoever holds the claim now: what was sent is sent. A refund that has failed meanwhile stays failed.
    await this.database.outbox.collection.updateMany(
      { _id: { $in: ids as string[] }, state: 'waiting' } as object,
      [{ $set: { state: 'done', deleteAt } }],
    );
  }

  async postpone(claimed: ClaimedMessage, dueAt: Date, failures: number, error: string): Promise<void> {
    const change = { dueAt, failures, error: shortened(error) };
    await this.database.outbox.updateOne(stillClaimed(claimed), { $set: change }).exec();
  }

  async giveUp(claimed: ClaimedMessage, error: string): Promise<void> {
    const change = { state: 'failed', error: shortened(error) };
    const deleteAt = new Date(this.clock.now().getTime() + SENT_MESSAGES_KEPT_SECONDS * 1_000);
    const isKept = mustBeSent(claimed.message);
    await this.database.outbox
      .updateOne(stillClaimed(claimed), { $set: isKept ? change : { ...change, deleteAt } })
      .exec();
  }

  async add(message: OutboxMessage): Promise<ClaimedMessage> {
    const { _id, ...document } = outboxDocument(message, this.clock.now());
    await this.database.outbox.updateOne({ _id }, { $setOnInsert: document }, { upsert: true }).exec();
    return firstClaimOf(message);
  }

  async failSent(id: string, error: string): Promise<boolean> {
    const change = { $set: { state: 'failed', error: shortened(error) }, $unset: { deleteAt: 1 } } as const;
    const result = await this.database.outbox.updateOne({ _id: id, state: { $ne: 'failed' } }, change).exec();
    return result.modifiedCount > 0;
  }

  async isWaiting(id: string): Promise<boolean> {
    return (await this.database.outbox.exists({ _id: id, state: 'waiting' }).exec()) !== null;
  }

  countWaiting(): Promise<number> {
    return this.#count({ state: 'waiting' });
  }

  /** Those that somebody must look at. */
  countFailed(): Promise<number> {
    return this.#count({ state: 'failed', kind: { $nin: [...MAIL_KINDS] } });
  }

  #count(query: object): Promise<number> {
    return this.database.outbox.countDocuments(query).limit(COUNTED_MAX).exec();
  }
}

/** A new message, which the process that writes it sends itself. If it dies, the job sends it after the claim's end. */
export function outboxDocument({ id, kind, ...content }: OutboxMessage, now: Date): OutboxDocument {
  return {
    _id: id,
    kind,
    content,
    state: 'waiting',
    claims: 1,
    failures: 0,
    dueAt: claimEnd(now),
    createdAt: now,
  };
}

const claimedFrom = ({ _id, kind, content, claims, failures }: OutboxDocument): ClaimedMessage => ({
  message: { id: _id, kind, ...content } as OutboxMessage,
  claims,
  failures,
});

const stillClaimed = ({ message, claims }: ClaimedMessage) =>
  ({ _id: message.id, state: 'waiting', claims }) as const;

const claimEnd = (now: Date): Date => new Date(now.getTime() + CLAIM_MS);

const shortened = (text: string): string => text.slice(0, ERROR_CHARS_MAX);
