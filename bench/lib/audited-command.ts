import { randomInt } from 'node:crypto';
import { Progress } from '../rush/progress.js';
import { OptionError, SEED_MAX } from './option-values.js';

const PASSED = 0;
const FAILED = 1;
const NOT_PLAYED = 2;
const INTERRUPTED = 130;

export const drawnSeed = (): number => randomInt(SEED_MAX + 1);

/** Something that is played with real processes, and judged. */
export interface PlayedCommand<Options> {
  readonly usage: string;
  /** @returns null where only the usage was asked for @throws OptionError */
  readonly parse: (args: readonly string[]) => Options | null;
  /** @returns whether nothing was found @throws where it could not be played */
  readonly play: (options: Options, progress: Progress) => Promise<boolean>;
  /** Takes away what it started, as far as it has come. */
  readonly close: () => Promise<unknown>;
  /** For a person, with what it is that could not be played. */
  readonly brokeOff: (error: Error) => string;
}

/**
 * Plays it, and leaves no process behind, also when it is interrupted or fails.
 *
 * @returns the code to exit with: 0 when nothing was found, 1 when something was, 2 when it could not be played
 */
export async function played<Options>(command: PlayedCommand<Options>): Promise<number> {
  const { usage, parse, play, close, brokeOff } = command;
  let options: Options | null;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    return NOT_PLAYED;
  }
  if (options === null) {
    process.stdout.write(usage);
    return PASSED;
  }

  const progress = new Progress(process.stderr);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      progress.end();
      void close().finally(() => process.exit(INTERRUPTED));
    });
  }
  process.once('uncaughtException', (error) => {
    progress.end();
    process.stderr.write(`${error.stack}\n${brokeOff(error)}\n`);
    void close().finally(() => process.exit(NOT_PLAYED));
  });
  try {
    return (await play(options, progress)) ? PASSED : FAILED;
  } catch (error) {
    progress.end();
    process.stderr.write(`${brokeOff(error as Error)}\n`);
    return NOT_PLAYED;
  } finally {
    progress.end();
    await close();
  }
}
