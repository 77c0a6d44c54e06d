import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { startEmbeddedMongod } from '../../src/embedded/embedded-mongod.js';
import { findMongodBinary, mongodCacheDir } from '../../src/embedded/mongod-binary.js';
import { Closers, opened } from './closers.js';
import type { LoadRequest, LoadResult } from './load-job.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';
import { Users } from './users.js';
import { Worker } from './worker.js';

const TOKEN_SECRET = 'the bench’s own secret, longer than 32 bytes';
/** The locks of a scenario outlive it. */
const LOCK_TTL_SECONDS = 24 * 60 * 60;

/** The compiled folder of the benches. */
const BENCH = new URL('../', import.meta.url);

/** The database of this product's servers. */
export const OURS = 'bench-ours';

/** What every scenario uses: one mongod, one process that creates the load, and servers on demand. */
export class Environment {
  readonly #closers = new Closers();
  #mongodUri = '';
  #mongodPid = 0;
  #mongodVersion = '';
  #client: mongo.MongoClient | undefined;
  #load: Worker<LoadRequest, LoadResult | null> | undefined;
  #users: Users | undefined;
  #ours: Promise<ServerProcess> | undefined;

  /** Starts the database. If that fails, `close` ends what was started. */
  async open(): Promise<void> {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-bench-'));
    this.#closers.add(() => rm(dataDir, { recursive: true, force: true }));
    const log = pino({ level: 'warn' });
    const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(dataDir), log });
    const mongod = startEmbeddedMongod({ dataDir, binary, log });
    this.#closers.add(async () => (await mongod).stop());
    this.#mongodUri = (await mongod).uri;
    const client = new mongo.MongoClient(this.#mongodUri);
    this.#closers.add(() => client.close());
    await client.connect();
    this.#client = client;
    const status = await client.db('admin').command({ serverStatus: 1 });
    this.#mongodPid = Number(status.pid);
    this.#mongodVersion = String(status.version);
    this.#load = new Worker(new URL('./load-client.js', import.meta.url));
    this.#closers.add(this.#load.stop);
    this.#users = new Users(client.db(OURS), TOKEN_SECRET);
  }

  get mongodPid(): number {
    return this.#mongodPid;
  }

  get mongodVersion(): string {
    return this.#mongodVersion;
  }

  get load(): Worker<LoadRequest, LoadResult | null> {
    return opened(this.#load);
  }

  get users(): Users {
    return opened(this.#users);
  }

  database(name: string): mongo.Db {
    return opened(this.#client).db(name);
  }

  uriOf(database: string): string {
    const uri = new URL(this.#mongodUri);
    uri.pathname = `/${database}`;
    return uri.href;
  }

  /** This product's server: one for all scenarios, so that it is warmed up. */
  ours(): Promise<ServerProcess> {
    this.#ours ??= this.startServer('../src/main.js', OURS);
    return this.#ours;
  }

  /**
   * @param file the server's main module, from bench/
   * @param settings replace those that all servers have
   * @param options whether the server's log lines are kept, by default they are discarded; and what is loaded before it
   */
  startServer(
    file: string,
    database: string,
    settings: Readonly<Record<string, string>> = {},
    options: Pick<ServerProcessOptions, 'keepsLog' | 'preload'> = {},
  ): Promise<ServerProcess> {
    this.#requireNotClosing();
    const all = {
      MONGODB_URI: this.uriOf(database),
      TOKEN_SECRET,
      PAYMENT_PROVIDER: 'simulated',
      RATE_LIMIT_PER_MINUTE: '0',
      // A setting of this terminal is meant for another server.
      SEATS_PER_VIEWER_MAX: '',
      LOCK_TTL_SECONDS: String(LOCK_TTL_SECONDS),
      LOCK_MAX_LIFE_SECONDS: String(LOCK_TTL_SECONDS),
      LOG_LEVEL: 'info',
    };
    const main = fileURLToPath(new URL(file, BENCH));
    const server = ServerProcess.start({ main, settings: { ...all, ...settings }, ...options });
    this.#closers.add(async () => (await server).stop());
    return server;
  }

  /** @param file the worker's module, from bench/ */
  startWorker<Request, Answer>(file: string, database: string): Worker<Request, Answer> {
    this.#requireNotClosing();
    const worker = new Worker<Request, Answer>(new URL(file, BENCH), {
      MONGODB_URI: this.uriOf(database),
    });
    this.#closers.add(worker.stop);
    return worker;
  }

  close(): Promise<void> {
    return this.#closers.close();
  }

  #requireNotClosing(): void {
    if (this.#closers.areClosing) throw new Error('The environment is closing.');
  }
}
