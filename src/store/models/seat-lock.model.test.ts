import type { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEventId, newLockId } from '../../core/ids.js';
import { silent } from '../../test/support/fake-feed-source.js';
import { uriOf } from '../../test/support/test-app.js';
import { dropTestDatabase, openTestDatabase } from '../../test/support/test-database.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../mongo-errors.js';
import { openDatabase } from '../open-database.js';

/** A database of the release before held-back seats, which a server of that release still uses. */
let database: Database;
let locks: mongo.Collection<{ _id: string }>;
const KEY = { eventId: 1, seatNumber: 1 } as const;
const FORMER = { status: { $in: ['active', 'used'] } };
const eventId = newEventId();
const lock = (status: string, seatNumber = 1) => ({
  _id: newLockId(eventId),
  eventId,
  seatNumber,
  userId: 'ann',
  status,
  createdAt: new Date(),
  expiresAt: new Date('2100-01-01'),
});

beforeAll(async () => {
  database = await openTestDatabase();
  locks = database.locks.collection as unknown as mongo.Collection<{ _id: string }>;
  await locks.insertMany(Array.from({ length: 2_000 }, (_, index) => lock('active', index + 1)));
  const unique = (await locks.indexes()).filter(
    ({ key }) => Object.keys(key).join() === 'eventId,seatNumber',
  );
  await locks.createIndex(KEY, { name: 'former', unique: true, partialFilterExpression: FORMER });
  for (const { name } of unique) await locks.dropIndex(name as string);
  await database.migrations.deleteMany({});
});
afterAll(() => dropTestDatabase(database));

test('two servers that start at once replace the unique index of live locks, and no seat gets a second one meanwhile', async () => {
  let isDone = false;
  let refused = 0;
  const sellTwice = async () => {
    while (!isDone) {
      await expect(locks.insertOne(lock('active'))).rejects.toSatisfy(isDuplicateKey);
      refused += 1;
    }
  };
  const selling = sellTwice();
  const started = await Promise.all([1, 2].map(() => openDatabase(uriOf(database.connection.name), silent)));
  isDone = true;
  await selling;
  for (const other of started) await other.close();
  expect(refused).toBeGreaterThan(0);
  await expect(locks.insertOne(lock('heldBack'))).rejects.toSatisfy(isDuplicateKey);

  const unique = (await locks.indexes()).filter((index) => index.unique === true);
  expect(unique.map(({ partialFilterExpression }) => partialFilterExpression)).toEqual([
    { status: { $in: ['active', 'used', 'heldBack'] } },
  ]);
  // The server of the earlier release asks for fewer statuses, and is served by the new index.
  const { queryPlanner } = await locks.find({ eventId, seatNumber: { $in: [1, 2] }, ...FORMER }).explain();
  expect(JSON.stringify(queryPlanner.winningPlan)).toContain('"stage":"IXSCAN"');
});
