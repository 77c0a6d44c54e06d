import type { mongo } from 'mongoose';
import type { Database } from '../database.js';
import type { EventDocument } from '../models/event.model.js';

/** How long other batches are waited for at a time: most are over long before. */
const UNCLAIMED_WAIT_MS_MAX = 500;

/**
 * Returns once no batch has claimed any of the events, as far as can be told, or after a while. Never throws: whoever has
 * waited in vain can try its batch all the same, and hears from that what is wrong.
 *
 * A claim fails at once where another batch has the event, and a batch that tries again and again pays for each try. A
 * write outside a transaction, however, is tried by the database itself until the other transaction is over: one round
 * trip, however long it takes.
 */
export async function waitUntilUnclaimed({ events }: Database, eventIds: readonly string[]): Promise<void> {
  // A database that does not answer at all is not waited for any longer.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, UNCLAIMED_WAIT_MS_MAX);
  });
  const write = async () => {
    const collection = events.collection as unknown as mongo.Collection<EventDocument>;
    const updates = eventIds.map((_id) => ({
      updateOne: { filter: { _id }, update: { $inc: { turnsAwaited: 1 } } },
    }));
    // Nothing rests on these writes, so that they need not outlive their primary.
    await collection.bulkWrite(updates, {
      ordered: false,
      writeConcern: { w: 1 },
      maxTimeMS: UNCLAIMED_WAIT_MS_MAX,
    });
  };
  await Promise.race([write().catch(() => undefined), late]);
  clearTimeout(timer);
}
