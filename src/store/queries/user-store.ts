import DataLoader from 'dataloader';
import type { mongo, QueryFilter, UpdateQuery } from 'mongoose';
import { type AccountUser, EmailInUse, type User, type Users } from '../../account/user.js';
import type { Clock } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { ChangeDocument } from '../models/change.model.js';
import type { UserDocument } from '../models/user.model.js';
import { isDuplicateKey } from '../mongo-errors.js';

/** How many users one query reads. */
const USERS_PER_READ_MAX = 1_000;
/** How long a change that every process must learn of is retried. */
const CHANGE_MS_MAX = 10_000;

export class UserStore implements Users {
  /** Look-ups within one iteration of the event loop share a query. */
  readonly #byId: DataLoader<string, User | null>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    this.#byId = new DataLoader((ids) => this.#findAll(ids), {
      cache: false,
      maxBatchSize: USERS_PER_READ_MAX,
      batchScheduleFn: (read) => setImmediate(read),
    });
  }

  async insert({ id, email, passwordHash, tokensValidFrom }: AccountUser): Promise<boolean> {
    try {
      const createdAt = tokensValidFrom;
      await this.database.users.create({ _id: id, email, passwordHash, tokensValidFrom, createdAt });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async insertGuest({ id, tokensValidFrom }: User, until: Date): Promise<void> {
    const createdAt = tokensValidFrom;
    // Without an address and not with null: the index of addresses leaves out only users without the field.
    await this.database.users.create({ _id: id, tokensValidFrom, guestUntil: until, createdAt });
  }

  async keepGuest(id: string, until: Date): Promise<void> {
    await this.database.users
      .updateOne({ _id: id, guestUntil: { $exists: true } }, { $max: { guestUntil: until } })
      .exec();
  }

  async nameGuest(id: string, email: string, passwordHash: string): Promise<User | null> {
    try {
      const update = { $set: { email, passwordHash }, $unset: { guestUntil: 1 as const } };
      return await this.#updateAndNotify({ _id: id, email: { $exists: false } }, update);
    } catch (error) {
      throw isDuplicateKey(error) ? new EmailInUse() : error;
    }
  }

  async findByEmail(forms: readonly string[]): Promise<User | null> {
    const documents = await this.database.users
      .find({ email: { $in: [...forms] } })
      .lean<UserDocument[]>()
      .exec();
    const byEmail = new Map(documents.map((document) => [document.email, document]));
    const form = forms.find((each) => byEmail.has(each));
    return form === undefined ? null : userFrom(byEmail.get(form) ?? null);
  }

  async replacePasswordHash(id: string, before: string, after: string): Promise<void> {
    await this.database.users.updateOne({ _id: id, passwordHash: before }, { passwordHash: after }).exec();
  }

  find(id: string): Promise<User | null> {
    return this.#byId.load(id);
  }

  async #findAll(ids: readonly string[]): Promise<(User | null)[]> {
    const documents = await this.database.users
      .find({ _id: { $in: [...new Set(ids)] } })
      .lean<UserDocument[]>()
      .exec();
    const byId = new Map(documents.map((document) => [document._id, userFrom(document)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  endTokens(id: string, validFrom: Date): Promise<User | null> {
    return this.#updateAndNotify({ _id: id }, { $max: { tokensValidFrom: validFrom } });
  }

  /** Writes user and change in one transaction, so that every process learns of the change. */
  async #updateAndNotify(
    filter: QueryFilter<UserDocument>,
    update: UpdateQuery<UserDocument>,
  ): Promise<User | null> {
    let user: UserDocument | null = null;
    const updateThem = async (session: mongo.ClientSession) => {
      user = await this.database.users
        .findOneAndUpdate(filter, update, { session, returnDocument: 'after' })
        .lean<UserDocument>()
        .exec();
      if (user === null) return;
      const change: ChangeDocument = {
        eventId: null,
        version: null,
        seats: [],
        reservations: [],
        loggedOutUserId: user._id,
        at: this.clock.now(),
      };
      await this.database.changes.collection.insertOne(change as never, { session });
    };
    await this.database.client.withSession((session) =>
      session.withTransaction(updateThem, {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        // Without a limit the driver would retry for two minutes.
        timeoutMS: CHANGE_MS_MAX,
      }),
    );
    return userFrom(user);
  }
}

function userFrom(document: UserDocument | null): User | null {
  if (document === null) return null;
  const { _id, email = null, passwordHash = null, tokensValidFrom } = document;
  return { id: _id, email, passwordHash, tokensValidFrom };
}
