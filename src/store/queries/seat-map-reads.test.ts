import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { newEventId } from '../../core/ids.js';
import { silent } from '../../test/support/fake-feed-source.js';
import { uriOf } from '../../test/support/test-app.js';
import type { Database } from '../database.js';
import { openDatabase } from '../open-database.js';
import { BookingQueries } from './booking-queries.js';
import { SeatMapReads } from './seat-map-reads.js';

let database: Database;
beforeAll(async () => {
  database = await openDatabase(uriOf(`test_${randomUUID().slice(0, 8)}`), silent);
});
afterAll(async () => {
  await database.connection.dropDatabase();
  await database.close();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const until = new Date('2026-11-22T10:05:00.000Z');
const reads = (delivered?: mongo.Timestamp) => new SeatMapReads(database, () => delivered);

async function event(version: number): Promise<string> {
  const eventId = newEventId();
  await database.events.collection.insertOne({ _id: eventId, totalSeats: 10, version } as never);
  const lock = (seatNumber: number, status: string) => ({
    _id: `${eventId} ${seatNumber} ${status}`,
    eventId,
    seatNumber,
    status,
    expiresAt: until,
  });
  const locks = [lock(7, 'used'), lock(2, 'active'), lock(3, 'expired'), lock(4, 'released')];
  await database.locks.collection.insertMany(locks as never);
  await database.changes.collection.insertMany(
    Array.from({ length: version }, (_, index) => ({ eventId, version: index + 1, seats: [] })) as never,
  );
  return eventId;
}

describe('a whole map', () => {
  test('has the seats with a live lock, in seat order, and the version', async () => {
    const map = await reads().readSeatMap(await event(3));
    expect({ ...map, taken: [...(map?.taken ?? [])] }).toEqual({
      totalSeats: 10,
      draftOf: null,
      version: 3,
      taken: [
        { seatNumber: 2, status: 'locked', lockedUntil: until },
        { seatNumber: 7, status: 'booked', lockedUntil: null },
      ],
    });
  });

  test('of an unknown or impossible event id is null', async () => {
    expect(await reads().readSeatMap(newEventId())).toBeNull();
    expect(await reads().readSeatMap('{"$ne":1}')).toBeNull();
  });

  test('is not returned before a majority is known to have it', async () => {
    const eventId = await event(1);
    const lost = new mongo.MongoServerError({ message: 'no majority' });
    vi.spyOn(mongo.ClientSession.prototype, 'commitTransaction').mockRejectedValueOnce(lost);
    await expect(reads().readSeatMap(eventId)).rejects.toBe(lost);
  });

  test('is never older than what the stream has delivered: a read at a future time waits for it', async () => {
    const eventId = await event(1);
    const now = await database.operationTime();
    // Further ahead than the server waits: it fails instead of answering with older data.
    const later = new mongo.Timestamp({ t: now.getHighBits() + 3_600, i: 0 });
    await expect(reads(later).readSeatMap(eventId)).rejects.toThrow(/clusterTime|cluster time/i);
    await expect(reads(later).readChanges(eventId, 0, 10)).rejects.toThrow(/clusterTime|cluster time/i);
  });

  test('leaves no transaction behind, whether it succeeds or fails', async () => {
    const eventId = await event(1);
    vi.spyOn(mongo.ClientSession.prototype, 'commitTransaction').mockRejectedValueOnce(new Error('lost'));
    await reads()
      .readSeatMap(eventId)
      .catch(() => undefined);
    await reads().readSeatMap(newEventId());
    await reads().readSeatMap(eventId);
    const open = await database.client
      .db('admin')
      .aggregate([
        { $currentOp: { idleSessions: true, allUsers: true } },
        {
          $match: {
            'transaction.parameters.txnNumber': { $exists: true },
            ns: new RegExp(database.connection.name),
          },
        },
      ])
      .toArray();
    expect(open).toEqual([]);
  });
});

describe('changes', () => {
  test('are returned in order, after a version, and up to the limit', async () => {
    const eventId = await event(5);
    const versions = async (after: number, limit: number) =>
      (await reads().readChanges(eventId, after, limit)).map(({ version }) => version);
    expect(await versions(2, 10)).toEqual([3, 4, 5]);
    expect(await versions(0, 2)).toEqual([1, 2]);
    expect(await versions(5, 10)).toEqual([]);
    expect(await versions(-7, 10)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('after an election, when the new primary has what was acknowledged and does not know yet that a majority has', () => {
  const failPoint = (mode: 'alwaysOn' | 'off') =>
    database.client.db('admin').command({ configureFailPoint: 'disableSnapshotting', mode });

  test('an acknowledged version is read, and counts wait for a majority', async () => {
    const eventId = await event(3);
    const queries = new BookingQueries(database);
    let counted: Promise<unknown> | undefined;
    await failPoint('alwaysOn');
    try {
      const change = { $set: { version: 4, bookedSeats: 1 } };
      await database.events.collection.updateOne({ _id: eventId } as object, change, {
        writeConcern: { w: 1 },
      });

      expect(await reads().readVersion(eventId)).toBe(4);
      counted = queries.availability([eventId], until);
      counted.catch(() => undefined);
      // Enough time for an answer that does not wait.
      for (let pings = 0; pings < 50; pings++) await database.ping();
    } finally {
      await failPoint('off');
    }
    await event(1);
    expect(await counted).toMatchObject([{ bookedSeats: 1 }]);
  });
});
