import DataLoader from 'dataloader';
import type { mongo } from 'mongoose';
import type { User, Users } from '../../account/user.js';
import type { Database } from '../database.js';
import type { ChangeDocument } from '../models/change.model.js';
import type { UserDocument } from '../models/user.model.js';
import { isDuplicateKey } from '../mongo-errors.js';

/** How many users one query reads. */
const USERS_PER_READ_MAX = 1_000;
/** How long a log-out everywhere is retried. */
const LOG_OUT_MS_MAX = 10_000;

export class UserStore implements Users {
  /** Look-ups within one iteration of the event loop share a query. */
  readonly #byId: DataLoader<string, User | null>;

  constructor(private readonly database: Database) {
    this.#byId = new DataLoader((ids) => this.#findAll(ids), {
      cache: false,
      maxBatchSize: USERS_PER_READ_MAX,
      batchScheduleFn: (read) => setImmediate(read),
    });
  }

  async insert({ id, ...rest }: User): Promise<boolean> {
    try {
      await this.database.users.create({ _id: id, ...rest, createdAt: rest.tokensValidFrom });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
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

  /** Writes user and change in one transaction, so that every process is notified of the ended tokens. */
  async endTokens(id: string, validFrom: Date): Promise<User | null> {
    let user: UserDocument | null = null;
    const endThem = async (session: mongo.ClientSession) => {
      user = await this.database.users
        .findByIdAndUpdate(id, { $max: { tokensValidFrom: validFrom } }, { session, returnDocument: 'after' })
        .lean<UserDocument>()
        .exec();
      if (user === null) return;
      const change: ChangeDocument = {
        eventId: null,
        version: null,
        seats: [],
        reservations: [],
        loggedOutUserId: id,
        at: validFrom,
      };
      await this.database.changes.collection.insertOne(change as never, { session });
    };
    await this.database.client.withSession((session) =>
      session.withTransaction(endThem, {
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        // Without a limit the driver would retry for two minutes.
        timeoutMS: LOG_OUT_MS_MAX,
      }),
    );
    return userFrom(user);
  }
}

function userFrom(document: UserDocument | null): User | null {
  if (document === null) return null;
  const { _id, email, passwordHash, tokensValidFrom } = document;
  return { id: _id, email, passwordHash, tokensValidFrom };
}
