import type { mongo, QueryFilter, UpdateQuery } from 'mongoose';
import type { User } from '../../account/user.js';
import type { Database } from '../database.js';
import type { ChangeDocument } from '../models/change.model.js';
import type { UserDocument } from '../models/user.model.js';

/** How long the change of a user is retried. */
const UPDATE_MS_MAX = 10_000;

/**
 * Changes a user in a transaction with a document in `changes`, so that every process learns of it.
 *
 * @returns the changed user, or null if none matches
 */
export async function updateUser(
  database: Database,
  filter: QueryFilter<UserDocument>,
  update: UpdateQuery<UserDocument>,
  at: Date,
): Promise<User | null> {
  let user: UserDocument | null = null;
  const run = async (session: mongo.ClientSession) => {
    user = await database.users
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
      at,
    };
    await database.changes.collection.insertOne(change as never, { session });
  };
  await database.client.withSession((session) =>
    session.withTransaction(run, {
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority' },
      // Without a limit the driver would retry for two minutes.
      timeoutMS: UPDATE_MS_MAX,
    }),
  );
  return userFrom(user);
}

export function userFrom(document: UserDocument | null): User | null {
  if (document === null) return null;
  const { _id, email = null, passwordHash = null, tokensValidFrom } = document;
  return { id: _id, email, passwordHash, tokensValidFrom };
}
