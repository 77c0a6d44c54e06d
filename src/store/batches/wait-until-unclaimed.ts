import type { mongo } from 'mongoose';
import type { Database } from '../database.js';
import type { EventDocument } from '../models/event.model.js';

/** How long one call waits. Most batches end long before. */
const UNCLAIMED_WAIT_MS_MAX = 200;

/**
 * Returns once no other batch seems to have claimed any of the events, or after UNCLAIMED_WAIT_MS_MAX. Never throws: the
 * batch that waited is tried in any case, and its own error says what is wrong.
 *
 * A claim fails at once while another batch has the event, and each attempt costs a transaction. A write outside a
 * transaction is retried by the database itself until the other transaction ends. That is one round trip, however long
 * it takes.
 */
export async function waitUntilUnclaimed({ events }: Database, eventIds: readonly string[]): Promise<void> {
  // The database may not answer at all.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, UNCLAIMED_WAIT_MS_MAX);
  });
  const write = async () => {
    const collection = events.collection as unknown as mongo.Collection<EventDocument>;
    const updates = eventIds.map((_id) => ({
      updateOne: { filter: { _id }, update: { $inc: { turnsAwaited: 1 } } },
    }));
    // These writes may be lost with their primary: nobody reads them.
    await collection.bulkWrite(updates, {
      ordered: false,
      writeConcern: { w: 1 },
      maxTimeMS: UNCLAIMED_WAIT_MS_MAX,
    });
  };
  await Promise.race([write().catch(() => undefined), late]);
  clearTimeout(timer);
}
