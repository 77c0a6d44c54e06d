import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import { lock } from 'proper-lockfile';
import type { Log } from '../core/log.js';
import {
  choosePort,
  clearPort,
  isListening,
  MongodProcess,
  PortTakenError,
  START_LIMIT_MS,
  servesData,
} from './mongod-process.js';

/** How long a lost mongod, of this process or its owner's, may be unreachable before `onLost` is called. */
const RECOVERY_LIMIT_MS = 60_000;
/** How often a guest checks its owner, and how often a failed step is retried. */
const POLL_MS = 250;
/** The owner renews its lock every second. After five seconds without renewal any process may take it. */
const LOCK_UPDATE_MS = 1_000;
const LOCK_STALE_MS = 5_000;
/** If the owner's process is known to be gone, there is no need to wait longer. The library's minimum. */
const LOCK_STALE_OWNER_GONE_MS = 2_000;

export interface SupervisorOptions {
  /** Created if absent. It contains MongoDB's files in `mongodb/`, `mongod.json` and `owner.lock/`. */
  dataDir: string;
  /** Path of the mongod to run. */
  binary: string;
  log: Log;
  /** More arguments for mongod. */
  args?: readonly string[];
  /** Called once if the database is lost; nothing is retried after that. */
  onLost?: (error: Error) => void;
  /** How long a lost mongod may be unreachable before `onLost`, in milliseconds. Default: a minute. */
  recoveryLimitMs?: number;
}

/** The content of `mongod.json`, for the other processes and for the next start. */
interface MongodAddress {
  port: number;
  /** Absent after the owner has stopped cleanly. `id` distinguishes owners within one process. */
  owner?: { pid: number; id: string };
}

/** Another owner serves this data on another port, which this process's clients do not know. Waiting does not help. */
class MovedError extends Error {}

/** Becomes the owner or a guest of a data folder, and keeps its mongod running; see `startEmbeddedMongod`. */
export class MongodSupervisor {
  port = 0;
  readonly #options: SupervisorOptions;
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

  constructor(options: SupervisorOptions, dataDir: string, version: string) {
    this.#options = options;
    this.#version = version;
    this.#log = options.log;
    this.#dataDir = dataDir;
    this.#dbPath = join(dataDir, 'mongodb');
  }

  async open(): Promise<void> {
    const startedMs = performance.now();
    for (;;) {
      const address = await this.#readAddress();
      if (
        address !== undefined &&
        isAlive(address.owner?.pid) &&
        (await servesData(address.port, this.#dbPath, 'primary'))
      ) {
        this.port = address.port;
        this.#log.info(
          { port: this.port, ownerPid: address.owner?.pid },
          'Joined the MongoDB that another process runs on this data',
        );
        break;
      }
      if (await this.#tryAcquireLock(address)) {
        await this.#startAnywhere(address, startedMs).catch(async (error: unknown) => {
          await this.#releaseLock();
          throw error;
        });
        this.#log.info(
          { port: this.port, version: this.#version, ms: Math.round(performance.now() - startedMs) },
          'Started MongoDB',
        );
        break;
      }
      if (performance.now() - startedMs > START_LIMIT_MS) {
        const whose = address?.owner === undefined ? 'another process' : `process ${address.owner.pid}`;
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

  /** Keeps the mongod in use running until closed. Each round checks the present state, whatever happened before. */
  async #superviseUntilClosed(): Promise<void> {
    const recoveryLimitMs = this.#options.recoveryLimitMs ?? RECOVERY_LIMIT_MS;
    let lostSinceMs: number | undefined;
    let lastError = '';
    while (!this.#closing.signal.aborted) {
      try {
        await this.#supervise();
        lostSinceMs = undefined;
        lastError = '';
      } catch (caught) {
        if (this.#closing.signal.aborted) return;
        const error = caught instanceof Error ? caught : new Error(String(caught));
        lostSinceMs ??= performance.now();
        if (error.message !== lastError) {
          lastError = error.message;
          this.#log.error(
            { err: error, port: this.port, recoveryLimitMs },
            'MongoDB is not reachable; retrying',
          );
        }
        if (error instanceof MovedError || performance.now() - lostSinceMs > recoveryLimitMs) {
          await this.#releaseLock();
          this.#options.onLost?.(
            new Error(`The embedded MongoDB is lost: ${error.message}`, { cause: error }),
          );
          return;
        }
      }
      // A running mongod wakes its owner when it ends. Everything else is polled.
      const settled = this.#release !== undefined && this.#mongod !== undefined;
      await this.#sleep(settled ? undefined : POLL_MS);
    }
  }

  /** @throws Error while the database is not reachable */
  async #supervise(): Promise<void> {
    if (this.#release === undefined) {
      const address = await this.#readAddress();
      if (address !== undefined && address.port !== this.port) {
        throw new MovedError(`another process moved it from port ${this.port} to ${address.port}`);
      }
      const answers = await isListening(this.port);
      const owner = address?.owner;
      // A running owner stays the owner, even if a pause of the machine made its lock look stale.
      if (answers && owner?.id !== this.#id && isAlive(owner?.pid)) return;
      if (!(await this.#tryAcquireLock(address))) {
        if (answers) return;
        throw new Error('the process that runs it does not answer');
      }
    }
    if (this.#mongod === undefined) {
      const startedMs = performance.now();
      await this.#startOnPort(this.port, startedMs);
      this.#log.info(
        { port: this.port, ms: Math.round(performance.now() - startedMs) },
        'MongoDB is reachable again',
      );
    }
  }

  /** The first start of an owner: no client depends on a port yet, so it may change, but the last one is preferred. */
  async #startAnywhere(address: MongodAddress | undefined, startedMs: number): Promise<void> {
    let preferred = address?.port;
    for (;;) {
      this.port = preferred ?? (await choosePort());
      try {
        return await this.#startOnPort(this.port, startedMs);
      } catch (error) {
        if (!(error instanceof PortTakenError) || performance.now() - startedMs > START_LIMIT_MS) throw error;
        this.#log.warn({ port: this.port }, 'The port is taken by another program; choosing another one');
        preferred = undefined;
      }
    }
  }

  async #startOnPort(port: number, startedMs: number): Promise<void> {
    await clearPort(port, this.#dbPath);
    // Written before the start: readers check that the port answers.
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

  async #tryAcquireLock(address: MongodAddress | undefined): Promise<boolean> {
    const ownerGone = address?.owner !== undefined && !isAlive(address.owner.pid);
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
          this.#log.warn({ err: error }, 'The lock of the data folder is lost; trying to get it back');
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
      this.#log.warn({ err: error }, 'Could not record that the data folder is free');
    });
    // It fails if the lock was lost in the meantime; then another process holds it.
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
      return isAddress(read) ? read : undefined;
    } catch {
      return undefined;
    }
  }

  async #writeAddress(address: MongodAddress): Promise<void> {
    const file = join(this.#dataDir, 'mongod.json');
    const draft = `${file}.${this.#id}`;
    await writeFile(draft, `${JSON.stringify(address)}\n`);
    await rename(draft, file);
  }

  /** Returns when woken, at the latest after `ms`. Its timer does not keep the process alive. */
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

function isAddress(value: unknown): value is MongodAddress {
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
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
