import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { onTestFinished } from 'vitest';
import { CLOCK_AHEAD_VARIABLE, OWN_CLOCK } from './own-clock.js';
import {
  CONNECTION_INIT_TIMEOUT_MS,
  callServer,
  type GraphQLAnswer,
  type TestUser,
  TOKEN_SECRET,
} from './test-app.js';

const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const START_LIMIT_MS = 90_000;
/** Longer than the server's own deadline for a shutdown. */
const STOP_LIMIT_MS = 40_000;
const ERROR_LEVEL = 50;
/** Ends the server when the process that started it ends in any way: their channel breaks. */
const END_WITH_PARENT = "data:text/javascript,process.on('disconnect',()=>process.exit(1))";

/** A line of the server's log. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly url?: string;
  readonly job?: string;
  /** How many locks or bookings a run of a job ended. */
  readonly ended?: number;
  readonly durationMs?: number;
}

/** A server in its own process, started as an operator starts it, with its own clock, queues and change stream. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly lines: readonly LogLine[],
  ) {}

  /**
   * Starts the built server, which `npm test` builds before the tests. It is killed after the test.
   *
   * @throws with the server's whole output, if it ends instead of serving
   */
  static async start(
    mongodbUri: string,
    settings: Record<string, string> = {},
    { clockAheadMs }: { readonly clockAheadMs?: number } = {},
  ): Promise<ServerProcess> {
    if (!existsSync(MAIN)) throw new Error('There is no built server. Run `npm run build`.');
    const ownClock = clockAheadMs === undefined ? [] : ['--import', OWN_CLOCK];
    const child = spawn(process.execPath, ['--import', END_WITH_PARENT, ...ownClock, MAIN], {
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: '0',
        MONGODB_URI: mongodbUri,
        TOKEN_SECRET,
        PAYMENT_PROVIDER: 'simulated',
        LOG_LEVEL: 'info',
        RATE_LIMIT_PER_MINUTE: '0',
        CONNECTION_INIT_TIMEOUT_MS: String(CONNECTION_INIT_TIMEOUT_MS),
        ...(clockAheadMs !== undefined && { [CLOCK_AHEAD_VARIABLE]: String(clockAheadMs) }),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    onTestFinished(() => end(child, 'SIGKILL'));

    const output: string[] = [];
    const lines: LogLine[] = [];
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`The server ${why}:\n${output.join('\n')}`));
      const tooLate = setTimeout(() => fail('did not become ready'), START_LIMIT_MS);
      child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
      child.once('error', reject);
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
        output.push(text);
        const line = JSON.parse(text) as LogLine;
        lines.push(line);
        if (!line.msg.startsWith('Ready at ') || line.url === undefined) return;
        clearTimeout(tooLate);
        resolve(line.url);
      });
    });
    return new ServerProcess(child, url, lines);
  }

  /** Sets the clock of a server that was started with `clockAheadMs`. */
  setClockAhead(clockAheadMs: number): void {
    this.child.send({ clockAheadMs });
  }

  /** Its log lines of level error or worse. */
  get errors(): LogLine[] {
    return this.lines.filter(({ level }) => level >= ERROR_LEVEL);
  }

  call<Data, Vars>(
    document: TypedDocumentNode<Data, Vars> | string,
    variables?: Vars,
    user?: Pick<TestUser, 'token'>,
  ): Promise<GraphQLAnswer<Data>> {
    return callServer(this.url, document, variables, user);
  }

  /** Stops it by SIGTERM. @returns its exit code, or null if it had to be killed */
  async stop(): Promise<number | null> {
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    await end(this.child, 'SIGTERM');
    clearTimeout(late);
    return this.child.exitCode;
  }

  /** Ends it like a power cut. */
  async kill(): Promise<void> {
    await end(this.child, 'SIGKILL');
  }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}
