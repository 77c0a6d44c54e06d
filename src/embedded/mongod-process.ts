import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoInstance, MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import { mongo } from 'mongoose';

export const ADDRESS = '127.0.0.1';
export const REPLICA_SET = 'seat-booking';

/**
 * The range of ports. It is below the ports that operating systems use for outgoing connections (from 32768 on), so that
 * no client's connection can occupy mongod's port while it is down.
 */
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;
const PORT_TRIES = 50;

/** More than enough for the demo's data. By default mongod would take half of the memory. */
const WIRED_TIGER_CACHE_GB = 1;
/** Limits how far back the change stream can resume. By default mongod would take a twentieth of the disk. */
const OPLOG_MB = 1024;
/** How long mongod waits for running work after a signal. Its default of 15 s would delay the next owner. */
const SIGNALED_SHUTDOWN_MS = 500;
/** How long removed index entries stay, so that somebody could read the past. Nobody does, and locks walk over them. */
const HISTORY_SECONDS = 2;

/** From the call of start to a primary that accepts writes, including recovery after a crash. */
export const START_LIMIT_MS = 60_000;
/** How often to retry a start while another mongod still holds the data. */
const RETRY_START_EVERY_MS = 250;
/** How often to check whether a starting mongod is primary. */
const POLL_MS = 25;
/** A mongod on this machine answers within milliseconds; after this long there is none. */
const ANSWER_LIMIT_MS = 2_000;
/** How long a mongod without owner may take to shut down. */
const LEFTOVER_SHUTDOWN_LIMIT_MS = 10_000;

/** Server errors that mean "try again shortly". */
const ALREADY_INITIALIZED = 23;
const NOT_YET_INITIALIZED = 94;
const CONFIGURATION_IN_PROGRESS = 109;
const INTERRUPTED_BY_STATE_CHANGE = 11602;

/** Another program has the port. A new start chooses another port; an owner that must keep its port waits. */
export class PortTakenError extends Error {}

export interface MongodOptions {
  readonly port: number;
  readonly dbPath: string;
  /** Path of the mongod to run, and the version that it has. */
  readonly binary: string;
  readonly version: string;
  /** More arguments for mongod. */
  readonly args?: readonly string[];
  /** Cancels the start. */
  readonly signal: AbortSignal;
  /** Called once if it ends without having been stopped. */
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
   * @param startedMs when the start began, by performance.now(); START_LIMIT_MS counts from then
   * @returns once it accepts writes
   * @throws PortTakenError if another program took the port first, or Error with mongod's own error
   */
  static async start(options: MongodOptions, startedMs: number): Promise<MongodProcess> {
    const { signal } = options;
    const mongod = new MongodProcess(options);
    for (;;) {
      try {
        await mongod.#launch();
        break;
      } catch (error) {
        // A mongod whose owner was killed can hold its data a little longer than its port.
        const held = error instanceof Error && /DBPathInUse/.test(error.message);
        if (!held || signal.aborted || performance.now() - startedMs > START_LIMIT_MS) throw error;
        await sleep(RETRY_START_EVERY_MS);
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
   * Uses MongoInstance and not MongoMemoryServer, which adds temporary folders, ports that stay reserved and warnings that
   * bypass the log, and hides mongod's own error about a failed start.
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
          ...['--setParameter', `minSnapshotHistoryWindowInSeconds=${HISTORY_SECONDS}`],
          // Only the port is used. A leftover socket file of another user could even prevent the start.
          ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
          ...(args ?? []),
        ],
      },
      // Without the version the library warns that it differs from the one that it would download.
      binary: { systemBinary: binary, version },
      // Ctrl-C in a terminal reaches the whole foreground group, but mongod must outlive the server's shutdown.
      spawn: { detached: true },
    });
    const errors: string[] = [];
    instance.on(MongoInstanceEvents.instanceSTDOUT, (text: string) => errors.push(...errorsIn(text)));
    instance.on(MongoInstanceEvents.instanceSTDERR, (text: string) => errors.push(text));
    instance.once(MongoInstanceEvents.instanceClosed, (code: number | null, signal: string | null) => {
      if (this.#instance !== instance) return;
      this.#instance = undefined;
      onEnd(code, signal);
    });
    try {
      await instance.start();
    } catch (error) {
      const reason = errors.slice(-3).join('; ') || (error instanceof Error ? error.message : String(error));
      await instance.stop();
      if (/address already in use/i.test(reason)) throw new PortTakenError(reason, { cause: error });
      throw new Error(`mongod ${version} did not start on ${dbPath}: ${reason}`, { cause: error });
    }
    this.#instance = instance;
  }

  /** Configures the replica set for this port, since existing data contain the port of the last run. */
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
          if (!isTemporary(error)) throw error;
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

/** Whether the program on this port is a mongod with this data; as 'primary', whether it also accepts writes. */
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
 * Stops the mongod that a killed owner may have left on this port.
 *
 * @throws PortTakenError if another program has the port
 */
export async function clearPort(port: number, dbPath: string): Promise<void> {
  await endLeftover(port, dbPath);
  if (await isFree(port)) return;
  throw new PortTakenError(`port ${port}, which its clients use, is taken by another program`);
}

/** A mongod whose owner was killed ends by itself within seconds. A shutdown command is faster. */
async function endLeftover(port: number, dbPath: string): Promise<void> {
  if (!(await servesData(port, dbPath, 'any'))) return;
  const client = directClient(port);
  // mongod answers this by closing the connection.
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
  // Forced, because a member that is not in its own configuration has no primary that could do it.
  await admin.command({
    replSetReconfig: { ...config, version: config.version + 1, members: [{ ...member, host }] },
    force: true,
  });
}

function isTemporary(error: unknown): boolean {
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

/** The errors and fatal errors in mongod's log, which has one line of JSON for each. */
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
    const done = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => done(true));
    socket.once('timeout', () => done(false));
    socket.once('error', () => done(false));
  });
}
