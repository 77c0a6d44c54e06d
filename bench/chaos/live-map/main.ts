import { randomInt } from 'node:crypto';
import { Progress } from '../../rush/progress.js';
import { type ChaosOptions, OptionError, parseOptions, USAGE } from './options.js';
import { reportOf } from './report.js';
import { play } from './run.js';
import { Stage } from './stage.js';

/**
 * `npm run chaos:live`: random writes, random watchers and faults, and every message held against what was committed.
 *
 * Exits with 0 when nothing was found, with 1 when something was, with 2 when nothing could be played.
 */
const PASSED = 0;
const FAILED = 1;
const NOT_PLAYED = 2;
const INTERRUPTED = 130;
const SEED_LIMIT = 2 ** 31;

process.exit(await main());

async function main(): Promise<number> {
  let options: ChaosOptions | null;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    return NOT_PLAYED;
  }
  if (options === null) {
    process.stdout.write(USAGE);
    return PASSED;
  }

  const progress = new Progress(process.stderr);
  const stage = new Stage();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      progress.end();
      void stage.close().finally(() => process.exit(INTERRUPTED));
    });
  }
  // A fault of its own: no process is left behind.
  process.once('uncaughtException', (error) => {
    progress.end();
    process.stderr.write(`It broke off: ${error.stack}\n`);
    void stage.close().finally(() => process.exit(NOT_PLAYED));
  });
  try {
    progress.show(() => 'Starting a mongod and three servers');
    await stage.open();
    return await playAll(stage, options, progress);
  } catch (error) {
    progress.end();
    process.stderr.write(`It could not be played: ${(error as Error).stack}\n`);
    return NOT_PLAYED;
  } finally {
    await stage.close();
  }
}

/** Ends with the first seed that found something. */
async function playAll(stage: Stage, options: ChaosOptions, progress: Progress): Promise<number> {
  const first = options.seed ?? randomInt(SEED_LIMIT);
  for (let seed = first; seed < first + options.seeds; seed++) {
    // Told before it is played: whatever becomes of it, it can be played again.
    process.stdout.write(`Playing seed ${seed}\n`);
    const result = await play(stage, options, seed, (line) => progress.show(() => `seed ${seed}, ${line}`));
    process.stdout.write(reportOf(result));
    if (result.findings.length === 0) continue;
    progress.end();
    process.stdout.write(`Again with: npm run chaos:live -- --seed ${seed}${asked()}\n`);
    return FAILED;
  }
  progress.end();
  return PASSED;
}

/** The options beside the seed, as they were given. */
function asked(): string {
  const args = process.argv
    .slice(2)
    .join(' ')
    .replace(/--seeds?[ =]\d+ ?/g, '');
  return args === '' ? '' : ` ${args}`;
}
