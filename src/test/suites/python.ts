import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The oldest Python that Schemathesis supports. */
const PYTHON_MIN = [3, 10] as const;
/** Keeps two test files from creating it at the same time. */
const { withLock } = await import(fileURLToPath(new URL('../../setup.mjs', import.meta.url)));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
const FOLDER = path.join(ROOT, '.cache', 'python');
/** Written last: without it, the folder is left from a run that was killed. */
const STAMP = path.join(FOLDER, 'setup-stamp');

/** An ended process, with all its output. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

interface RunOptions {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
}

/** A Python with the packages of requirements.txt, stored in `.cache`. */
export class Python {
  private constructor(readonly program: string) {}

  /**
   * Creates it if it is missing. Without Python or a package index, the test is skipped with the reason. In CI that is
   * a failure, because nobody reads there what was skipped.
   */
  static async find(context: TestContext): Promise<Python> {
    const missing = (why: string): never => {
      if (process.env.CI === 'true') throw new Error(why);
      console.warn(`Skipped: ${why}`);
      return context.skip(why);
    };
    const version = pythonVersion();
    if (version === undefined) {
      return missing(`There is no Python ${PYTHON_MIN.join('.')} or later with venv on this machine.`);
    }
    const { code, output } = await withLock(
      ROOT,
      () => undefined,
      () => makeReady(version),
    );
    return code === 0
      ? new Python(executable('python'))
      : missing(`Python's packages cannot be installed: ${output}`);
  }

  /** Runs one of its programs until it ends or the test does. */
  run(args: readonly string[], options: RunOptions): Promise<Ended> {
    return run(this.program, args, options);
  }
}

const executable = (name: string) =>
  process.platform === 'win32' ? path.join(FOLDER, 'Scripts', `${name}.exe`) : path.join(FOLDER, 'bin', name);

/** As in "3.11.7", or undefined if none is new enough. */
function pythonVersion(): string | undefined {
  const script = 'import ensurepip, sys, venv; print(".".join(map(str, sys.version_info[:3])))';
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const version = stdout.trim();
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > PYTHON_MIN[0] || (major === PYTHON_MIN[0] && minor >= PYTHON_MIN[1]);
  return isEnough ? version : undefined;
}

async function makeReady(version: string): Promise<Ended> {
  const wanted = createHash('sha256')
    .update(version)
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  if ((await readFile(STAMP, 'utf8').catch(() => '')) === wanted) return { code: 0, output: '' };
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(path.dirname(FOLDER), { recursive: true });
  const made = await run('python3', ['-m', 'venv', FOLDER]);
  if (made.code !== 0) return made;
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-compile',
    '--disable-pip-version-check',
    '-r',
    REQUIREMENTS,
  ];
  const installed = await run(executable('python'), pip);
  if (installed.code === 0) await writeFile(STAMP, wanted);
  return installed;
}

function run(
  program: string,
  args: readonly string[],
  { env, cwd, signal }: RunOptions = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      // Compiled files are stored beside the environment, not among the sources.
      env: { ...process.env, PYTHONPYCACHEPREFIX: path.join(FOLDER, 'compiled'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
      ...(signal && { signal, killSignal: 'SIGKILL' as const }),
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}
