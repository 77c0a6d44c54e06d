import type { DateNotices } from '../booking/date-notices.js';
import { EVENT_ORGANIZER } from '../booking/lock.js';
import { type MailNewDate, newDateMail } from '../booking/mail-messages.js';
import { type ClaimedMessage, firstClaimOf } from '../booking/outbox.js';
import type { DateNotice } from '../catalog/event.js';
import type { Clock } from '../core/clock.js';
import type { Database } from './database.js';
import { outboxDocument } from './outbox.js';

/** Bookings of buyers that one step reads. */
const BOOKINGS_PER_STEP_MAX = 200;
/** Mails that one command writes. */
const MAILS_PER_WRITE_MAX = 200;

/**
 * Goes through the buyers of an event in the order of their ids; the event says how far that is. The first step also has the
 * guests of all invitations.
 */
export class StoredDateNotices implements DateNotices {
  /** @param storesMails whether mails wait in the outbox; otherwise they are sent at most once */
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly storesMails: boolean,
  ) {}

  async next(eventId: string): Promise<{ mails: ClaimedMessage[]; hasMore: boolean }> {
    const { events, bookings } = this.database;
    const event = await events.findById(eventId, { dateNotice: 1, cancellation: 1 }).lean().exec();
    const notice = event?.dateNotice;
    if (!notice) return { mails: [], hasMore: false };
    // Buyers of a cancelled event are mailed that it is cancelled.
    if (event.cancellation) {
      await this.#advance(eventId, notice, null);
      return { mails: [], hasMore: false };
    }
    const { revision, afterUserId } = notice;
    const found = await bookings
      .find(
        { eventId, userId: { $gt: afterUserId ?? '', $ne: EVENT_ORGANIZER }, status: 'confirmed' },
        { userId: 1 },
      )
      .sort({ userId: 1 })
      .limit(BOOKINGS_PER_STEP_MAX)
      .lean()
      .exec();
    const hasMore = found.length === BOOKINGS_PER_STEP_MAX;
    const buyers = [...new Map(found.map((each) => [each.userId, each])).values()];
    const invitations = afterUserId === null ? await this.#invitationsOf(eventId) : [];
    const recipients = [
      ...invitations.map((invitationId) => ({ userId: EVENT_ORGANIZER, invitationId })),
      ...buyers.map(({ _id: bookingId, userId }) => ({ userId, bookingId })),
    ];
    const mails = recipients.map((recipient) => newDateMail(eventId, revision, recipient));
    const added = this.storesMails ? await this.#store(mails) : mails;
    const lastUserId = buyers.at(-1)?.userId ?? null;
    await this.#advance(eventId, notice, hasMore ? { revision, afterUserId: lastUserId } : null);
    return { mails: added.map(firstClaimOf), hasMore };
  }

  /** Another process may be further, or the date may have changed again. Then nothing is written. */
  async #advance(eventId: string, from: DateNotice, to: DateNotice | null): Promise<void> {
    const asRead = {
      _id: eventId,
      'dateNotice.revision': from.revision,
      'dateNotice.afterUserId': from.afterUserId,
    };
    await this.database.events.updateOne(asRead, { $set: { dateNotice: to } }).exec();
  }

  /** The payments of invitations: all have the same user, and each has the address of its guest. At most one for each seat. */
  async #invitationsOf(eventId: string): Promise<string[]> {
    const confirmed = { eventId, isInvitation: true, status: 'confirmed' } as const;
    return this.database.bookings.distinct('paymentId', confirmed).exec();
  }

  /** @returns those that were not there yet: what an interrupted step has written is sent by the job */
  async #store(mails: readonly MailNewDate[]): Promise<MailNewDate[]> {
    const added: MailNewDate[] = [];
    for (let first = 0; first < mails.length; first += MAILS_PER_WRITE_MAX) {
      const part = mails.slice(first, first + MAILS_PER_WRITE_MAX);
      const upserts = part.map((mail) => {
        const { _id, ...document } = outboxDocument(mail, this.clock.now());
        return { updateOne: { filter: { _id }, update: { $setOnInsert: document }, upsert: true } };
      });
      const { upsertedIds } = await this.database.outbox.collection.bulkWrite(upserts as never[], {
        ordered: false,
      });
      added.push(...part.filter((_, index) => upsertedIds[index] !== undefined));
    }
    return added;
  }
}
