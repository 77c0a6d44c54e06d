import type { mongo } from 'mongoose';
import type { Database } from './database.js';
import type { EventDocument } from './models/event.model.js';

/** How long other batches are waited for at a time: most are over long before. */
const TURN_WAIT_MS_MAX = 500;

/**
 * Returns once no batch has claimed the event, as far as can be told, or after a while. Never throws: whoever has
 * waited in vain can try its batch all the same, and hears from that what is wrong.
 *
 * A claim fails at once where another batch has the event, and a batch that tries again and again pays for each try. A
 * write outside a transaction, however, is tried by the database itself until the other transaction is over: one round
 * trip, however long it takes.
 */
export async function waitForTurn({ events }: Database, eventId: string): Promise<void> {
  const collection = events.collection as unknown as mongo.Collection<EventDocument>;
  // Nothing rests on this write, so that it need not outlive its primary.
  const options = { writeConcern: { w: 1 }, maxTimeMS: TURN_WAIT_MS_MAX };
  const written = collection.updateOne({ _id: eventId }, { $inc: { turnsAwaited: 1 } }, options);
  // A database that does not answer at all is not waited for any longer.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, TURN_WAIT_MS_MAX);
  });
  await Promise.race([written.catch(() => undefined), late]);
  clearTimeout(timer);
}
