import { applicationName, type Database } from './database.js';

/** Longer than any step of a batch takes, far shorter than the minute or more after which MongoDB would see to it. */
export const ABANDONED_AFTER_MS = 2_000;

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
