import { mongo } from 'mongoose';
import type { Database } from '../database.js';

/**
 * Runs one database command inside a transaction. It avoids the driver's cursors and bulk writes, whose overhead costs
 * as much as most of a batch's answers.
 *
 * @throws the database's error, also for a single refused document; the transaction has ended then
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
