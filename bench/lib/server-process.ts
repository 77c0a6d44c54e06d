import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { endProcess, isRunning } from './processes.js';

/** The main module of this product, compiled together with the benchmarks. */
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** The main module of another version that was built in a directory. */
export const mainOf = (directory: string): string => path.resolve(directory, 'dist/main.js');

const START_MS_MAX = 180_000;
const STOP_MS_MAX = 5_000;
/** What the server logs when it listens. */
const READY = 'Ready at ';
const ERROR_LEVEL = 50;
/** More lines are dropped: a server in a fault may log without end. */
const LINES_KEPT_MAX = 20_000;
const OUTPUT_KEPT_CHARS = 2_000;

export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly url?: string;
  readonly job?: string;
  readonly durationMs?: number;
  /** Of a committed batch: what it decided, in this order, and the version that this made. */
  readonly eventId?: string;
  readonly version?: number;
  readonly correlationIds?: readonly string[];
  readonly err?: { readonly message?: string; readonly type?: string };
}

export interface ServerProcessOptions {
  readonly name?: string;
  /** The server's main module; by default this product's. */
  readonly main?: string;
  readonly settings: Readonly<Record<string, string>>;
  /** A module loaded before the server, to break it on purpose. */
  readonly preload?: URL | undefined;
  /** Keeps the log lines, and passes only PATH and HOME from this process's environment. Default: discards the log. */
  readonly keepsLog?: boolean;
  /** A file to which all log lines are written, too. */
  readonly logFile?: string | undefined;
  /** How long the server may take after SIGTERM before SIGKILL. */
  readonly stopMsMax?: number;
}

/** A server process on this machine. It can be killed, stopped and started again at the same address. */
export class ServerProcess {
  readonly lines: LogLine[] = [];
  #child: ChildProcess | undefined;
  #url = '';
  #main: string;

  constructor(private readonly options: ServerProcessOptions) {
    this.#main = options.main ?? MAIN;
  }

  /** Starts a server. @returns once it listens @throws if it ends instead */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    await server.start();
    return server;
  }

  get name(): string {
    return this.options.name ?? 'server';
  }

  /** Known after the first start. */
  get url(): string {
    return this.#url;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return isRunning(this.#child);
  }

  /** Log lines of level error or worse, counted by their message. */
  get errors(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { level, msg } of this.lines)
      if (level >= ERROR_LEVEL) counts.set(msg, (counts.get(msg) ?? 0) + 1);
    return counts;
  }

  /** @returns once it listens @throws with its last output if it ends instead */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const { preload, settings, keepsLog, logFile } = this.options;
    const { PATH, HOME } = process.env;
    const child = spawn(
      process.execPath,
      [...(preload === undefined ? [] : ['--import', preload.href]), this.#main],
      {
        env: {
          ...(keepsLog ? { PATH, HOME } : process.env),
          NODE_ENV: 'production',
          HOST: '127.0.0.1',
          PORT: this.#url === '' ? '0' : new URL(this.#url).port,
          ...settings,
        },
        stdio: ['ignore', 'pipe', keepsLog ? 'pipe' : 'inherit'],
      },
    );
    this.#child = child;
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-OUTPUT_KEPT_CHARS);
    });
    const log = createInterface({ input: child.stdout as Readable });
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => {
        child.kill('SIGKILL');
        reject(new Error(`${this.name} ${why}: ${output}`));
      };
      const killTimer = setTimeout(() => fail('did not listen in time'), START_MS_MAX);
      child.once('error', reject);
      child.once('exit', () => {
        clearTimeout(killTimer);
        fail('ended before it listened');
      });
      log.on('line', (text) => {
        if (logFile !== undefined) appendFileSync(logFile, `${text}\n`);
        const line = parsed(text);
        if (line === undefined) return;
        if (keepsLog && this.lines.length < LINES_KEPT_MAX) this.lines.push(line);
        // A peer's server logs only its address, without `msg`.
        if (line.url === undefined || !(line.msg ?? READY).startsWith(READY)) return;
        this.#url = line.url;
        clearTimeout(killTimer);
        resolve();
      });
    });
    if (keepsLog) return;
    // Parsing the log would take CPU time from what is measured.
    log.close();
    child.stdout?.resume();
  }

  /** Switches between this product's version and `options.main` for the next start. */
  switchVersion(): void {
    this.#main = this.#main === MAIN ? (this.options.main ?? MAIN) : MAIN;
  }

  /** Kills it with SIGKILL, without a shutdown. */
  kill = (): Promise<void> => endProcess(this.#child, 'SIGKILL');

  /** Stops it by SIGTERM. @returns its exit code, null if it had to be killed, and how long it took */
  stop = async (): Promise<{ exitCode: number | null; tookMs: number }> => {
    const startMs = performance.now();
    await endProcess(this.#child, 'SIGTERM', this.options.stopMsMax ?? STOP_MS_MAX);
    return { exitCode: this.#child?.exitCode ?? null, tookMs: performance.now() - startMs };
  };
}

function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
