import type { mongo } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { newProcessId } from '../../core/ids.js';
import type { Log } from '../../core/log.js';
import { silent } from '../../test/support/fake-feed-source.js';
import { dropTestDatabase, openTestDatabase } from '../../test/support/test-database.js';
import type { Database } from '../database.js';
import type { DeclaredIndex } from '../index-sync.js';
import type { Migration } from './migration.js';
import { type Preparation, prepareDatabase } from './prepare-database.js';

let database: Database;
let db: mongo.Db;
let things: mongo.Collection<{ _id: string; at?: Date; kind?: string }>;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.connection.db as unknown as mongo.Db;
  things = db.collection('things');
});
afterAll(() => dropTestDatabase(database));
beforeEach(async () => {
  await database.migrations.deleteMany({});
  await database.leases.deleteMany({});
  await things.drop();
});

const prepare = (part: Partial<Preparation> & { readonly indexes?: readonly DeclaredIndex[] } = {}) => {
  const { indexes = [], ...rest } = part;
  const declared = [{ collection: things as never, indexes }];
  return prepareDatabase({
    database,
    declared,
    migrations: [],
    owner: newProcessId(),
    log: silent,
    ...rest,
  });
};

/** All indexes but MongoDB's own, without their version. */
const indexesThere = async () =>
  (await things.indexes()).filter(({ name }) => name !== '_id_').map(({ v, ...index }) => index);

const migration = (id: string, run: Migration['run'], olderVersionsWork = true): Migration => ({
  id,
  olderVersionsWork,
  run,
});

/** A log in which a test can wait for a message. */
function logWaitingFor(sentence: string): { log: Log; logged: Promise<void> } {
  let resolveLogged = () => {};
  const logged = new Promise<void>((resolve) => {
    resolveLogged = resolve;
  });
  const say = (_facts: unknown, message?: string) => {
    if (`${message ?? _facts}`.startsWith(sentence)) resolveLogged();
  };
  return { log: { ...silent, info: say, warn: say } as Log, logged };
}

describe('indexes', () => {
  const TTL: DeclaredIndex = { key: { at: 1 }, expireAfterSeconds: 60 };

  test('that exist as declared are left alone, and a start that has nothing to do takes no lock', async () => {
    await prepare({ indexes: [TTL] });
    await database.leases.deleteMany({});
    await prepare({ indexes: [TTL] });
    expect(await indexesThere()).toEqual([{ name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60 }]);
    expect(await database.leases.countDocuments()).toBe(0);
  });

  test('with another retention time are changed in place', async () => {
    await prepare({ indexes: [TTL] });
    await prepare({ indexes: [{ ...TTL, expireAfterSeconds: 120 }] });
    expect(await indexesThere()).toEqual([{ name: 'at_1', key: { at: 1 }, expireAfterSeconds: 120 }]);
  });

  test('that start or stop to delete documents are', async () => {
    await prepare({ indexes: [{ key: { at: 1 } }] });
    await prepare({ indexes: [TTL] });
    expect(await indexesThere()).toEqual([{ name: 'at_1', key: { at: 1 }, expireAfterSeconds: 60 }]);
    await prepare({ indexes: [{ key: { at: 1 } }, { key: { kind: 1 } }] });
    expect(await indexesThere()).toEqual([
      { name: 'at_1', key: { at: 1 } },
      { name: 'kind_1', key: { kind: 1 } },
    ]);
  });

  test('with other options are built before the old ones are dropped: uniqueness is guarded at all times', async () => {
    const unique = { key: { kind: 1 }, unique: true } as const;
    await prepare({ indexes: [unique] });
    const partial = { ...unique, partialFilterExpression: { kind: { $in: ['a', 'b'] } } };
    const atDrop: unknown[] = [];
    const collection: typeof things = db.collection('things');
    const dropIndex = collection.dropIndex.bind(collection);
    collection.dropIndex = async (name) => {
      atDrop.push([name, (await indexesThere()).map((index) => index.partialFilterExpression !== undefined)]);
      return dropIndex(name);
    };
    await prepare({ declared: [{ collection: collection as never, indexes: [partial] }] });
    expect(atDrop).toEqual([['kind_1', [false, true]]]);
    expect(await indexesThere()).toMatchObject([partial]);
    // Its name differs, but it is the declared one.
    await prepare({ indexes: [partial] });
    expect(await indexesThere()).toMatchObject([partial]);
  });

  test('that cannot be built leave the old one, and the start’s error names them and the reason', async () => {
    await prepare({ indexes: [{ key: { kind: 1 } }] });
    await things.insertMany([
      { _id: '1', kind: 'a' },
      { _id: '2', kind: 'a' },
    ]);
    await expect(prepare({ indexes: [{ key: { kind: 1 }, unique: true }] })).rejects.toThrow(
      /kind_1\S* of things cannot be built: .*duplicate key/,
    );
    expect(await indexesThere()).toEqual([{ name: 'kind_1', key: { kind: 1 } }]);
  });

  test('that another process has dropped in the meantime are no error: this process had lost its lock', async () => {
    await prepare({ indexes: [{ key: { kind: 1 } }] });
    const collection: typeof things = db.collection('things');
    const dropIndex = collection.dropIndex.bind(collection);
    collection.dropIndex = async (name) => {
      await dropIndex(name);
      return dropIndex(name);
    };
    const unique: DeclaredIndex = { key: { kind: 1 }, unique: true };
    await prepare({ declared: [{ collection: collection as never, indexes: [unique] }] });
    expect(await indexesThere()).toMatchObject([unique]);
  });

  test('of an operator stay', async () => {
    await things.createIndex({ _id: 1, kind: 1 }, { name: 'made by an operator' });
    await prepare({ indexes: [TTL] });
    await prepare({ indexes: [{ ...TTL, expireAfterSeconds: 120 }] });
    expect((await indexesThere()).map(({ name }) => name)).toContain('made by an operator');
  });

  test('that an operator dropped exist again after the next start', async () => {
    await prepare({ indexes: [TTL] });
    await things.dropIndex('at_1');
    await prepare({ indexes: [TTL] });
    expect(await indexesThere()).toHaveLength(1);
  });

  test('of a newer version are left unchanged by an older one, which logs that and creates missing ones', async () => {
    const older: DeclaredIndex[] = [TTL, { key: { kind: 1 } }];
    await prepare({ indexes: older });
    await prepare({ indexes: [{ ...TTL, expireAfterSeconds: 120 }] });
    await things.dropIndex('kind_1');
    const { log, logged } = logWaitingFor('A newer version has prepared this database');
    await prepare({ indexes: older, log });
    await logged;
    expect((await indexesThere()).map(({ key, expireAfterSeconds }) => [key, expireAfterSeconds])).toEqual([
      [{ at: 1 }, 120],
      [{ kind: 1 }, undefined],
    ]);
  });
});

describe('a migration', () => {
  test('is run once, in its order, and recorded', async () => {
    const ran: string[] = [];
    const one = migration('1', async () => void ran.push('1'));
    const two = migration('2', async () => void ran.push('2'));
    await prepare({ migrations: [one] });
    await prepare({ migrations: [one, two] });
    await prepare({ migrations: [one, two] });
    expect(ran).toEqual(['1', '2']);
    expect(await database.migrations.find({ _id: { $in: ['1', '2'] } }).lean()).toMatchObject([
      { _id: '1', startedAt: expect.any(Date), finishedAt: expect.any(Date) },
      { _id: '2', startedAt: expect.any(Date), finishedAt: expect.any(Date) },
    ]);
  });

  test('that fails ends the start, and the next start continues from its saved progress', async () => {
    const progresses: (string | null)[] = [];
    let isBroken = true;
    const halfWay = migration('half-way', async ({ progress, saveProgress }) => {
      progresses.push(progress);
      if (progress === null) await saveProgress('$a');
      if (isBroken) throw new Error('the disk is full');
      await saveProgress('b');
    });
    await expect(prepare({ migrations: [halfWay] })).rejects.toThrow(/half-way failed \(the disk is full\)/);
    isBroken = false;
    await prepare({ migrations: [halfWay] });
    expect(progresses).toEqual([null, '$a']);
    expect(await database.migrations.findById('half-way').lean()).toMatchObject({ progress: 'b' });
  });

  test('is run by one of eight processes that start at once, and the others are ready only after it', async () => {
    let runs = 0;
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = migration('slow', async () => {
      runs += 1;
      await finished;
    });
    const logs = Array.from({ length: 8 }, () => logWaitingFor('Waiting for another process'));
    let served = 0;
    const starts = logs.map(async ({ log }) => {
      await prepare({ migrations: [slow], log });
      served += 1;
    });
    // All but the one that runs it.
    let waiting = 0;
    for (const { logged } of logs) void logged.then(() => (waiting += 1));
    await expect.poll(() => [waiting, runs]).toEqual([7, 1]);
    expect(served).toBe(0);
    finish();
    await Promise.all(starts);
    expect(runs).toBe(1);
  });

  test('of a dead process is continued by another once its lock has expired by the database’s clock', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000);
    await database.leases.collection.insertOne({
      _id: 'migrations',
      owner: 'dead',
      until: inAnHour,
    } as never);
    await database.migrations.collection.insertOne({
      _id: 'started',
      owner: 'dead',
      olderVersionsWork: true,
      progress: 'half',
      finishedAt: null,
    } as never);
    const progresses: (string | null)[] = [];
    const { log, logged } = logWaitingFor('Waiting for another process');
    const start = prepare({
      log,
      migrations: [migration('started', async ({ progress }) => void progresses.push(progress))],
    });
    await logged;
    expect(progresses).toEqual([]);
    await database.leases.updateOne({ _id: 'migrations' }, { until: new Date(0) });
    await start;
    expect(progresses).toEqual(['half']);
  });

  test('that another process has taken over is no longer written by the slow one', async () => {
    const taken = migration('taken', async ({ saveProgress }) => {
      await database.migrations.updateOne({ _id: 'taken' }, { owner: 'another', progress: 'theirs' });
      await saveProgress('mine');
    });
    await expect(prepare({ migrations: [taken] })).rejects.toThrow(/Another process continues/);
    expect(await database.migrations.findById('taken').lean()).toMatchObject({
      progress: 'theirs',
      finishedAt: null,
    });
  });
});

describe('an older version', () => {
  test('starts after a migration that both versions work with, and logs that', async () => {
    await prepare({ migrations: [migration('newer', async () => undefined)] });
    const { log, logged } = logWaitingFor('A newer version has prepared this database');
    await prepare({ log });
    await logged;
  });

  test('does not start if it cannot work with the migrated data, from the migration’s start on', async () => {
    let refusal: unknown;
    const breaking = migration(
      'breaking',
      async () => {
        refusal = await prepare().catch((error) => error.message);
      },
      false,
    );
    await prepare({ migrations: [breaking] });
    expect(refusal).toMatch(/newer version of the server has migrated this database \(breaking\)/);
    await expect(prepare()).rejects.toThrow(/Start the newer version, or restore a backup/);
  });
});
