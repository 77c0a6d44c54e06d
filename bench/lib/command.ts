import { OptionError } from './options.js';

const DONE = 0;
const FAILED = 1;
const NOT_STARTED = 2;
const INTERRUPTED = 130;

/** A command that starts processes. */
export interface Command<Options> {
  readonly usage: string;
  /** @returns null if only the usage was requested @throws OptionError */
  readonly parse: (args: readonly string[]) => Options | null;
  /** @returns false if it found something wrong @throws OptionError if this machine cannot run it so */
  readonly run: (options: Options) => Promise<boolean>;
  /** Ends everything that was started so far. */
  readonly close: () => Promise<unknown>;
  /** The message for a run that an error aborted. */
  readonly abortMessage: (error: Error) => string;
  /** The exit code for a run that an error aborted; by default 2. */
  readonly abortExitCode?: number;
}

/**
 * Runs a command and ends what it started, also if it fails or is interrupted.
 *
 * @returns the exit code: 0 if all is well, 1 if something was found, 2 if the command could not run
 */
export async function runCommand<Options>(command: Command<Options>): Promise<number> {
  const { usage, parse, run, close, abortMessage, abortExitCode = NOT_STARTED } = command;
  let interrupted = false;
  const fail = (error: unknown): number => {
    if (error instanceof OptionError) {
      process.stderr.write(`${error.message}\n\n${usage}`);
      return NOT_STARTED;
    }
    process.stderr.write(`${abortMessage(error as Error)}\n`);
    return abortExitCode;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted = true;
      void close().finally(() => process.exit(INTERRUPTED));
    });
  }
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${error.stack}\n`);
    const code = fail(error);
    void close().finally(() => process.exit(code));
  });
  try {
    const options = parse(process.argv.slice(2));
    if (options === null) {
      process.stdout.write(usage);
      return DONE;
    }
    return (await run(options)) ? DONE : FAILED;
  } catch (error) {
    // The signal handler ends the process.
    if (interrupted) return await new Promise<never>(() => undefined);
    return fail(error);
  } finally {
    await close();
  }
}
