import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** Of a version that lies elsewhere and has been built. */
export const mainOf = (directory: string): string => path.resolve(directory, 'dist/main.js');
const START_MS_MAX = 180_000;
/** Longer than the server's own deadline for an ordered end, so that missing it shows. */
const STOP_MS_MAX = 45_000;
const ERROR_LEVEL = 50;
/** Lines that are kept for whoever looks for the cause of a finding. */
const LINES_KEPT_MAX = 20_000;

export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly url?: string;
  readonly job?: string;
  readonly durationMs?: number;
  readonly err?: { readonly message?: string; readonly type?: string };
}

/** One server process, to be killed, stopped and started again at the same address. */
export class Server {
  readonly lines: LogLine[] = [];
  #child: ChildProcess | undefined;
  #url = '';
  #main: string;
  #other: string;

  constructor(
    readonly name: string,
    private readonly settings: Readonly<Record<string, string>>,
    /** Loaded before the server; for a planted fault. */
    private readonly preload?: URL,
    /** Where all that it says is kept. */
    private readonly logFile?: string,
    /** Where the version lies that is run first, if it is another one. */
    from?: string,
  ) {
    this.#main = from === undefined ? MAIN : mainOf(from);
    this.#other = MAIN;
  }

  /** Known once it has been started. */
  get url(): string {
    return this.#url;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** What it logged as an error or worse, counted by its message. */
  get errors(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { level, msg } of this.lines)
      if (level >= ERROR_LEVEL) counts.set(msg, (counts.get(msg) ?? 0) + 1);
    return counts;
  }

  /** @returns once it listens @throws with its last words when it ends instead */
  async start(): Promise<void> {
    if (this.isRunning) return;
    const child = spawn(
      process.execPath,
      [...(this.preload === undefined ? [] : ['--import', this.preload.href]), this.#main],
      {
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          NODE_ENV: 'production',
          HOST: '127.0.0.1',
          PORT: this.#url === '' ? '0' : new URL(this.#url).port,
          ...this.settings,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.#child = child;
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => {
      words = `${words}${chunk}`.slice(-2_000);
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${this.name} ${why}: ${words}`));
      const late = setTimeout(() => fail('did not listen in time'), START_MS_MAX);
      child.once('error', reject);
      child.once('exit', () => fail('ended before it listened'));
      createInterface({ input: child.stdout }).on('line', (text) => {
        if (this.logFile !== undefined) appendFileSync(this.logFile, `${text}\n`);
        const line = parsed(text);
        if (line === undefined) return;
        if (this.lines.length < LINES_KEPT_MAX) this.lines.push(line);
        if (line.url === undefined || !line.msg.startsWith('Ready at ')) return;
        this.#url = line.url;
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** It is the other version that is started next. */
  replace(): void {
    [this.#main, this.#other] = [this.#other, this.#main];
  }

  /** As a power cut does. */
  kill = (): Promise<void> => this.#end('SIGKILL').then(() => undefined);

  /** In good order. @returns its exit code, null where it had to be killed, and how long it took */
  async stop(): Promise<{ exitCode: number | null; tookMs: number }> {
    const startMs = performance.now();
    const late = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS_MAX);
    const exitCode = await this.#end('SIGTERM');
    clearTimeout(late);
    return { exitCode, tookMs: performance.now() - startMs };
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return child?.exitCode ?? null;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
}

function parsed(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}
