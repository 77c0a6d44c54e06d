import type { mongo } from 'mongoose';

/**
 * Reads a snapshot on the primary, in a transaction. Its commit waits until a majority has what was read, as an election
 * may roll back an event's version, and that version would then belong to another change. Read concern "majority" is not
 * enough: shortly after an election it can be older than what was acknowledged.
 *
 * @param session is ended here
 */
export async function readSnapshot<Read>(
  session: mongo.ClientSession,
  read: (session: mongo.ClientSession) => Promise<Read>,
): Promise<Read> {
  try {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
    });
    const result = await read(session);
    await session.commitTransaction();
    return result;
  } finally {
    // This aborts a transaction that is still open.
    await session.endSession();
  }
}
