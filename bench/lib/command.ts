import { access } from 'node:fs/promises';
import { Environment } from './environment.js';
import { OptionError } from './option-values.js';

const DONE = 0;
const FAILED = 1;
const NOT_STARTED = 2;
const INTERRUPTED = 130;

/**
 * Runs a bench and takes away what it started, also when it is interrupted or fails.
 *
 * @param run throws OptionError where what was asked for cannot be done
 * @returns the code to exit with
 */
export async function benchCommand(
  usage: string,
  run: (environment: Environment) => Promise<void>,
): Promise<number> {
  const environment = new Environment();
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void environment.close().finally(() => process.exit(INTERRUPTED));
    });
  }
  try {
    await run(environment);
    return DONE;
  } catch (error) {
    // The signal's own way out ends the process, with what it started.
    if (interrupted) return await new Promise<never>(() => undefined);
    if (error instanceof OptionError) {
      process.stderr.write(`${error.message}\n\n${usage}`);
      return NOT_STARTED;
    }
    process.stderr.write(`The bench was given up: ${(error as Error).message}\n`);
    return FAILED;
  } finally {
    await environment.close();
  }
}

/** @throws OptionError */
export async function requireMachine(): Promise<void> {
  await access('/proc/self/stat').catch(() => {
    throw new OptionError('The bench reads CPU times in /proc, and so needs Linux.');
  });
}

/**
 * @param directory where docs/benchmarks.md looks for published results, from the project's root
 * @throws OptionError
 */
export async function publishedDirectory(directory: string): Promise<string> {
  await access(directory).catch(() => {
    throw new OptionError(`--publish writes into ${directory}/: start it in the project's root.`);
  });
  return directory;
}
