import { setTimeout as wait } from 'node:timers/promises';
import type { mongo } from 'mongoose';
import type { EventDocument } from '../../src/store/models/event.model.js';
import type { SeatLockDocument } from '../../src/store/models/seat-lock.model.js';

const CHECK_EVERY_MS = 100;

/** The event's version in the database. */
export async function versionOf(database: mongo.Db, eventId: string): Promise<number> {
  const events = database.collection<EventDocument>('events');
  const event = await events.findOne({ _id: eventId }, { projection: { version: 1 } });
  if (event === null) throw new Error(`There is no event ${eventId}.`);
  return event.version;
}

/**
 * Returns once every expiry before a time is recorded in the database.
 *
 * @throws if that takes longer than `msMax`
 */
export async function expiriesRecorded(
  database: mongo.Db,
  eventId: string,
  before: Date,
  msMax: number,
): Promise<void> {
  const locks = database.collection<SeatLockDocument>('seatlocks');
  const endMs = Date.now() + msMax;
  while ((await locks.countDocuments({ eventId, status: 'active', expiresAt: { $lt: before } })) > 0) {
    if (Date.now() > endMs) throw new Error(`Expiries were not recorded within ${msMax / 1000} s.`);
    await wait(CHECK_EVERY_MS);
  }
}
