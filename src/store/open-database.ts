import { buildSchema, types } from '@typegoose/typegoose';
import mongoose, { type Connection, type Model, type mongo, type Schema } from 'mongoose';
import { newProcessId } from '../core/ids.js';
import type { Log } from '../core/log.js';
import { applicationName, type Database } from './database.js';
import type { DeclaredCollection } from './index-sync.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import { prepareDatabase } from './migrations/prepare-database.js';
import { BookingDocument } from './models/booking.model.js';
import { ChangeDocument } from './models/change.model.js';
import { EventDocument } from './models/event.model.js';
import { LeaseDocument } from './models/lease.model.js';
import { LedgerDocument } from './models/ledger.model.js';
import { MigrationDocument } from './models/migration.model.js';
import { OutboxDocument } from './models/outbox.model.js';
import { PaymentDocument } from './models/payment.model.js';
import { ProviderPaymentDocument } from './models/provider-payment.model.js';
import { RateCountDocument } from './models/rate-count.model.js';
import { RequestDocument } from './models/request.model.js';
import { SeatLockDocument } from './models/seat-lock.model.js';
import { SeatingPlanDocument } from './models/seating-plan.model.js';
import { UserDocument } from './models/user.model.js';

/** How long the start, and later any operation, waits for a primary before it fails. An election takes seconds. */
const SERVER_SELECTION_MS_MAX = 5_000;
/** How long opening a connection may take. */
const CONNECT_MS_MAX = 4_000;
/** How often every member is monitored. One that does not answer within this and CONNECT_MS_MAX counts as lost. */
const HEARTBEAT_MS = 2_000;
/**
 * How long an answer may take: longer than a commit waits for its majority and than the change stream waits for a change.
 * A frozen primary keeps its connections open, so without this limit its clients would wait forever.
 */
const ANSWER_MS_MAX = 8_000;
/** Batches in flight, reads and the change stream share it. */
const POOL_SIZE_MAX = 64;
/** How long an operation waits for a free connection. */
const POOL_WAIT_MS_MAX = 2_000;
const DEFAULT_DATABASE_NAME = 'seat-booking';

/**
 * Connects, and prepares collections, indexes and data for this version.
 *
 * @throws an Error that says what to do, if no server answers or if it is no replica set
 */
export async function openDatabase(uri: string, log: Log): Promise<Database> {
  const connection = mongoose.createConnection();
  try {
    await connection.openUri(uri, {
      appName: applicationName(databaseNameIn(uri)),
      autoCreate: false,
      autoIndex: false,
      bufferCommands: false,
      connectTimeoutMS: CONNECT_MS_MAX,
      heartbeatFrequencyMS: HEARTBEAT_MS,
      serverSelectionTimeoutMS: SERVER_SELECTION_MS_MAX,
      socketTimeoutMS: ANSWER_MS_MAX,
      maxPoolSize: POOL_SIZE_MAX,
      waitQueueTimeoutMS: POOL_WAIT_MS_MAX,
      readPreference: 'primary',
      retryReads: true,
      retryWrites: true,
      w: 'majority',
      dbName: databaseNameIn(uri),
    });
    await requireReplicaSet(connection);
  } catch (error) {
    await connection.destroy().catch(() => undefined);
    throw error instanceof NotAReplicaSetError ? error : unreachable(uri, error);
  }
  // Not earlier: an error during the start is thrown.
  connection.on('error', (error) => log.error({ err: error }, 'The database connection failed'));
  const client = connection.getClient() as unknown as mongo.MongoClient;

  const database: Database = {
    connection,
    client,
    events: model(connection, 'Event', EventDocument),
    users: model(connection, 'User', UserDocument),
    seatingPlans: model(connection, 'SeatingPlan', SeatingPlanDocument),
    locks: model(connection, 'SeatLock', SeatLockDocument),
    payments: model(connection, 'Payment', PaymentDocument),
    bookings: model(connection, 'Booking', BookingDocument),
    requests: model(connection, 'Request', RequestDocument),
    changes: model(connection, 'Change', ChangeDocument),
    outbox: model(connection, 'OutboxMessage', OutboxDocument),
    providerPayments: model(connection, 'ProviderPayment', ProviderPaymentDocument),
    ledger: model(connection, 'Ledger', LedgerDocument),
    leases: model(connection, 'Lease', LeaseDocument),
    migrations: model(connection, 'Migration', MigrationDocument),
    rateCounts: model(connection, 'RateCount', RateCountDocument),
    ping: async () => {
      const answer = await connection.db?.admin().command({ hello: 1 });
      // A member that has just stepped down has another clock than the new primary.
      if (!answer?.isWritablePrimary) throw new Error('The database has no primary at this moment.');
      return answer.localTime;
    },
    operationTime: async () => {
      const answer = await connection.db?.command({ ping: 1 });
      return answer?.operationTime as mongo.Timestamp;
    },
    close: () => connection.close(),
  };
  try {
    await prepareDatabase({
      database,
      declared: Object.values(connection.models).map(declaredOf),
      migrations: ALL_MIGRATIONS,
      owner: newProcessId(),
      log,
    });
  } catch (error) {
    await connection.close();
    throw error;
  }
  return database;
}

const schemas = new Map<unknown, Schema>();

/** Models belong to one connection: in tests one process runs several applications. Their schemas are shared. */
function model<T>(
  connection: Connection,
  name: string,
  documentClass: types.AnyParamConstructor<T>,
): Model<T> {
  const schema = schemas.get(documentClass) ?? (buildSchema(documentClass) as unknown as Schema);
  schemas.set(documentClass, schema);
  return connection.model(name, schema) as unknown as Model<T>;
}

/** A model's collection and its indexes, without mongoose's own index options. */
function declaredOf({ db, collection, schema }: Model<unknown>): DeclaredCollection {
  const indexes = schema.indexes().map(([key, options]) => {
    const { unique, sparse, partialFilterExpression, expireAfterSeconds } = options;
    const set = { unique, sparse, partialFilterExpression, expireAfterSeconds };
    return { key, ...Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)) };
  });
  return {
    collection: (db.db as unknown as mongo.Db).collection(collection.collectionName),
    indexes: indexes as never,
  };
}

class NotAReplicaSetError extends Error {}

async function requireReplicaSet(connection: Connection): Promise<void> {
  const hello = await connection.db?.admin().command({ hello: 1 });
  if (hello?.setName || hello?.msg === 'isdbgrid') return;
  throw new NotAReplicaSetError(
    'MONGODB_URI leads to a MongoDB server that is not a member of a replica set; transactions and change streams ' +
      'need one. Start mongod with --replSet and run rs.initiate() once (one member is enough), use the replica set ' +
      'in docker-compose.yml, or unset MONGODB_URI for the embedded default.',
  );
}

function unreachable(uri: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `No MongoDB primary answered at ${withoutSecrets(uri)} within ${SERVER_SELECTION_MS_MAX / 1000} seconds (${reason}). ` +
      'Check MONGODB_URI, that the servers run, and that this machine may reach them.',
    { cause },
  );
}

const withoutSecrets = (uri: string) => uri.replace(/\/\/[^@/]*@/, '//');

function databaseNameIn(uri: string): string {
  const name = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return name === undefined ? DEFAULT_DATABASE_NAME : decodeURIComponent(name);
}
