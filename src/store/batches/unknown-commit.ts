import type { mongo } from 'mongoose';
import { NOTHING_FORECAST } from '../../booking/forecast.js';
import { newBatchId } from '../../core/ids.js';
import { type Claims, RECENT_BATCHES_MAX } from './claim.js';

/** By which a batch is found again after its commit got no answer. */
export interface BatchIdentity {
  readonly batchId: string;
  /** An event that the batch claimed. Any of them will do, as it claimed all of them or none. */
  readonly eventId: string;
  /** The event's fencing token after the batch's claim. */
  readonly fencingToken: number;
}

export interface LookUp {
  readonly wasCommitted: boolean;
  /** The event's fencing token after the look-up's own claim. */
  readonly fencingToken: number;
}

/**
 * Asks an event whether a batch is among its recent ones. The caller must commit the transaction before it trusts the
 * answer: a primary that is about to be replaced may know neither that a batch was committed nor that it was not.
 *
 * @param session has an open transaction, which stays open unless the answer is undefined
 * @returns undefined if the event may have forgotten the batch, after so many batches of other processes
 */
export async function lookUpBatch(
  claims: Claims,
  session: mongo.ClientSession,
  { batchId, eventId, fencingToken }: BatchIdentity,
): Promise<LookUp | undefined> {
  // The claim is what makes the answer final: it fails if the batch's own transaction is still open.
  const claim = { eventId, commands: [], forecast: NOTHING_FORECAST };
  const event = (await claims.claim(session, newBatchId(), [claim], true)).get(eventId);
  if (event === undefined || event.turn - fencingToken >= RECENT_BATCHES_MAX) {
    await session.abortTransaction();
    return undefined;
  }
  return { wasCommitted: event.recentBatchIds?.includes(batchId) === true, fencingToken: event.turn };
}
