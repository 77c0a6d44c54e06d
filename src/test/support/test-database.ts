import { randomUUID } from 'node:crypto';
import { Occupancies } from '../../store/batches/occupancies.js';
import type { Database } from '../../store/database.js';
import { openDatabase } from '../../store/open-database.js';
import { SeatingPlans } from '../../store/queries/seating-plans.js';
import { silent } from './fake-feed-source.js';
import { uriOf } from './test-app.js';

/** A new database in the run's replica set, for tests that need no server. The caller drops it. */
export function openTestDatabase(): Promise<Database> {
  return openDatabase(uriOf(`test_${randomUUID().slice(0, 8)}`), silent);
}

/** Drops the database and closes the connection. */
export async function dropTestDatabase(database: Database): Promise<void> {
  await database.connection.dropDatabase();
  await database.close();
}

/** The occupancies of a process of its own. */
export const occupanciesOf = (database: Database): Occupancies =>
  new Occupancies(database, new SeatingPlans(database));
