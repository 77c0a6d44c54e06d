import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoInstance, MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import { mongo } from 'mongoose';

export const ADDRESS = '127.0.0.1';
export const REPLICA_SET = 'seat-booking';

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
export const START_LIMIT_MS = 60_000;
/** How often a mongod whose data another one still holds is started again. */
const START_AGAIN_EVERY_MS = 250;
/** How often a starting mongod is asked whether it is primary. */
const POLL_MS = 25;
/** A mongod on this machine answers within milliseconds, or there is none. */
const ANSWER_LIMIT_MS = 2_000;
/** How long an ownerless mongod may take to shut down when asked to. */
const LEFTOVER_SHUTDOWN_LIMIT_MS = 10_000;

/** Codes of the server that mean "a moment later". */
const ALREADY_INITIALIZED = 23;
const NOT_YET_INITIALIZED = 94;
const CONFIGURATION_IN_PROGRESS = 109;
const INTERRUPTED_BY_STATE_CHANGE = 11602;

/** The port belongs to another program: waiting helps an owner that must keep it, and a new start takes another one. */
export class PortTakenError extends Error {}

export interface MongodOptions {
  readonly port: number;
  readonly dbPath: string;
  /** Path of the mongod to run, and the version that it has. */
  readonly binary: string;
  readonly version: string;
  /** More arguments for mongod. */
  readonly args?: readonly string[];
  /** Gives the start up. */
  readonly signal: AbortSignal;
  /** Called once if it ends although nobody has stopped it. */
  readonly onEnd: (code: number | null, signal: string | null) => void;
}

/** A mongod that this process runs: the one member of its replica set, and its primary. */
export class MongodProcess {
  readonly #options: MongodOptions;
  #instance: MongoInstance | undefined;

  private constructor(options: MongodOptions) {
    this.#options = options;
  }

  /**
   * @param startedMs when the start began, by performance.now(); waiting for the data counts from then
   * @returns once it takes writes
   * @throws PortTakenError if another program was faster than mongod, or Error with mongod's own words
   */
  static async start(options: MongodOptions, startedMs: number): Promise<MongodProcess> {
    const { signal } = options;
    const mongod = new MongodProcess(options);
    for (;;) {
      try {
        await mongod.#launch();
        break;
      } catch (error) {
        // A former mongod whose owner was killed can hold its data a moment longer than its port.
        const held = error instanceof Error && /DBPathInUse/.test(error.message);
        if (!held || signal.aborted || performance.now() - startedMs > START_LIMIT_MS) throw error;
        await sleep(START_AGAIN_EVERY_MS);
      }
    }
    try {
      await mongod.#becomePrimary();
      mongod.#requireRunning();
    } catch (error) {
      await mongod.stop();
      throw error;
    }
    return mongod;
  }

  async stop(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    await instance?.stop();
  }

  /**
   * MongoInstance and not MongoMemoryServer, which adds temporary folders, ports reserved for the life of the process
   * and warnings printed past the log, and keeps mongod's own words about a failed start to itself.
   */
  async #launch(): Promise<void> {
    const { port, dbPath, binary, version, args, onEnd } = this.#options;
    const instance = new MongoInstance({
      instance: {
        ip: ADDRESS,
        port,
        dbPath,
        replSet: REPLICA_SET,
        storageEngine: 'wiredTiger',
        launchTimeout: START_LIMIT_MS,
        args: [
          ...['--wiredTigerCacheSizeGB', String(WIRED_TIGER_CACHE_GB)],
          ...['--oplogSize', String(OPLOG_MB)],
          ...['--setParameter', `shutdownTimeoutMillisForSignaledShutdown=${SIGNALED_SHUTDOWN_MS}`],
          // Only the port is used; a socket file of another user's former mongod could even prevent the start.
          ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
          ...(args ?? []),
        ],
      },
      // Naming the version that it has spares the library's warning about the one that it would have downloaded.
      binary: { systemBinary: binary, version },
      // A Ctrl-C in the terminal reaches the whole foreground group; mongod must outlive the server's own shutdown.
      spawn: { detached: true },
    });
    const complaints: string[] = [];
    instance.on(MongoInstanceEvents.instanceSTDOUT, (text: string) => complaints.push(...errorsIn(text)));
    instance.on(MongoInstanceEvents.instanceSTDERR, (text: string) => complaints.push(text));
    instance.once(MongoInstanceEvents.instanceClosed, (code: number | null, signal: string | null) => {
      if (this.#instance !== instance) return;
      this.#instance = undefined;
      onEnd(code, signal);
    });
    try {
      await instance.start();
    } catch (error) {
      const words =
        complaints.slice(-3).join('; ') || (error instanceof Error ? error.message : String(error));
      await instance.stop();
      if (/address already in use/i.test(words)) throw new PortTakenError(words, { cause: error });
      throw new Error(`mongod ${version} did not start on ${dbPath}: ${words}`, { cause: error });
    }
    this.#instance = instance;
  }

  /** Makes the member what its port says: kept data name the port of the last run. */
  async #becomePrimary(): Promise<void> {
    const { port, signal } = this.#options;
    const startedMs = performance.now();
    const client = directClient(port);
    let state = 'it did not answer';
    try {
      const admin = client.db('admin');
      let configured = false;
      while (performance.now() - startedMs < START_LIMIT_MS) {
        if (signal.aborted) throw new Error('closed while starting');
        this.#requireRunning();
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
        await sleep(POLL_MS);
      }
    } finally {
      await client.close();
    }
    throw new Error(
      `mongod on port ${port} did not become primary within ${START_LIMIT_MS / 1000} s: ${state}`,
    );
  }

  #requireRunning(): void {
    if (this.#instance === undefined) throw new Error('mongod ended while starting');
  }
}

/** Whether the program on this port is a mongod on this very data, and, if asked, takes writes. */
export async function servesData(port: number, dbPath: string, as: 'primary' | 'any'): Promise<boolean> {
  if (!(await isListening(port))) return false;
  const client = directClient(port);
  try {
    const admin = client.db('admin');
    const commandLine = await admin.command({ getCmdLineOpts: 1 });
    if (commandLine.parsed?.storage?.dbPath !== dbPath) return false;
    if (as === 'any') return true;
    const hello = await admin.command({ hello: 1 });
    return hello.isWritablePrimary === true && hello.me === `${ADDRESS}:${port}`;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

/**
 * Ends what an owner that was killed may have left on this port.
 *
 * @throws PortTakenError if the port is another program's
 */
export async function clearPort(port: number, dbPath: string): Promise<void> {
  await endLeftover(port, dbPath);
  if (await isFree(port)) return;
  throw new PortTakenError(`port ${port}, where its clients look for it, is taken by another program`);
}

/** A mongod on this data without an owner (which was killed) ends within seconds by itself; asked to, it is faster. */
async function endLeftover(port: number, dbPath: string): Promise<void> {
  if (!(await servesData(port, dbPath, 'any'))) return;
  const client = directClient(port);
  // The answer is a closed connection.
  await client
    .db('admin')
    .command({ shutdown: 1, force: true, timeoutSecs: 0 })
    .catch(() => {});
  await client.close();
  const startedMs = performance.now();
  while ((await isListening(port)) && performance.now() - startedMs < LEFTOVER_SHUTDOWN_LIMIT_MS) {
    await sleep(POLL_MS);
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
function errorsIn(text: string): string[] {
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

export async function choosePort(): Promise<number> {
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

export function isListening(port: number): Promise<boolean> {
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
