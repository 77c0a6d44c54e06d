import { mongo } from 'mongoose';
import type { Database } from '../database.js';

/**
 * One command to the database, inside a transaction. Plain, as what the driver's cursors and bulk writes do beside costs
 * as much as most of a batch's answers.
 *
 * @throws what the database says, also of a single document that it refuses: the transaction is over then
 */
export async function runStatement(
  { connection }: Database,
  session: mongo.ClientSession,
  command: mongo.Document,
): Promise<mongo.Document> {
  // mongoose has its own copy of the driver's types.
  const db = connection.db as unknown as mongo.Db;
  const answer = await db.command(command, { session });
  const [refused] = (answer.writeErrors ?? []) as mongo.ErrorDescription[];
  if (refused !== undefined) throw new mongo.MongoServerError(refused);
  return answer;
}
