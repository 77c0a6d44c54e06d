import { access } from 'node:fs/promises';
import { type Command, runCommand } from './command.js';
import { Environment } from './environment.js';
import { OptionError } from './options.js';

/** What differs between the two benchmarks. */
export interface Benchmark<Options> extends Pick<Command<Options>, 'usage' | 'parse'> {
  readonly measure: (options: Options, environment: Environment) => Promise<boolean>;
}

/** Runs a benchmark in an environment of its own, which its `measure` opens. @returns the exit code */
export function runBenchmark<Options>({ usage, parse, measure }: Benchmark<Options>): Promise<number> {
  const environment = new Environment();
  return runCommand<Options>({
    usage,
    parse,
    run: async (options) => {
      await requireMachine();
      return measure(options, environment);
    },
    close: () => environment.close(),
    abortMessage: ({ message }) => `The benchmark was aborted by an error: ${message}`,
    abortExitCode: 1,
  });
}

/** @throws OptionError */
async function requireMachine(): Promise<void> {
  await access('/proc/self/stat').catch(() => {
    throw new OptionError('The bench reads CPU times in /proc, and so needs Linux.');
  });
}
