import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ADDRESS, choosePort } from '../../src/embedded/mongod-process.js';

/** From the spawn until it listens, a recovery after a crash on a busy machine included. */
const LISTEN_MS_MAX = 60_000;
const ASK_EVERY_MS = 25;
const FROZEN_ASK_EVERY_MS = 2;
/** A mongod that was asked to stop and has not by then is killed. */
const STOP_MS_MAX = 20_000;
/** Several run side by side; each would take half of the machine's memory. */
const CACHE_GB = 0.25;
const OPLOG_MB_DEFAULT = 256;
/** A primary that is to stop lets running work end for 15 s; whoever restarts one member after the other need not wait. */
const SIGNALED_SHUTDOWN_MS = 500;

export interface MongodOptions {
  readonly binary: string;
  /** Made when absent. */
  readonly dbPath: string;
  /** Outside of dbPath, which may be full. */
  readonly logFile: string;
  readonly replicaSet: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** The smaller, the sooner a change stream's resume token is too old. */
  readonly oplogMb?: number;
  /** More arguments. */
  readonly args?: readonly string[];
}

/** One mongod as a process to be killed, frozen and started again, always on the same data and port. */
export class Mongod {
  #child: ChildProcess | undefined;

  private constructor(
    private readonly options: MongodOptions,
    readonly port: number,
  ) {}

  /** @returns once it listens, whether or not it is a member of anything yet */
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
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Starts it, again where it has ended.
   *
   * @throws when it ends instead of listening
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

  /** In good order. */
  async stop(): Promise<void> {
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS_MAX);
    // One that is frozen does not hear.
    this.#child?.kill('SIGCONT');
    await this.#end('SIGTERM');
    clearTimeout(late);
  }

  /** As a power cut does. */
  kill = (): Promise<void> => this.#end('SIGKILL');

  /**
   * It keeps its connections and answers nothing, until it is thawed.
   *
   * @returns once it stands still: the signal waits for a thread of it to be run, on a busy machine for tens of
   *   milliseconds, in which the others answer
   */
  async freeze(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    while (this.isRunning && !(await standsStill(this.pid))) await wait(FROZEN_ASK_EVERY_MS);
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  async #untilListening(logFile: string): Promise<void> {
    const startedMs = performance.now();
    while (performance.now() - startedMs < LISTEN_MS_MAX) {
      if (!this.isRunning) throw new Error(`mongod ended before it listened; ${logFile} says why.`);
      if (await answersAt(this.port)) return;
      await wait(ASK_EVERY_MS);
    }
    throw new Error(`mongod did not listen within ${LISTEN_MS_MAX / 1000} s; ${logFile} says why.`);
  }
}

/** Whether each thread of it is stopped, where the system shows threads as files; elsewhere, whether the process is. */
async function standsStill(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.startsWith('T');
  }
  const threads = `/proc/${pid}/task`;
  const states = (await readdir(threads).catch(() => [])).map(async (thread) => {
    // A thread that ended meanwhile answers nobody.
    const stat = await readFile(`${threads}/${thread}/stat`, 'utf8').catch(() => ') T');
    // The name in parentheses before the state may itself hold parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  });
  return (await Promise.all(states)).every((state) => state === 'T');
}

function answersAt(port: number): Promise<boolean> {
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
