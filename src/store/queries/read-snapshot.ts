import type { mongo } from 'mongoose';

/**
 * Reads what is of one instant, on the primary, in a transaction whose commit waits until a majority has what was read.
 * A version that an election takes back would be given to another change later on; and what a majority is known to have
 * without being asked lags, for a moment after an election, behind what was acknowledged.
 *
 * @param session ended here
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
    // A transaction that is still open, as after a fault, is aborted with its session.
    await session.endSession();
  }
}
