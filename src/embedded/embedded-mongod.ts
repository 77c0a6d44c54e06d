import { mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import { lock } from 'proper-lockfile';
import type { Log } from '../core/log.js';
import { mongodVersion } from './mongod-binary.js';
import {
  ADDRESS,
  choosePort,
  clearPort,
  isListening,
  MongodProcess,
  PortTakenError,
  REPLICA_SET,
  START_LIMIT_MS,
  servesData,
} from './mongod-process.js';

const DATABASE = 'seat-booking';

/** How long a lost mongod, ours or the one joined, may stay away before `onLost` is told. */
const RECOVERY_LIMIT_MS = 60_000;
/** How often a guest looks whether its host is still there, and how often anybody tries again. */
const POLL_MS = 250;
/** The owner renews its lock every second; it is stale, and anybody's, after five without renewal. */
const LOCK_UPDATE_MS = 1_000;
const LOCK_STALE_MS = 5_000;
/** When the owner's process is known to be gone, waiting longer for its renewal is pointless. The library's minimum. */
const LOCK_STALE_OWNER_GONE_MS = 2_000;

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
  const keeper = new MongodSupervisor(options, await realpath(options.dataDir), version);
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
interface MongodAddress {
  port: number;
  /** Absent once the owner has left in good order. `id` tells owners within one process apart. */
  owner?: { pid: number; id: string };
}

/** Another owner serves this data on another port, which this process's clients do not know: no waiting cures that. */
class MovedError extends Error {}

class MongodSupervisor {
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
  #mongod: MongodProcess | undefined;
  readonly #closing = new AbortController();
  #supervising: Promise<void> = Promise.resolve();
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
      const there = await this.#readAddress();
      if (
        there !== undefined &&
        isAlive(there.owner?.pid) &&
        (await servesData(there.port, this.#dbPath, 'primary'))
      ) {
        this.port = there.port;
        this.#log.info(
          { port: this.port, ownerPid: there.owner?.pid },
          'joined the MongoDB that another process runs on this data',
        );
        break;
      }
      if (await this.#tryAcquireLock(there)) {
        await this.#startAnywhere(there, startedMs).catch(async (error: unknown) => {
          await this.#releaseLock();
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
      await sleep(POLL_MS);
    }
    this.#supervising = this.#superviseUntilClosed();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#supervising;
    await this.#stopMongod();
    await this.#releaseLock();
  }

  /** Looks after the mongod in use until closed. Each round works from what is so, not from what had happened. */
  async #superviseUntilClosed(): Promise<void> {
    const recoveryLimitMs = this.#options.recoveryLimitMs ?? RECOVERY_LIMIT_MS;
    let lostSinceMs: number | undefined;
    let lastFault = '';
    while (!this.#closing.signal.aborted) {
      try {
        await this.#supervise();
        lostSinceMs = undefined;
        lastFault = '';
      } catch (caught) {
        if (this.#closing.signal.aborted) return;
        const error = caught instanceof Error ? caught : new Error(String(caught));
        lostSinceMs ??= performance.now();
        if (error.message !== lastFault) {
          lastFault = error.message;
          this.#log.error({ err: error, port: this.port, recoveryLimitMs }, 'MongoDB is away; trying again');
        }
        if (error instanceof MovedError || performance.now() - lostSinceMs > recoveryLimitMs) {
          await this.#releaseLock();
          this.#options.onLost?.(
            new Error(`The embedded MongoDB is lost: ${error.message}`, { cause: error }),
          );
          return;
        }
      }
      // A running mongod wakes its owner when it ends; everything else has to be looked at.
      const settled = this.#release !== undefined && this.#mongod !== undefined;
      await this.#sleep(settled ? undefined : POLL_MS);
    }
  }

  /** @throws Error while the database is away */
  async #supervise(): Promise<void> {
    if (this.#release === undefined) {
      const there = await this.#readAddress();
      if (there !== undefined && there.port !== this.port) {
        throw new MovedError(`another process moved it from port ${this.port} to ${there.port}`);
      }
      const answers = await isListening(this.port);
      const owner = there?.owner;
      // An owner that is there and serves keeps its post, even if a pause of the machine made its lock look stale.
      if (answers && owner?.id !== this.#id && isAlive(owner?.pid)) return;
      if (!(await this.#tryAcquireLock(there))) {
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
  async #startAnywhere(there: MongodAddress | undefined, startedMs: number): Promise<void> {
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
    await clearPort(port, this.#dbPath);
    // Told before it is true: whoever reads it asks the port before believing it.
    await this.#writeAddress({ port, owner: { pid: process.pid, id: this.#id } });
    const { binary, args } = this.#options;
    this.#mongod = await MongodProcess.start(
      {
        port,
        dbPath: this.#dbPath,
        binary,
        version: this.#version,
        ...(args && { args }),
        signal: this.#closing.signal,
        onEnd: (code, signal) => {
          this.#mongod = undefined;
          if (!this.#closing.signal.aborted) {
            this.#log.error({ port, code, signal }, 'MongoDB ended unexpectedly');
          }
          this.#wake();
        },
      },
      startedMs,
    );
  }

  async #tryAcquireLock(there: MongodAddress | undefined): Promise<boolean> {
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

  async #releaseLock(): Promise<void> {
    const release = this.#release;
    if (release === undefined) return;
    this.#release = undefined;
    await this.#writeAddress({ port: this.port }).catch((error: unknown) => {
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

  async #readAddress(): Promise<MongodAddress | undefined> {
    try {
      const read: unknown = JSON.parse(await readFile(join(this.#dataDir, 'mongod.json'), 'utf8'));
      return isWhereabouts(read) ? read : undefined;
    } catch {
      return undefined;
    }
  }

  async #writeAddress(whereabouts: MongodAddress): Promise<void> {
    const file = join(this.#dataDir, 'mongod.json');
    const draft = `${file}.${this.#id}`;
    await writeFile(draft, `${JSON.stringify(whereabouts)}\n`);
    await rename(draft, file);
  }

  /** Until woken, at the latest after `ms`. Its timer keeps no process alive. */
  #sleep(ms: number | undefined): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isWhereabouts(value: unknown): value is MongodAddress {
  const { port, owner } = (value ?? {}) as Partial<MongodAddress>;
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
