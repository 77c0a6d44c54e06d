import { mongo } from 'mongoose';

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;
const INDEX_NOT_FOUND = 27;
/** Somebody ended the operation, or its session: an operator, or another process that took this one for dead. */
const INTERRUPTED = 11601;

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;

export const isIndexNotFound = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === INDEX_NOT_FOUND;

/** Somebody else's transaction, still open or just committed, has written the same record. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === WRITE_CONFLICT;

/** What the server says while it is no primary, or about to end, or where it was told to stop in the middle. */
const UNAVAILABLE_CODES: ReadonlySet<unknown> = new Set([
  50, // MaxTimeMSExpired
  91, // ShutdownInProgress
  189, // PrimarySteppedDown
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  INTERRUPTED,
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** What Node says of a socket that broke while it was written to; the driver passes it on as it is. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

const isNetworkError = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  (error instanceof Error && SOCKET_CODES.has((error as NodeJS.ErrnoException).code));

/** No primary was there, or no connection to it was free: whatever it was, nothing of it was sent. */
export const isNotSent = (error: unknown): boolean =>
  error instanceof mongo.MongoServerSelectionError ||
  // A class that the driver does not export.
  (error instanceof mongo.MongoDriverError && error.name === 'MongoWaitQueueTimeoutError') ||
  // mongoose says so of a connection that it has seen break.
  (error instanceof Error && error.name === 'MongooseServerSelectionError');

/** It may have been sent, and what became of it was not said. */
export const isUnanswered = (error: unknown): boolean =>
  isNetworkError(error) ||
  error instanceof mongo.MongoOperationTimeoutError ||
  (error instanceof mongo.MongoServerError && UNAVAILABLE_CODES.has(error.code));

/** Unlike its neighbours, the server gives this one no label that says what to do about it. */
const isInterrupted = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === INTERRUPTED;

const isConnectionLost = (error: unknown): boolean => isNotSent(error) || isNetworkError(error);

/** Before the commit: nothing of the transaction has been kept, and doing it again from the start can help. */
export const isTransient = (error: unknown): boolean =>
  isConnectionLost(error) ||
  isInterrupted(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'));

/** At the commit: it was sent and its answer never came, so it may have been done. */
export const isCommitUnknown = (error: unknown): boolean =>
  isConnectionLost(error) ||
  isInterrupted(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult'));
