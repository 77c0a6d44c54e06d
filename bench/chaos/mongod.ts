import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ADDRESS, choosePort } from '../../src/embedded/mongod-process.js';
import { endProcess, isRunning } from '../lib/processes.js';

/** From the start until it listens, including a recovery after a crash on a busy machine. */
const LISTEN_MS_MAX = 60_000;
const CHECK_EVERY_MS = 25;
const FROZEN_CHECK_EVERY_MS = 2;
/** After this time a mongod that was stopped is killed. */
const STOP_MS_MAX = 20_000;
/** Several run side by side. By default each would use half of the machine's memory. */
const CACHE_GB = 0.25;
const OPLOG_MB_DEFAULT = 256;
/** By default a stopping primary waits 15 s for running work, which would delay restarts of one member after the other. */
const SIGNALED_SHUTDOWN_MS = 500;

export interface MongodOptions {
  readonly binary: string;
  /** Created if missing. */
  readonly dbPath: string;
  /** Outside of dbPath, whose disk may be full. */
  readonly logFile: string;
  readonly replicaSet: string;
  /** Default: a free port. */
  readonly port?: number;
  /** With a smaller oplog, a change stream's resume token expires sooner. */
  readonly oplogMb?: number;
  /** More arguments. */
  readonly args?: readonly string[];
}

/** A mongod process that can be killed, frozen and started again, always with the same data and port. */
export class Mongod {
  #child: ChildProcess | undefined;

  private constructor(
    private readonly options: MongodOptions,
    readonly port: number,
  ) {}

  /** @returns once it listens. It may not be a member of a replica set yet. */
  static async start(options: MongodOptions): Promise<Mongod> {
    const mongod = new Mongod(options, options.port ?? (await choosePort()));
    await mongod.start();
    return mongod;
  }

  get host(): string {
    return `${ADDRESS}:${this.port}`;
  }

  get dbPath(): string {
    return this.options.dbPath;
  }

  get isRunning(): boolean {
    return isRunning(this.#child);
  }

  /** Of the running or the last process. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Starts it, unless it is running.
   *
   * @throws if it ends instead of listening
   */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const { binary, dbPath, logFile, replicaSet, oplogMb = OPLOG_MB_DEFAULT, args = [] } = this.options;
    await mkdir(dbPath, { recursive: true });
    const child = spawn(
      binary,
      [
        ...['--dbpath', dbPath, '--port', String(this.port), '--bind_ip', ADDRESS, '--nounixsocket'],
        ...['--replSet', replicaSet, '--wiredTigerCacheSizeGB', String(CACHE_GB)],
        ...['--oplogSize', String(oplogMb), '--logpath', logFile, '--logappend'],
        ...['--setParameter', `shutdownTimeoutMillisForSignaledShutdown=${SIGNALED_SHUTDOWN_MS}`],
        ...args,
      ],
      { stdio: 'ignore' },
    );
    this.#child = child;
    const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
    await Promise.race([failed, this.#untilListening(logFile)]);
  }

  /** Stops it by SIGTERM. */
  stop(): Promise<void> {
    // A frozen process does not receive SIGTERM.
    this.#child?.kill('SIGCONT');
    return endProcess(this.#child, 'SIGTERM', STOP_MS_MAX);
  }

  /** Ends it like a power cut. */
  kill = (): Promise<void> => endProcess(this.#child, 'SIGKILL');

  /**
   * Freezes it: it keeps its connections and answers nothing until it is thawed.
   *
   * @returns once every thread has stopped. On a busy machine that takes tens of milliseconds, in which other threads
   *   still answer.
   */
  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    while (this.isRunning && !(await hasStopped(this.pid))) await wait(FROZEN_CHECK_EVERY_MS);
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #untilListening(logFile: string): Promise<void> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < LISTEN_MS_MAX) {
      if (!this.isRunning) throw new Error(`mongod ended before it listened; ${logFile} says why.`);
      if (await acceptsAt(this.port)) return;
      await wait(CHECK_EVERY_MS);
    }
    throw new Error(`mongod did not listen within ${LISTEN_MS_MAX / 1000} s; ${logFile} says why.`);
  }
}

/** Whether each thread has stopped. Outside Linux, which shows threads as files: whether the process has. */
async function hasStopped(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.startsWith('T');
  }
  const threads = `/proc/${pid}/task`;
  const states = (await readdir(threads).catch(() => [])).map(async (thread) => {
    // The thread has ended meanwhile.
    const stat = await readFile(`${threads}/${thread}/stat`, 'utf8').catch(() => ') T');
    // The state follows the name in parentheses, which may itself contain parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  });
  return (await Promise.all(states)).every((state) => state === 'T');
}

function acceptsAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: ADDRESS });
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
