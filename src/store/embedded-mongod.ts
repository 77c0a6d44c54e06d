import { randomInt } from 'node:crypto';
import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoInstance, MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import { mongo } from 'mongoose';
import { nanoid } from 'nanoid';
import { lock } from 'proper-lockfile';
import type { Log } from '../core/log.js';
import { mongodVersion } from './mongod-binary.js';

const ADDRESS = '127.0.0.1';
const REPLICA_SET = 'seat-booking';
const DATABASE = 'seat-booking';

/**
 * Ports are chosen here, below those that operating systems hand out for outgoing connections (from 32768 on): while
 * mongod is down, no client's connection can occupy its port.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const PORT_TRIES = 50;

/** Enough for the demo's data many times over, and harmless beside other programs. mongod would take half of memory. */
const WIRED_TIGER_CACHE_GB = 1;
/** Bounds what the change stream can resume from; mongod would take a twentieth of the disk. */
const OPLOG_MB = 1024;
/** How long mongod lets running work end after a signal. Its 15 s would hold up whoever takes over. */
const SIGNALED_SHUTDOWN_MS = 500;

/** From the call of start to a primary that takes writes, a recovery after a crash included. */
const START_LIMIT_MS = 60_000;
/** How long a lost mongod, ours or the one joined, may stay away before `onLost` is told. */
const RECOVERY_LIMIT_MS = 60_000;
/** How often a guest looks whether its host is still there, and how often anybody tries again. */
const LOOK_EVERY_MS = 250;
/** How often a starting mongod is asked whether it is primary. */
const ASK_EVERY_MS = 25;
/** A mongod on this machine answers within milliseconds, or there is none. */
const ANSWER_LIMIT_MS = 2_000;
/** How long an ownerless mongod may take to shut down when asked to. */
const LEFTOVER_SHUTDOWN_LIMIT_MS = 10_000;

/** The owner renews its lock every second; it is stale, and anybody's, after five without renewal. */
const LOCK_UPDATE_MS = 1_000;
const LOCK_STALE_MS = 5_000;
/** When the owner's process is known to be gone, waiting longer for its renewal is pointless. The library's minimum. */
const LOCK_STALE_OWNER_GONE_MS = 2_000;

/** Codes of the server that mean "a moment later". */
const ALREADY_INITIALIZED = 23;
const NOT_YET_INITIALIZED = 94;
const CONFIGURATION_IN_PROGRESS = 109;
const INTERRUPTED_BY_STATE_CHANGE = 11602;

export interface EmbeddedMongod {
  /** For a client of this process. It stays right for as long as `onLost` has not been called. */
  readonly uri: string;
  /** Ends the mongod if this process runs it, else just leaves it. Harmless when called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedMongodOptions {
  /** Made when absent. It holds MongoDB's files in `mongodb/`, `mongod.json` and `owner.lock/`. */
  dataDir: string;
  /** Path of the mongod to run. */
  binary: string;
  log: Log;
  /** The database in the uri. Default: "seat-booking". */
  databaseName?: string;
  /** More arguments for mongod. */
  args?: readonly string[];
  /** Called once if the database is gone for good; nothing is tried after that. */
  onLost?: (error: Error) => void;
  /** How long a lost mongod may stay away before `onLost`, in milliseconds. Default: a minute. */
  recoveryLimitMs?: number;
}

/**
 * Starts a real replica set of one member on a data folder, or joins the one that another process runs on it.
 *
 * Exactly one process, the owner, holds the folder's lock and runs mongod. Any other is a guest: it uses the owner's
 * mongod. Everybody keeps looking after what it uses:
 *
 *     owner --mongod ends-----------------> starts it again, same port
 *     owner --its lock was taken (it slept)> guest
 *     guest --owner and lock are gone------> owner, starts mongod on the same data and the same port
 *
 * So the uri given out stays right, and clients that are connected just reconnect. mongod's own lock in its folder is
 * the last guard: two of them never run on the same data, whatever happens to ours.
 *
 * @returns once the database takes writes
 * @throws Error when that takes longer than a minute, or with mongod's own words when it refuses to run
 */
export async function startEmbeddedMongod(options: EmbeddedMongodOptions): Promise<EmbeddedMongod> {
  await mkdir(join(options.dataDir, 'mongodb'), { recursive: true, mode: 0o700 });
  const version = await mongodVersion(options.binary);
  const keeper = new Keeper(options, await realpath(options.dataDir), version);
  await keeper.open();
  let stopped: Promise<void> | undefined;
  return {
    uri: `mongodb://${ADDRESS}:${keeper.port}/${options.databaseName ?? DATABASE}?replicaSet=${REPLICA_SET}`,
    stop: () => {
      stopped ??= keeper.close();
      return stopped;
    },
  };
}

/** What `mongod.json` tells the other processes, and the next start. */
interface Whereabouts {
  port: number;
  /** Absent once the owner has left in good order. `id` tells owners within one process apart. */
  owner?: { pid: number; id: string };
}

/** The port belongs to another program: waiting helps an owner that must keep it, and a new start takes another one. */
class PortTakenError extends Error {}

/** Another owner serves this data on another port, which this process's clients do not know: no waiting cures that. */
class MovedError extends Error {}

class Keeper {
  port = 0;
  readonly #options: EmbeddedMongodOptions;
  readonly #version: string;
  readonly #log: Log;
  readonly #dataDir: string;
  readonly #dbPath: string;
  readonly #id = nanoid();
  /** Set while this process is the owner. */
  #release: (() => Promise<void>) | undefined;
  /** Set while the mongod of this process runs. */
  #mongod: MongoInstance | undefined;
  #closing = false;
  #keeping: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(options: EmbeddedMongodOptions, dataDir: string, version: string) {
    this.#options = options;
    this.#version = version;
    this.#log = options.log;
    this.#dataDir = dataDir;
    this.#dbPath = join(dataDir, 'mongodb');
  }

  async open(): Promise<void> {
    const startedMs = performance.now();
    for (;;) {
      const there = await this.#readWhereabouts();
      if (there !== undefined && isAlive(there.owner?.pid) && (await this.#isOurs(there.port, 'primary'))) {
        this.port = there.port;
        this.#log.info(
          { port: this.port, ownerPid: there.owner?.pid },
          'joined the MongoDB that another process runs on this data',
        );
        break;
      }
      if (await this.#tryToOwn(there)) {
        await this.#startAnywhere(there, startedMs).catch(async (error: unknown) => {
          await this.#giveUpLock();
          throw error;
        });
        this.#log.info(
          { port: this.port, version: this.#version, ms: Math.round(performance.now() - startedMs) },
          'started MongoDB',
        );
        break;
      }
      if (performance.now() - startedMs > START_LIMIT_MS) {
        const whose = there?.owner === undefined ? 'another process' : `process ${there.owner.pid}`;
        throw new Error(
          `${this.#dataDir} is in use by ${whose}, whose MongoDB cannot be reached from here. ` +
            'Stop that process, or set DATA_DIR to another folder.',
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
    this.#keeping = this.#keep();
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#keeping;
    await this.#stopMongod();
    await this.#giveUpLock();
  }

  /** Looks after the mongod in use until closed. Each round works from what is so, not from what had happened. */
  async #keep(): Promise<void> {
    const recoveryLimitMs = this.#options.recoveryLimitMs ?? RECOVERY_LIMIT_MS;
    let lostSinceMs: number | undefined;
    let lastFault = '';
    while (!this.#closing) {
      try {
        await this.#lookAfter();
        lostSinceMs = undefined;
        lastFault = '';
      } catch (caught) {
        if (this.#closing) return;
        const error = caught instanceof Error ? caught : new Error(String(caught));
        lostSinceMs ??= performance.now();
        if (error.message !== lastFault) {
          lastFault = error.message;
          this.#log.error({ err: error, port: this.port, recoveryLimitMs }, 'MongoDB is away; trying again');
        }
        if (error instanceof MovedError || performance.now() - lostSinceMs > recoveryLimitMs) {
          await this.#giveUpLock();
          this.#options.onLost?.(
            new Error(`The embedded MongoDB is lost: ${error.message}`, { cause: error }),
          );
          return;
        }
      }
      // A running mongod wakes its owner when it ends; everything else has to be looked at.
      const settled = this.#release !== undefined && this.#mongod !== undefined;
      await this.#sleep(settled ? undefined : LOOK_EVERY_MS);
    }
  }

  /** @throws Error while the database is away */
  async #lookAfter(): Promise<void> {
    if (this.#release === undefined) {
      const there = await this.#readWhereabouts();
      if (there !== undefined && there.port !== this.port) {
        throw new MovedError(`another process moved it from port ${this.port} to ${there.port}`);
      }
      const answers = await isListening(this.port);
      const owner = there?.owner;
      // An owner that is there and serves keeps its post, even if a pause of the machine made its lock look stale.
      if (answers && owner?.id !== this.#id && isAlive(owner?.pid)) return;
      if (!(await this.#tryToOwn(there))) {
        if (answers) return;
        throw new Error('the process that runs it does not answer');
      }
    }
    if (this.#mongod === undefined) {
      const startedMs = performance.now();
      await this.#startOnPort(this.port, startedMs);
      this.#log.info({ port: this.port, ms: Math.round(performance.now() - startedMs) }, 'MongoDB is back');
    }
  }

  /** The first start of an owner: no client depends on a port yet, so any will do, preferably the last one. */
  async #startAnywhere(there: Whereabouts | undefined, startedMs: number): Promise<void> {
    let preferred = there?.port;
    for (;;) {
      this.port = preferred ?? (await choosePort());
      try {
        return await this.#startOnPort(this.port, startedMs);
      } catch (error) {
        if (!(error instanceof PortTakenError) || performance.now() - startedMs > START_LIMIT_MS) throw error;
        this.#log.warn({ port: this.port }, 'the port is taken by another program; choosing another one');
        preferred = undefined;
      }
    }
  }

  async #startOnPort(port: number, startedMs: number): Promise<void> {
    await this.#endLeftover(port);
    if (!(await isFree(port))) {
      throw new PortTakenError(`port ${port}, where its clients look for it, is taken by another program`);
    }
    // Told before it is true: whoever reads it asks the port before believing it.
    await this.#writeWhereabouts({ port, owner: { pid: process.pid, id: this.#id } });
    for (;;) {
      try {
        this.#mongod = await this.#launch(port);
        break;
      } catch (error) {
        // A former mongod whose owner was killed can hold its data a moment longer than its port.
        const held = error instanceof Error && /DBPathInUse/.test(error.message);
        if (!held || this.#closing || performance.now() - startedMs > START_LIMIT_MS) throw error;
        await sleep(LOOK_EVERY_MS);
      }
    }
    try {
      await this.#becomePrimary(port);
    } catch (error) {
      await this.#stopMongod();
      throw error;
    }
  }

  /**
   * MongoInstance and not MongoMemoryServer, which adds temporary folders, ports reserved for the life of the process
   * and warnings printed past the log, and keeps mongod's own words about a failed start to itself.
   */
  async #launch(port: number): Promise<MongoInstance> {
    const instance = new MongoInstance({
      instance: {
        ip: ADDRESS,
        port,
        dbPath: this.#dbPath,
        replSet: REPLICA_SET,
        storageEngine: 'wiredTiger',
        launchTimeout: START_LIMIT_MS,
        args: [
          ...['--wiredTigerCacheSizeGB', String(WIRED_TIGER_CACHE_GB)],
          ...['--oplogSize', String(OPLOG_MB)],
          ...['--setParameter', `shutdownTimeoutMillisForSignaledShutdown=${SIGNALED_SHUTDOWN_MS}`],
          // Only the port is used; a socket file of another user's former mongod could even prevent the start.
          ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
          ...(this.#options.args ?? []),
        ],
      },
      // Naming the version that it has spares the library's warning about the one that it would have downloaded.
      binary: { systemBinary: this.#options.binary, version: this.#version },
      // A Ctrl-C in the terminal reaches the whole foreground group; mongod must outlive the server's own shutdown.
      spawn: { detached: true },
    });
    const complaints: string[] = [];
    instance.on(MongoInstanceEvents.instanceSTDOUT, (text: string) => complaints.push(...complaintsIn(text)));
    instance.on(MongoInstanceEvents.instanceSTDERR, (text: string) => complaints.push(text));
    instance.once(MongoInstanceEvents.instanceClosed, (code: number | null, signal: string | null) => {
      if (this.#mongod !== instance) return;
      this.#mongod = undefined;
      if (!this.#closing) this.#log.error({ port, code, signal }, 'MongoDB ended unexpectedly');
      this.#wake();
    });
    try {
      await instance.start();
    } catch (error) {
      const words =
        complaints.slice(-3).join('; ') || (error instanceof Error ? error.message : String(error));
      await instance.stop();
      if (/address already in use/i.test(words)) throw new PortTakenError(words, { cause: error });
      throw new Error(`mongod ${this.#version} did not start on ${this.#dbPath}: ${words}`, { cause: error });
    }
    return instance;
  }

  /** Makes the member what its port says: kept data name the port of the last run. */
  async #becomePrimary(port: number): Promise<void> {
    const startedMs = performance.now();
    const client = directClient(port);
    let state = 'it did not answer';
    try {
      const admin = client.db('admin');
      let configured = false;
      while (performance.now() - startedMs < START_LIMIT_MS) {
        if (this.#closing) throw new Error('closed while starting');
        if (this.#mongod === undefined) throw new Error('mongod ended while starting');
        try {
          if (!configured) await configure(admin, `${ADDRESS}:${port}`);
          configured = true;
          const hello = await admin.command({ hello: 1 });
          if (hello.isWritablePrimary === true && hello.me === `${ADDRESS}:${port}`) return;
          state = String(hello.info ?? 'it is not primary');
        } catch (error) {
          if (!isPassing(error)) throw error;
          state = (error as Error).message;
        }
        await sleep(ASK_EVERY_MS);
      }
    } finally {
      await client.close();
    }
    throw new Error(
      `mongod on port ${port} did not become primary within ${START_LIMIT_MS / 1000} s: ${state}`,
    );
  }

  /** A mongod on our data without an owner (which was killed) ends within seconds by itself; asked to, it is faster. */
  async #endLeftover(port: number): Promise<void> {
    if (!(await this.#isOurs(port, 'any'))) return;
    const client = directClient(port);
    // The answer is a closed connection.
    await client
      .db('admin')
      .command({ shutdown: 1, force: true, timeoutSecs: 0 })
      .catch(() => {});
    await client.close();
    const startedMs = performance.now();
    while ((await isListening(port)) && performance.now() - startedMs < LEFTOVER_SHUTDOWN_LIMIT_MS) {
      await sleep(ASK_EVERY_MS);
    }
  }

  /** Whether the program on this port is the mongod on this very data, and, if asked, takes writes. */
  async #isOurs(port: number, as: 'primary' | 'any'): Promise<boolean> {
    if (!(await isListening(port))) return false;
    const client = directClient(port);
    try {
      const admin = client.db('admin');
      const commandLine = await admin.command({ getCmdLineOpts: 1 });
      if (commandLine.parsed?.storage?.dbPath !== this.#dbPath) return false;
      if (as === 'any') return true;
      const hello = await admin.command({ hello: 1 });
      return hello.isWritablePrimary === true && hello.me === `${ADDRESS}:${port}`;
    } catch {
      return false;
    } finally {
      await client.close();
    }
  }

  async #tryToOwn(there: Whereabouts | undefined): Promise<boolean> {
    const ownerGone = there?.owner !== undefined && !isAlive(there.owner.pid);
    try {
      const release = await lock(this.#dataDir, {
        lockfilePath: join(this.#dataDir, 'owner.lock'),
        realpath: false,
        retries: 0,
        update: LOCK_UPDATE_MS,
        stale: ownerGone ? LOCK_STALE_OWNER_GONE_MS : LOCK_STALE_MS,
        onCompromised: (error) => {
          if (this.#release !== release) return;
          this.#release = undefined;
          this.#log.warn({ err: error }, 'the lock of the data folder is lost; trying to get it back');
          this.#wake();
        },
      });
      this.#release = release;
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return false;
      throw error;
    }
  }

  async #giveUpLock(): Promise<void> {
    const release = this.#release;
    if (release === undefined) return;
    this.#release = undefined;
    await this.#writeWhereabouts({ port: this.port }).catch((error: unknown) => {
      this.#log.warn({ err: error }, 'could not note that the data folder is free');
    });
    // It can have been lost in the meantime, and then it is not ours to release.
    await release().catch(() => {});
  }

  async #stopMongod(): Promise<void> {
    const mongod = this.#mongod;
    this.#mongod = undefined;
    await mongod?.stop();
  }

  async #readWhereabouts(): Promise<Whereabouts | undefined> {
    try {
      const read: unknown = JSON.parse(await readFile(join(this.#dataDir, 'mongod.json'), 'utf8'));
      return isWhereabouts(read) ? read : undefined;
    } catch {
      return undefined;
    }
  }

  async #writeWhereabouts(whereabouts: Whereabouts): Promise<void> {
    const file = join(this.#dataDir, 'mongod.json');
    const draft = `${file}.${this.#id}`;
    await writeFile(draft, `${JSON.stringify(whereabouts)}\n`);
    await rename(draft, file);
  }

  /** Until woken, at the latest after `ms`. Its timer keeps no process alive. */
  #sleep(ms: number | undefined): Promise<void> {
    if (this.#closing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function configure(admin: mongo.Db, host: string): Promise<void> {
  try {
    await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
    return;
  } catch (error) {
    if (!(error instanceof mongo.MongoServerError) || error.code !== ALREADY_INITIALIZED) throw error;
  }
  const { config } = await admin.command({ replSetGetConfig: 1 });
  const member = config.members[0];
  if (member.host === host) return;
  // Forced, because a member that does not find itself in its configuration has no primary that could do it.
  await admin.command({
    replSetReconfig: { ...config, version: config.version + 1, members: [{ ...member, host }] },
    force: true,
  });
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof mongo.MongoServerError)) return error instanceof mongo.MongoNetworkError;
  return [NOT_YET_INITIALIZED, CONFIGURATION_IN_PROGRESS, INTERRUPTED_BY_STATE_CHANGE].includes(
    Number(error.code),
  );
}

function directClient(port: number): mongo.MongoClient {
  return new mongo.MongoClient(`mongodb://${ADDRESS}:${port}`, {
    directConnection: true,
    maxPoolSize: 1,
    connectTimeoutMS: ANSWER_LIMIT_MS,
    serverSelectionTimeoutMS: ANSWER_LIMIT_MS,
  });
}

/** What mongod says in its log (a line of JSON each) when it refuses to start: errors and fatal errors. */
function complaintsIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (!/"s":"[EF]"/.test(line)) return [];
    try {
      const { msg, attr } = JSON.parse(line) as { msg?: string; attr?: unknown };
      return [attr === undefined ? String(msg) : `${msg} ${JSON.stringify(attr)}`];
    } catch {
      return [line];
    }
  });
}

function isWhereabouts(value: unknown): value is Whereabouts {
  const { port, owner } = (value ?? {}) as Partial<Whereabouts>;
  return (
    Number.isInteger(port) &&
    (owner === undefined || (Number.isInteger(owner?.pid) && typeof owner?.id === 'string'))
  );
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function choosePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found between ${PORT_MIN} and ${PORT_MAX}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: ADDRESS, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: ADDRESS, timeout: ANSWER_LIMIT_MS });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}
