import { spawn } from 'node:child_process';

/** How much of a program's output is kept, to report why it failed. */
const OUTPUT_KEPT_CHARS = 64 * 1024;

interface RunLimits {
  limitMs: number;
  /** After this long without output the program counts as stuck. */
  silenceLimitMs?: number;
  /** In addition to this process's environment. */
  env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws Error with the end of its standard error, if it cannot be started, fails or is too slow
 */
export function runProgram(command: readonly string[], limits: RunLimits): Promise<string> {
  const [program = '', ...args] = command;
  return new Promise((resolveOutput, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...limits.env },
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let stoppedBecause: string | undefined;
    const stop = (why: string) => {
      stoppedBecause = why;
      child.kill('SIGKILL');
    };
    const total = setTimeout(() => stop(`it took longer than ${limits.limitMs / 1000} s`), limits.limitMs);
    const silenceLimitMs = limits.silenceLimitMs ?? limits.limitMs;
    const silence = setTimeout(() => stop(`no progress for ${silenceLimitMs / 1000} s`), silenceLimitMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_KEPT_CHARS);
      silence.refresh();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-OUTPUT_KEPT_CHARS);
      silence.refresh();
    });
    const done = () => {
      clearTimeout(total);
      clearTimeout(silence);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      done();
      reject(error.code === 'ENOENT' ? new Error('there is no such program') : error);
    });
    child.once('close', (code, signal) => {
      done();
      if (stoppedBecause !== undefined) reject(new Error(stoppedBecause));
      else if (code === 0) resolveOutput(stdout);
      else reject(new Error(lastOutput(stderr) || `it ended with ${signal ?? `code ${code}`}`));
    });
  });
}

/** The last lines of an output as one line, without warnings. */
function lastOutput(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '' && !/^(WARNING|\[notice\])/.test(line))
    .slice(-3)
    .join(' ');
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error);
}
