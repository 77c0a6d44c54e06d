import { applicationName, type Database } from './database.js';

/** Longer than any step of a batch takes, far shorter than the minute or more after which MongoDB would see to it. */
export const ABANDONED_AFTER_MS = 2_000;

/** However slow all is: half of what a batch has, so that an event that is really held is free again in time. */
const ABANDONED_AFTER_MS_MAX = 5_000;
/** A step of a batch is a small part of it; one that takes as long as many batches is nobody's. */
const BATCHES_LONG = 10;

/**
 * For how long nothing has to have happened in a transaction for its process to count as dead. Longer where batches take
 * long: on a machine with too much to do every process is slow, and those that end each other's transactions for it get
 * nothing done at all.
 */
export const abandonedAfterMs = (lastBatchMs: number): number =>
  Math.min(ABANDONED_AFTER_MS_MAX, Math.max(ABANDONED_AFTER_MS, BATCHES_LONG * lastBatchMs));

interface IdleTransaction {
  readonly lsid: { readonly id: unknown };
}

/**
 * Ends the transactions of this application on this database in which nothing has happened for a while: a process
 * that is killed in the middle of a batch leaves one behind, and with it the claim on the batch's event, which nobody
 * else could claim until then. A process that is merely slow does its batch again, since nothing of it has been kept.
 *
 * Asks for nothing that a user of the database may not do to its own sessions.
 *
 * @param idleMs for how long nothing has to have happened
 * @returns how many it ended
 */
export async function endAbandonedTransactions(
  { client, connection }: Database,
  idleMs = ABANDONED_AFTER_MS,
): Promise<number> {
  const admin = client.db('admin');
  const idle = await admin
    .aggregate<IdleTransaction>(
      [
        { $currentOp: { idleSessions: true } },
        {
          $match: {
            type: 'idleSession',
            appName: applicationName(connection.name),
            'transaction.timeInactiveMicros': { $gte: idleMs * 1000 },
          },
        },
        { $project: { lsid: 1 } },
      ],
      { readPreference: 'primary' },
    )
    .toArray();
  if (idle.length > 0) await admin.command({ killSessions: idle.map(({ lsid }) => ({ id: lsid.id })) });
  return idle.length;
}
