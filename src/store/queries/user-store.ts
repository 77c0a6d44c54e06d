import DataLoader from 'dataloader';
import type { AccountUser, User, Users } from '../../account/user.js';
import type { Clock } from '../../core/clock.js';
import type { Database } from '../database.js';
import type { UserDocument } from '../models/user.model.js';
import { isDuplicateKey } from '../mongo-errors.js';
import { updateUser, userFrom } from './update-user.js';

/** How many users one query reads. */
const USERS_PER_READ_MAX = 1_000;

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

  setPassword(
    id: string,
    passwordHash: string,
    unlessEndedAfter: Date,
    validFrom: Date,
  ): Promise<User | null> {
    return updateUser(
      this.database,
      { _id: id, email: { $exists: true }, tokensValidFrom: { $lte: unlessEndedAfter } },
      { $set: { passwordHash, tokensValidFrom: validFrom } },
      this.clock.now(),
    );
  }

  endTokens(id: string, validFrom: Date): Promise<User | null> {
    return updateUser(this.database, { _id: id }, { $max: { tokensValidFrom: validFrom } }, this.clock.now());
  }
}
