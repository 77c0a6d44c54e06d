import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { LIVE_LOCK_STATUSES } from '../../../src/booking/lock.js';
import { findMongodBinary, mongodCacheDir } from '../../../src/embedded/mongod-binary.js';
import type { ChangeDocument } from '../../../src/store/models/change.model.js';
import type { EventDocument } from '../../../src/store/models/event.model.js';
import type { SeatLockDocument } from '../../../src/store/models/seat-lock.model.js';
import { MongoWire } from '../../../src/test/support/mongo-wire.js';
import { Closers, opened } from '../../lib/closers.js';
import { ServerProcess } from '../../lib/server-process.js';
import { Users } from '../../lib/users.js';
import { ServerApi } from '../../rush/server-api.js';
import type { Mongod } from '../mongod.js';
import { ReplicaSet } from '../replica-set.js';
import { TcpProxy } from '../tcp-proxy.js';
import type { RecordedChange } from './history.js';

/** Servers that have watchers. */
const SERVERS = 2;
const DATABASE = 'chaos-live-map';
const TOKEN_SECRET = 'the token secret of the chaos runs’ cluster';
/** Locks and pending bookings made through the watched servers outlive the run: no expiry repairs a map. */
const LONG_SECONDS = 600;
/** Locks made through the fast server expire during the run. */
const SHORT_SECONDS = 2;
/** The smallest oplog. With a checkpoint every second it rolls over quickly. */
const OPLOG_MB = 1;
const CHECKPOINT_EVERY_SECONDS = 1;
const ROLLED_BYTES = 1024 * 1024;
const ROLLS_MAX = 50;
/** A cursor between two fetches is not listed. */
const CURSOR_CHECKS_MAX = 200;

/** A server process with watchers, and the proxies to its database and to its watchers. */
export interface ClusterServer {
  readonly api: ServerApi;
  readonly database: TcpProxy;
  /** Can change the database's answers. */
  readonly wire: MongoWire;
  readonly watchers: TcpProxy;
  readonly watchersPort: number;
}

/**
 * Two server processes on one real mongod, with proxies that can break every connection. A third, fast server is never
 * disturbed and has no watchers: locks made through it expire soon.
 */
export class TestCluster {
  readonly servers: ClusterServer[] = [];
  #fast: ServerApi | undefined;
  readonly #closers = new Closers();
  #set: ReplicaSet | undefined;
  #client: mongo.MongoClient | undefined;
  #users: Users | undefined;
  #usersGiven = 0;

  async open(): Promise<void> {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-chaos-'));
    this.#closers.add(() => rm(dataDir, { recursive: true, force: true }));
    const log = pino({ level: 'warn' });
    const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(dataDir), log });
    const set = await ReplicaSet.start({
      binary,
      dataDir,
      members: 1,
      oplogMb: OPLOG_MB,
      args: ['--syncdelay', String(CHECKPOINT_EVERY_SECONDS)],
    });
    this.#set = set;
    this.#closers.add(() => set.stop());
    const client = new mongo.MongoClient(set.uriOf(DATABASE));
    this.#closers.add(() => client.close());
    this.#client = await client.connect();
    this.#users = new Users(this.#database, TOKEN_SECRET);
    // The first server starts alone, because it creates the indexes.
    await this.#startWatched();
    await Promise.all([
      ...Array.from({ length: SERVERS - 1 }, () => this.#startWatched()),
      this.#startFast(set.uriOf(DATABASE)),
    ]);
  }

  /** The API of the server whose locks expire soon. */
  get fastServer(): ServerApi {
    return opened(this.#fast);
  }

  async #startWatched(): Promise<void> {
    const wire = await MongoWire.start(this.mongod.port);
    this.#closers.add(() => wire.stop());
    const database = await TcpProxy.start(wire.port);
    this.#closers.add(() => database.stop());
    const uri = `mongodb://127.0.0.1:${database.port}/${DATABASE}?directConnection=true`;
    const server = await this.#startServer(uri, LONG_SECONDS);
    const watchers = await TcpProxy.start(Number(new URL(server.url).port));
    this.#closers.add(() => watchers.stop());
    this.servers.push({ api: this.#apiOf(server), database, wire, watchers, watchersPort: watchers.port });
  }

  async #startFast(uri: string): Promise<void> {
    this.#fast = this.#apiOf(await this.#startServer(uri, SHORT_SECONDS));
  }

  async #startServer(uri: string, seconds: number): Promise<ServerProcess> {
    const settings = {
      MONGODB_URI: uri,
      TOKEN_SECRET,
      PAYMENT_PROVIDER: 'simulated',
      RATE_LIMIT_PER_MINUTE: '0',
      SEATS_PER_VIEWER_MAX: '1000',
      LOCK_TTL_SECONDS: String(seconds),
      LOCK_MAX_LIFE_SECONDS: String(2 * seconds),
      PENDING_BOOKING_TTL_SECONDS: String(seconds),
      LOCK_SWEEP_CRON: '*/5 * * * * *',
      BOOKING_SWEEP_CRON: '* * * * * *',
      LOG_LEVEL: 'info',
    };
    const server = await ServerProcess.start({ settings });
    this.#closers.add(() => server.stop());
    return server;
  }

  #apiOf(server: ServerProcess): ServerApi {
    const api = new ServerApi(new URL('/graphql', server.url));
    this.#closers.add(api.close);
    return api;
  }

  get mongod(): Mongod {
    return opened(this.#set).members[0] as Mongod;
  }

  /** Tokens of unused users. */
  async newUsers(count: number): Promise<readonly string[]> {
    const tokens = await opened(this.#users).tokens(count, this.#usersGiven);
    this.#usersGiven += count;
    return tokens;
  }

  async version(eventId: string): Promise<number> {
    const events = this.#database.collection<EventDocument>('events');
    return (await events.findOne({ _id: eventId }, { projection: { version: 1 } }))?.version ?? 0;
  }

  /** The stored changes of seats. */
  async changes(eventId: string, after: number): Promise<RecordedChange[]> {
    const changes = this.#database.collection<ChangeDocument>('changes');
    const documents = await changes.find({ eventId, version: { $gt: after } }).toArray();
    return documents.map(({ version, seats }) => ({ version: version as number, seats }));
  }

  /** Deletes old changes, as the TTL index does. */
  async deleteChanges(eventId: string, upTo: number): Promise<void> {
    await this.#database.collection('changes').deleteMany({ eventId, version: { $gt: 0, $lte: upTo } });
  }

  /** Every live lock, including expired ones. */
  liveLocks(eventId: string): Promise<Pick<SeatLockDocument, 'seatNumber' | 'status' | 'expiresAt'>[]> {
    const locks = this.#database.collection<SeatLockDocument>('seatlocks');
    return locks.find({ eventId, status: { $in: [...LIVE_LOCK_STATUSES] } }).toArray();
  }

  /** Whether a lock or a pending booking is left that expires soon. */
  async isAnythingLeft(eventId: string): Promise<boolean> {
    const soon = { $lt: new Date(Date.now() + 2 * SHORT_SECONDS * 1000) };
    const left = await Promise.all([
      this.#database.collection('seatlocks').findOne({ eventId, status: 'active', expiresAt: soon }),
      this.#database.collection('bookings').findOne({ eventId, status: 'pending', expiresAt: soon }),
    ]);
    return left.some((each) => each !== null);
  }

  /** Kills the cursors of the servers' change streams. @returns how many there were */
  async killCursors(): Promise<number> {
    const cursors = new Map<string, mongo.Long>();
    for (let checks = 0; checks < CURSOR_CHECKS_MAX && cursors.size < SERVERS + 1; checks++) {
      const operations = opened(this.#client)
        .db('admin')
        .aggregate<{ cursor: { cursorId: mongo.Long } }>([
          { $currentOp: { idleCursors: true, allUsers: true } },
          { $match: { ns: `${DATABASE}.changes`, 'cursor.cursorId': { $exists: true } } },
        ]);
      for await (const { cursor } of operations) cursors.set(String(cursor.cursorId), cursor.cursorId);
    }
    if (cursors.size === 0) return 0;
    await this.#database.command({ killCursors: 'changes', cursors: [...cursors.values()] });
    return cursors.size;
  }

  /** Writes until the present content of the oplog has left it, so that all earlier resume tokens are invalid. */
  async rollOplog(): Promise<void> {
    const oplog = opened(this.#client).db('local').collection<{ ts: mongo.Timestamp }>('oplog.rs');
    const end = async (direction: 1 | -1) => {
      const entry = await oplog.findOne({}, { sort: { $natural: direction }, projection: { ts: 1 } });
      if (entry === null) throw new Error('There is no oplog.');
      return entry.ts;
    };
    const ballast = opened(this.#client).db(`${DATABASE}-ballast`).collection('ballast');
    const newest = await end(-1);
    for (let rolls = 0; rolls < ROLLS_MAX; rolls++) {
      await ballast.insertOne({ bytes: Buffer.alloc(ROLLED_BYTES) });
      // Entries that are not in a checkpoint yet are kept.
      await opened(this.#client).db('admin').command({ fsync: 1 });
      if ((await end(1)).greaterThan(newest)) {
        await ballast.drop();
        return;
      }
    }
    throw new Error(`The oplog did not roll within ${ROLLS_MAX} MB.`);
  }

  /** Ends mongod by SIGTERM or by SIGKILL. */
  async stopMongod(inOrder: boolean): Promise<void> {
    await (inOrder ? this.mongod.stop() : this.mongod.kill());
  }

  async startMongod(): Promise<void> {
    await this.mongod.start();
    await opened(this.#set).primary();
  }

  close(): Promise<void> {
    return this.#closers.close();
  }

  get #database(): mongo.Db {
    return opened(this.#client).db(DATABASE);
  }
}
