import type { mongo } from 'mongoose';
import { Tokens } from '../../src/account/tokens.js';
import { systemClock } from '../../src/core/clock.js';
import { newUserId } from '../../src/core/ids.js';
import type { UserDocument } from '../../src/store/models/user.model.js';

const TOKEN_TTL_MS = 24 * 60 * 60 * 1000;

/** Users inserted into the database directly, so that hashing passwords is not measured. They are reused. */
export class Users {
  readonly #tokens: string[] = [];
  readonly #issuer: Tokens;

  constructor(
    private readonly database: mongo.Db,
    tokenSecret: string,
  ) {
    this.#issuer = new Tokens(tokenSecret, TOKEN_TTL_MS, systemClock);
  }

  /**
   * @param skipped how many users to skip, because they already hold their maximum of seats
   * @returns the tokens of so many users, the same ones each time
   */
  async tokens(count: number, skipped: number): Promise<readonly string[]> {
    const end = skipped + count;
    const now = new Date();
    const documents = Array.from({ length: Math.max(0, end - this.#tokens.length) }, (): UserDocument => {
      const _id = newUserId();
      return {
        _id,
        email: `${_id}@example.com`,
        passwordHash: 'none',
        tokensValidFrom: now,
        createdAt: now,
      };
    });
    if (documents.length > 0) await this.database.collection<UserDocument>('users').insertMany(documents);
    for (const { _id } of documents) this.#tokens.push((await this.#issuer.issue(_id, now)).token);
    return this.#tokens.slice(skipped, end);
  }
}
