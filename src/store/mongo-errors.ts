import { mongo } from 'mongoose';

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;

/** Somebody else's transaction, still open or just committed, has written the same record. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === WRITE_CONFLICT;

const isConnectionLost = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError || error instanceof mongo.MongoServerSelectionError;

/** Before the commit: nothing of the transaction has been kept, and doing it again from the start can help. */
export const isTransient = (error: unknown): boolean =>
  isConnectionLost(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'));

/** At the commit: it was sent and its answer never came, so it may have been done. */
export const isCommitUnknown = (error: unknown): boolean =>
  isConnectionLost(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult'));
