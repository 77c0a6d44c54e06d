import { runCommand } from '../../lib/command.js';
import { drawSeed } from '../../lib/options.js';
import { Progress } from '../../lib/progress.js';
import { type ChaosOptions, parseOptions, USAGE } from './options.js';
import { reportOf } from './report.js';
import { runSeed } from './run.js';
import { TestCluster } from './test-cluster.js';

/** `npm run chaos:live`: random writes, watchers and faults. Every message is compared with the committed changes. */

const cluster = new TestCluster();

process.exit(
  await runCommand<ChaosOptions>({
    usage: USAGE,
    parse: parseOptions,
    run: async (options) => {
      const progress = new Progress();
      try {
        progress.show(() => 'Starting a mongod and three servers');
        await cluster.open();
        return await runSeeds(options, progress);
      } finally {
        progress.end();
      }
    },
    close: () => cluster.close(),
    abortMessage: ({ stack }) => `The run was aborted by an error: ${stack}`,
  }),
);

/** Stops at the first seed with findings. */
async function runSeeds(options: ChaosOptions, progress: Progress): Promise<boolean> {
  const first = options.seed ?? drawSeed();
  for (let seed = first; seed < first + options.seeds; seed++) {
    // Printed first, so that the seed can be repeated whatever happens.
    process.stdout.write(`Seed ${seed}\n`);
    const result = await runSeed(cluster, options, seed, (line) =>
      progress.show(() => `seed ${seed}, ${line}`),
    );
    process.stdout.write(reportOf(result));
    if (result.findings.length === 0) continue;
    process.stdout.write(`Repeat with: npm run chaos:live -- --seed ${seed}${otherOptions()}\n`);
    return false;
  }
  return true;
}

/** The options besides the seed, as they were given. */
function otherOptions(): string {
  const args = process.argv
    .slice(2)
    .join(' ')
    .replace(/--seeds?[ =]\d+ ?/g, '');
  return args === '' ? '' : ` ${args}`;
}
