import type { Guests, Merge } from '../../account/guests.js';
import { EmailInUse, type User } from '../../account/user.js';
import type { Clock } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { UserDocument } from '../models/user.model.js';
import { isDuplicateKey } from '../mongo-errors.js';
import { updateUser } from './update-user.js';

/** Idle guests that are checked at a time. */
const GUESTS_AT_ONCE_MAX = 500;
/** Later than every token: tokens that are valid from then on are never valid. */
const NEVER = new Date(8.64e15);
/** An account has an address; a guest has none. */
const NO_ADDRESS = { email: { $exists: false } } as const;

export class GuestStore implements Guests {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async insert({ id, tokensValidFrom }: User, until: Date): Promise<void> {
    const createdAt = tokensValidFrom;
    // Without an address and not with null: the index of addresses leaves out only users without the field.
    await this.database.users.create({ _id: id, tokensValidFrom, guestUntil: until, createdAt });
  }

  async keep(id: string, until: Date): Promise<void> {
    await this.database.users
      .updateOne({ _id: id, guestUntil: { $exists: true } }, { $max: { guestUntil: until } })
      .exec();
  }

  async name(id: string, email: string, passwordHash: string): Promise<User | null> {
    // A guest who is being merged has no valid token any more, but this call may be older than the merge.
    const filter = { _id: id, ...NO_ADDRESS, mergedInto: { $exists: false } };
    const update = { $set: { email, passwordHash }, $unset: { guestUntil: 1 as const } };
    try {
      return await updateUser(this.database, filter, update, this.clock.now());
    } catch (error) {
      throw isDuplicateKey(error) ? new EmailInUse() : error;
    }
  }

  async beginMerge(guestId: string, accountId: string, startedAt: Date, nextAt: Date): Promise<Merge | null> {
    const filter = { _id: guestId, ...NO_ADDRESS, mergedInto: { $in: [null, accountId] as string[] } };
    const update = {
      $set: {
        mergedInto: accountId,
        mergeStartedAt: startedAt,
        mergeDueAt: nextAt,
        tokensValidFrom: NEVER,
      },
      $unset: { guestUntil: 1 as const },
    };
    const guest = await updateUser(this.database, filter, update, startedAt);
    return guest && { guestId, accountId, startedAt };
  }

  async dueMerges(now: Date, max: number): Promise<Merge[]> {
    const guests = await this.database.users
      .find({ mergeDueAt: { $lte: now } })
      .sort({ mergeDueAt: 1 })
      .limit(max)
      .lean<UserDocument[]>()
      .exec();
    return guests.flatMap(({ _id, mergedInto, mergeStartedAt }) =>
      mergedInto === undefined || mergeStartedAt === undefined
        ? []
        : { guestId: _id, accountId: mergedInto, startedAt: mergeStartedAt },
    );
  }

  async postponeMerge(guestId: string, nextAt: Date): Promise<void> {
    await this.database.users
      .updateOne({ _id: guestId, mergeDueAt: { $exists: true } }, { mergeDueAt: nextAt })
      .exec();
  }

  async endMerge(guestId: string): Promise<void> {
    await this.database.users.deleteOne({ _id: guestId, mergeDueAt: { $exists: true } }).exec();
  }

  async deleteIdle(expiredBefore: Date): Promise<number> {
    const { users, bookings, payments, events } = this.database;
    for (let deleted = 0; ; ) {
      const idle = await users
        .find({ guestUntil: { $lte: expiredBefore } }, { _id: 1 })
        .sort({ guestUntil: 1 })
        .limit(GUESTS_AT_ONCE_MAX)
        .lean<UserDocument[]>()
        .exec();
      if (idle.length === 0) return deleted;
      const ids = idle.map(({ _id }) => _id);
      const owners = await Promise.all([
        bookings.distinct('userId', { userId: { $in: ids } }).exec(),
        payments.distinct('userId', { userId: { $in: ids } }).exec(),
        events.distinct('organizerId', { organizerId: { $in: ids } }).exec(),
      ]);
      const kept = new Set(owners.flat());
      // They are never looked at again.
      await users.updateMany({ _id: { $in: [...kept] } }, { $unset: { guestUntil: 1 } }).exec();
      const unused = ids.filter((id) => !kept.has(id));
      await users.deleteMany({ _id: { $in: unused }, guestUntil: { $lte: expiredBefore } }).exec();
      deleted += unused.length;
    }
  }
}
