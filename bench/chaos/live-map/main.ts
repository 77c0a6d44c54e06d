import { drawnSeed, played } from '../../lib/audited-command.js';
import type { Progress } from '../../rush/progress.js';
import { type ChaosOptions, parseOptions, USAGE } from './options.js';
import { reportOf } from './report.js';
import { play } from './run.js';
import { Stage } from './test-cluster.js';

/** `npm run chaos:live`: random writes, random watchers and faults, and every message held against what was committed. */

const stage = new Stage();

process.exit(
  await played<ChaosOptions>({
    usage: USAGE,
    parse: parseOptions,
    play: async (options, progress) => {
      progress.show(() => 'Starting a mongod and three servers');
      await stage.open();
      return playAll(options, progress);
    },
    close: () => stage.close(),
    brokeOff: ({ stack }) => `It could not be played: ${stack}`,
  }),
);

/** Ends with the first seed that found something. */
async function playAll(options: ChaosOptions, progress: Progress): Promise<boolean> {
  const first = options.seed ?? drawnSeed();
  for (let seed = first; seed < first + options.seeds; seed++) {
    // Told before it is played: whatever becomes of it, it can be played again.
    process.stdout.write(`Playing seed ${seed}\n`);
    const result = await play(stage, options, seed, (line) => progress.show(() => `seed ${seed}, ${line}`));
    process.stdout.write(reportOf(result));
    if (result.findings.length === 0) continue;
    progress.end();
    process.stdout.write(`Again with: npm run chaos:live -- --seed ${seed}${asked()}\n`);
    return false;
  }
  progress.end();
  return true;
}

/** The options beside the seed, as they were given. */
function asked(): string {
  const args = process.argv
    .slice(2)
    .join(' ')
    .replace(/--seeds?[ =]\d+ ?/g, '');
  return args === '' ? '' : ` ${args}`;
}
