import { setTimeout as wait } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { Log } from '../../core/log.js';
import type { Database } from '../database.js';
import {
  applyPlan,
  type DeclaredCollection,
  fingerprintOf,
  type IndexPlan,
  indexesOf,
  isEmpty,
  planIndexes,
} from '../index-sync.js';
import type { MigrationDocument } from '../models/migration.model.js';
import type { Migration } from './migration.js';
import { MigrationLock } from './migration-lock.js';

/** How often a waiting process checks whether the other one is done. */
const POLL_MS = 500;
/** After an hour a waiting process fails, and its supervisor restarts it. */
const POLLS_MAX = 7_200;
const INDEXES_ID = 'indexes';
/** How many index fingerprints of server versions the database keeps, the newest ones. */
const FINGERPRINTS_MAX = 100;
const NAMESPACE_EXISTS = 48;

export interface Preparation {
  readonly database: Database;
  readonly declared: readonly DeclaredCollection[];
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
  /** A unique name of this process. */
  readonly owner: string;
  readonly log: Log;
}

/** Another process has taken over the migration, because this one did not renew its lock in time. */
export class MigrationLockLostError extends Error {}

/**
 * Prepares the database for this version before the server starts: collections, indexes, then data. If several processes
 * start at once, one does the work while the others wait. If it dies, the next one continues.
 *
 * @throws if a newer version has migrated the database and this one cannot work with it, and if a migration fails
 */
export async function prepareDatabase(preparation: Preparation): Promise<void> {
  const { database, owner, log } = preparation;
  const lock = new MigrationLock(database.leases.collection as never, owner);
  for (let polls = 0; ; polls++) {
    if (isDone(await remainingWork(preparation))) return;
    if (await lock.acquire()) break;
    if (polls === 0) log.info('Waiting for another process, which prepares the database');
    if (polls === POLLS_MAX) throw new Error('Another process has been preparing the database for an hour.');
    await wait(POLL_MS);
  }
  try {
    // Checked again, as another process may have finished just before.
    await doWork(preparation, await remainingWork(preparation));
  } finally {
    // If the lock cannot be released it expires, and the original error is more useful.
    await lock.release().catch(() => undefined);
  }
}

interface Work {
  readonly missingCollections: readonly string[];
  readonly plans: readonly { readonly collection: mongo.Collection; readonly plan: IndexPlan }[];
  /** Null if the database has had the indexes of this version before. */
  readonly newFingerprint: string | null;
  readonly migrations: readonly Migration[];
}

const isDone = ({ missingCollections, plans, newFingerprint, migrations }: Work): boolean =>
  missingCollections.length + plans.length + migrations.length === 0 && newFingerprint === null;

async function remainingWork({ database, declared, migrations, log }: Preparation): Promise<Work> {
  const db = dbOf(database);
  const [records, existing] = await Promise.all([
    recordsOf(database).find().toArray(),
    db.listCollections({}, { nameOnly: true }).toArray(),
  ]);
  const unknown = records.filter(({ _id }) => _id !== INDEXES_ID && !migrations.some(({ id }) => id === _id));
  requireOlderVersionsWork(unknown);

  const fingerprint = fingerprintOf(declared);
  const fingerprints = records.find(({ _id }) => _id === INDEXES_ID)?.fingerprints ?? [];
  const isOlder = fingerprints.includes(fingerprint) && fingerprints.at(-1) !== fingerprint;
  if (isOlder || unknown.length > 0) {
    const names = unknown.map(({ _id }) => _id);
    log.warn(
      { migrations: names },
      'A newer version has prepared this database; its indexes stay as they are',
    );
  }
  const names = new Set(existing.map(({ name }) => name));
  const plans = await Promise.all(
    declared.map(async ({ collection, indexes }) => {
      const there = names.has(collection.collectionName) ? await indexesOf(collection) : [];
      return { collection, plan: planIndexes(indexes, there, isOlder) };
    }),
  );
  const finished = new Set(records.filter(({ finishedAt }) => finishedAt != null).map(({ _id }) => _id));
  return {
    missingCollections: declared
      .map(({ collection }) => collection.collectionName)
      .filter((name) => !names.has(name)),
    plans: plans.filter(({ plan }) => !isEmpty(plan)),
    newFingerprint: fingerprints.includes(fingerprint) ? null : fingerprint,
    migrations: migrations.filter(({ id }) => !finished.has(id)),
  };
}

function requireOlderVersionsWork(unknown: readonly MigrationDocument[]): void {
  const breaking = unknown.find(({ olderVersionsWork }) => olderVersionsWork !== true);
  if (breaking === undefined) return;
  throw new Error(
    `A newer version of the server has migrated this database (${breaking._id}), and this version cannot work with the ` +
      'result. Start the newer version, or restore a backup from before it.',
  );
}

async function doWork(preparation: Preparation, work: Work): Promise<void> {
  const { database, log } = preparation;
  const db = dbOf(database);
  for (const name of work.missingCollections) {
    await db.createCollection(name).catch((error) => {
      if (error.code !== NAMESPACE_EXISTS) throw error;
    });
  }
  for (const { collection, plan } of work.plans) await applyPlan(db, collection, plan, log);
  if (work.newFingerprint !== null) {
    const $each = [work.newFingerprint];
    await recordsOf(database).updateOne(
      { _id: INDEXES_ID },
      { $push: { fingerprints: { $each, $slice: -FINGERPRINTS_MAX } } } as never,
      { upsert: true },
    );
  }
  for (const migration of work.migrations) await migrate(preparation, migration);
}

async function migrate({ database, owner, log }: Preparation, migration: Migration): Promise<void> {
  const { id, olderVersionsWork } = migration;
  const records = recordsOf(database);
  // Written before anything is changed, so that older versions notice.
  const record = await records.findOneAndUpdate(
    { _id: id },
    [
      {
        $set: {
          olderVersionsWork,
          owner: { $literal: owner },
          startedAt: { $ifNull: ['$startedAt', '$$NOW'] },
          progress: { $ifNull: ['$progress', null] },
          finishedAt: null,
        },
      },
    ],
    { upsert: true, returnDocument: 'after' },
  );
  const set = async (changes: object) => {
    const { matchedCount } = await records.updateOne({ _id: id, owner }, [{ $set: changes }]);
    if (matchedCount === 0) throw new MigrationLockLostError(`Another process continues migration ${id}.`);
  };
  const startedMs = performance.now();
  try {
    await migration.run({
      database,
      progress: record?.progress ?? null,
      saveProgress: (progress) => set({ progress: { $literal: progress } }),
    });
    await set({ finishedAt: '$$NOW' });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Migration ${id} failed (${reason}). The next start continues where it stopped.`, {
      cause,
    });
  }
  log.info({ migration: id, durationMs: Math.round(performance.now() - startedMs) }, 'Migrated the database');
}

const recordsOf = ({ migrations }: Database) =>
  migrations.collection as unknown as mongo.Collection<MigrationDocument>;

const dbOf = ({ connection }: Database) => connection.db as unknown as mongo.Db;
