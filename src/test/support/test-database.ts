import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '../../store/database.js';
import { silent } from './fake-feed-source.js';
import { uriOf } from './test-app.js';

/** A database of its own on the run's replica set, for what needs no server. Whoever opens it drops it. */
export function openTestDatabase(): Promise<Database> {
  return openDatabase(uriOf(`test_${randomUUID().slice(0, 8)}`), silent);
}

/** Leaves nothing of it behind, and closes it. */
export async function dropTestDatabase(database: Database): Promise<void> {
  await database.connection.dropDatabase();
  await database.close();
}
