import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { SeatOperation } from './seat-operation.js';

/** The checker's module, from the project's root, where `npm run` starts every command. */
const MODULE = path.join('bench', 'chaos', 'linearizability');
const BUILD_MS_MAX = 180_000;

export interface Verdict {
  readonly operations: number;
  readonly seats: number;
  readonly milliseconds: number;
  readonly wrong: readonly number[];
  readonly examples: readonly string[];
  readonly undecided: readonly number[];
}

/** Checks histories with porcupine, in a program written in Go. */
export class LinearizabilityChecker {
  private constructor(private readonly program: string) {}

  /**
   * Builds the program.
   *
   * @returns the reason as text if Go or the module proxy is missing
   */
  static build(directory: string): LinearizabilityChecker | string {
    if (!existsSync(path.join(MODULE, 'go.mod'))) return `there is no ${MODULE} here`;
    const program = path.join(directory, 'linearizability');
    const built = spawnSync('go', ['build', '-o', program, '.'], {
      cwd: MODULE,
      encoding: 'utf8',
      timeout: BUILD_MS_MAX,
      env: { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off' },
    });
    if (built.error) return `Go is not installed (${built.error.message})`;
    if (built.status !== 0) return `the checker could not be built: ${built.stderr.trim()}`;
    return new LinearizabilityChecker(program);
  }

  async check(operations: readonly SeatOperation[]): Promise<Verdict> {
    const child = spawn(this.program, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    const closed = once(child, 'close');
    child.stdin.end(operations.map((operation) => `${JSON.stringify(operation)}\n`).join(''));
    const [code] = await closed;
    if (code !== 0) throw new Error(`The linearizability checker ended with ${code}.`);
    return JSON.parse(text) as Verdict;
  }
}
