import { OURS } from '../lib/environment.js';
import { createEvent } from '../lib/events.js';
import type { Contender } from './contenders.js';
import { versionOf } from './database-version.js';
import { type Granted, lockAtPace } from './locks.js';
import type { LiveSetting } from './setting.js';
import type { Taken } from './watch-job.js';

const SEATS = 10_000;

export interface WatchedLocks {
  readonly locks: readonly Granted[];
  /** What the watchers received, from their first snapshot to the event's last version. */
  readonly taken: Taken;
}

/**
 * Locks seats of a new event at a steady pace while the given number of watchers has its map open.
 *
 * @param settle runs after the last lock; the watchers receive what it changes too
 */
export async function lockWhileWatched(
  { environment, audience }: LiveSetting,
  contender: Contender,
  watchers: number,
  pace: { readonly perSecond: number; readonly durationMs: number },
  settle: (eventId: string, locks: readonly Granted[]) => Promise<void> = async () => {},
): Promise<WatchedLocks> {
  const database = environment.database(OURS);
  const eventId = await createEvent(database, SEATS);
  await audience.openMap(contender, eventId, watchers);
  const locks = await lockAtPace(environment, contender.server, eventId, pace);
  await settle(eventId, locks);
  await audience.reach({ version: await versionOf(database, eventId) });
  const taken = await audience.take();
  await audience.close();
  return { locks, taken };
}
