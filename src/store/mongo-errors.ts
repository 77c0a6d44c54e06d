import { mongo } from 'mongoose';

const DUPLICATE_KEY = 11000;
const WRITE_CONFLICT = 112;
const INDEX_NOT_FOUND = 27;
/** An operator ended the operation or its session, or another process did because it took this one for dead. */
const INTERRUPTED = 11601;

export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;

export const isIndexNotFound = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === INDEX_NOT_FOUND;

/** Another transaction, still open or just committed, has written the same record. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === WRITE_CONFLICT;

/** The server's errors while it is no primary or is shutting down, and if the operation was interrupted. */
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

/** Node's errors of a socket that broke during a write. The driver passes them on unchanged. */
const SOCKET_CODES: ReadonlySet<unknown> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

const isNetworkError = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  (error instanceof Error && SOCKET_CODES.has((error as NodeJS.ErrnoException).code));

/** There was no primary, or no free connection to it: nothing was sent. */
export const isNotSent = (error: unknown): boolean =>
  error instanceof mongo.MongoServerSelectionError ||
  // The driver does not export this class.
  (error instanceof mongo.MongoDriverError && error.name === 'MongoWaitQueueTimeoutError') ||
  // mongoose's error for a connection that has broken.
  (error instanceof Error && error.name === 'MongooseServerSelectionError');

/** The operation may have been sent, and its result is not known. */
export const isUnanswered = (error: unknown): boolean =>
  isNetworkError(error) ||
  error instanceof mongo.MongoOperationTimeoutError ||
  (error instanceof mongo.MongoServerError && UNAVAILABLE_CODES.has(error.code));

/** The server sets no retry label on this error, unlike on similar ones. */
const isInterrupted = (error: unknown): boolean =>
  error instanceof mongo.MongoServerError && error.code === INTERRUPTED;

const isConnectionLost = (error: unknown): boolean => isNotSent(error) || isNetworkError(error);

/** Before the commit: nothing of the transaction was kept, and a retry from its start can succeed. */
export const isTransient = (error: unknown): boolean =>
  isConnectionLost(error) ||
  isInterrupted(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('TransientTransactionError'));

/** At the commit: it was sent and got no answer, so it may have been done. */
export const isCommitUnknown = (error: unknown): boolean =>
  isConnectionLost(error) ||
  isInterrupted(error) ||
  (error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult'));
