import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { mongo } from 'mongoose';
import { pino } from 'pino';
import { findMongodBinary, mongodCacheDir } from '../../src/embedded/mongod-binary.js';
import { REPLICA_SET } from '../../src/embedded/mongod-process.js';
import { FakeStripe, STRIPE_KEYS } from '../../src/test/support/fake-stripe.js';
import { Closers, opened } from '../lib/closers.js';
import { mainOf, ServerProcess } from '../lib/server-process.js';
import { Users } from '../lib/users.js';
import type { Mongod } from './mongod.js';
import { ReplicaSet } from './replica-set.js';
import { TcpProxy } from './tcp-proxy.js';

const TOKEN_SECRET = 'the chaos runs’ own secret, longer than 32 bytes';
export const LOCK_TTL_SECONDS = 5;
/** The name that the embedded database uses. */
const DATABASE = 'seat-booking';
/** A disk that is large enough for a new mongod, and little more. */
const SMALL_DISK_MB = 600;
const RESTART_EVERY_MS = 500;
const WHOLE_MS_MAX = 60_000;
/** Longer than the server's own deadline for a shutdown, so that a missed deadline is noticed. */
const STOP_MS_MAX = 45_000;

/** The environment that a fault needs. */
export interface EnvironmentOptions {
  /** `embedded`: the server's own database. */
  readonly database: 'embedded' | 'one member' | 'three members';
  readonly servers: number;
  /** Puts a proxy between server and database. */
  readonly proxied?: boolean;
  /** Puts the database on a small disk of its own, which can be filled. Needs Linux and root. */
  readonly smallDisk?: boolean;
  /** Payments are taken by a small Stripe in this process. */
  readonly withStripe?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
  readonly preload?: URL;
  /** The start of the names of the servers' log files. */
  readonly logFiles?: string;
  /** The directory of another built version, which the servers start with. */
  readonly from?: string;
}

/** Servers and a database, each in its own process, for all rounds of one fault. */
export class ChaosEnvironment {
  readonly servers: ServerProcess[] = [];
  readonly #closers = new Closers();
  #client: mongo.MongoClient | undefined;
  #users: Users | undefined;
  #set: ReplicaSet | undefined;
  #proxy: TcpProxy | undefined;
  #stripe: FakeStripe | undefined;
  #dataDir = '';

  private constructor(private readonly options: EnvironmentOptions) {}

  static async open(options: EnvironmentOptions): Promise<ChaosEnvironment> {
    const environment = new ChaosEnvironment(options);
    try {
      await environment.#open();
      return environment;
    } catch (error) {
      await environment.close();
      throw error;
    }
  }

  get client(): mongo.MongoClient {
    return opened(this.#client);
  }

  get database(): mongo.Db {
    return this.client.db(DATABASE);
  }

  get users(): Users {
    return opened(this.#users);
  }

  get set(): ReplicaSet {
    if (this.#set === undefined) throw new Error('The embedded database is not a replica set of this run.');
    return this.#set;
  }

  get proxy(): TcpProxy {
    if (this.#proxy === undefined) throw new Error('This environment has no proxy.');
    return this.#proxy;
  }

  get stripe(): FakeStripe {
    if (this.#stripe === undefined) throw new Error('This environment has no payment provider.');
    return this.#stripe;
  }

  /** The directory of the database's files and of temporary files. */
  get dataDir(): string {
    return this.#dataDir;
  }

  get server(): ServerProcess {
    return this.servers[0] as ServerProcess;
  }

  /** Of the database's process, also of an embedded one. */
  async mongodPid(): Promise<number> {
    return Number((await this.client.db('admin').command({ serverStatus: 1 })).pid);
  }

  /** Starts every process that does not run, and returns once all of them work. */
  async restore(): Promise<void> {
    for (const member of this.#set?.members ?? []) await member.start();
    await this.#set?.restored();
    await Promise.all(this.servers.map((server) => server.start()));
    const startedMs = performance.now();
    // The server restarts an embedded database itself.
    while (!(await this.#answers())) {
      if (performance.now() - startedMs > WHOLE_MS_MAX) throw new Error('The database did not come back.');
      await wait(RESTART_EVERY_MS);
    }
  }

  #answers(): Promise<boolean> {
    return this.client
      .db('admin')
      .command({ hello: 1 })
      .then(
        ({ isWritablePrimary }) => isWritablePrimary === true,
        () => false,
      );
  }

  /** Restarts a mongod whenever it has ended, as a supervisor would. */
  async revive(mongod: Mongod, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      if (!mongod.isRunning) await mongod.start().catch(() => undefined);
      await wait(RESTART_EVERY_MS);
    }
  }

  close(): Promise<void> {
    return this.#closers.close();
  }

  async #open(): Promise<void> {
    const { database, servers: count, withStripe, settings, preload, logFiles, from } = this.options;
    this.#dataDir = await mkdtemp(path.join(os.tmpdir(), 'seat-booking-chaos-'));
    this.#closers.add(() => rm(this.#dataDir, { recursive: true, force: true, maxRetries: 5 }));
    const uri = database === 'embedded' ? '' : await this.#startDatabase();
    const provider = withStripe ? await this.#startStripe() : { PAYMENT_PROVIDER: 'simulated' };
    for (let number = 1; number <= count; number++) {
      const server = new ServerProcess({
        name: `server ${number}`,
        ...(from !== undefined && { main: mainOf(from) }),
        settings: {
          MONGODB_URI: uri,
          DATA_DIR: path.join(this.#dataDir, 'embedded'),
          TOKEN_SECRET,
          ...provider,
          RATE_LIMIT_PER_MINUTE: '0',
          LOCK_TTL_SECONDS: String(LOCK_TTL_SECONDS),
          LOCK_MAX_LIFE_SECONDS: String(3 * LOCK_TTL_SECONDS),
          // Logs each run of a job.
          LOG_LEVEL: 'debug',
          ...settings,
        },
        preload,
        keepsLog: true,
        logFile: logFiles && `${logFiles}-server-${number}.log`,
        stopMsMax: STOP_MS_MAX,
      });
      this.servers.push(server);
      this.#closers.add(() => (database === 'embedded' ? server.stop() : server.kill()));
      await server.start();
    }
    const client = new mongo.MongoClient(await this.#auditUri());
    this.#closers.add(() => client.close());
    await client.connect();
    this.#client = client;
    this.#users = new Users(client.db(DATABASE), TOKEN_SECRET);
  }

  async #startStripe(): Promise<Record<string, string>> {
    const stripe = await FakeStripe.start();
    this.#closers.add(() => stripe.close());
    this.#stripe = stripe;
    return {
      PAYMENT_PROVIDER: 'stripe',
      STRIPE_SECRET_KEY: STRIPE_KEYS.stripeSecretKey,
      STRIPE_PUBLISHABLE_KEY: STRIPE_KEYS.stripePublishableKey,
      STRIPE_WEBHOOK_SECRET: STRIPE_KEYS.stripeWebhookSecret,
      STRIPE_API_URL: stripe.url,
    };
  }

  async #startDatabase(): Promise<string> {
    const { database, proxied, smallDisk } = this.options;
    const log = pino({ level: 'warn' });
    const binary = await findMongodBinary({ cacheDir: await mongodCacheDir(this.#dataDir), log });
    const disk = smallDisk ? await this.#mountSmallDisk() : undefined;
    const set = await ReplicaSet.start({
      binary,
      dataDir: this.#dataDir,
      members: database === 'three members' ? 3 : 1,
      ...(disk !== undefined && {
        dbPath: () => path.join(disk, 'db'),
        // Writes reach the data files within seconds instead of a minute.
        args: ['--syncdelay', '2'],
      }),
      ...(proxied && {
        announcedPort: async ({ port }: Mongod) => {
          this.#proxy = await TcpProxy.start(port);
          this.#closers.add(() => this.proxy.stop());
          return this.#proxy.port;
        },
      }),
    });
    this.#set = set;
    this.#closers.add(() => set.stop());
    return set.uriOf(DATABASE);
  }

  /** The audit does not use the proxy. */
  async #auditUri(): Promise<string> {
    const { database, proxied } = this.options;
    if (database === 'embedded') {
      const file = path.join(this.#dataDir, 'embedded', 'mongod.json');
      const { port } = JSON.parse(await readFile(file, 'utf8')) as { port: number };
      return `mongodb://127.0.0.1:${port}/?replicaSet=${REPLICA_SET}`;
    }
    if (!proxied) return this.set.uriOf(DATABASE);
    return `mongodb://${this.set.members[0]?.host}/?directConnection=true`;
  }

  async #mountSmallDisk(): Promise<string> {
    const disk = path.join(this.#dataDir, 'disk');
    await mkdir(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK_MB}m`, 'none', disk]);
    if (mounted.status !== 0) {
      throw new Error('A small disk could not be mounted: this fault needs Linux and root.');
    }
    this.#closers.add(async () => spawnSync('umount', [disk]));
    return disk;
  }
}
