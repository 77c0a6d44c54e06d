import { writeFile } from 'node:fs/promises';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { drawnSeed, played } from '../lib/audited-command.js';
import { parseOptions, type RushOptions, USAGE } from './options.js';
import { type OwnServer, startOwnServer } from './own-server.js';
import type { Progress } from './progress.js';
import { reportOf, summarize } from './report.js';
import { playSale } from './sale.js';

/** `npm run rush`: a sale with everything that fans do, and an audit of it. */

let server: Promise<OwnServer> | undefined;

process.exit(
  await played<RushOptions>({
    usage: USAGE,
    parse: parseOptions,
    play: async (options, progress) => {
      // A result that cannot be written is better known before the sale than after it.
      if (options.jsonFile !== undefined) await writeFile(options.jsonFile, '');
      if (options.endpoint !== undefined) return play(options.endpoint, options, progress);
      progress.show(() => 'Starting a server');
      server = startOwnServer(options.fans);
      return play((await server).url, options, progress);
    },
    close: async () => (await server?.catch(() => undefined))?.stop(),
    brokeOff: ({ message }) => `There was no sale to audit: ${message}`,
  }),
);

async function play(endpoint: URL, options: RushOptions, progress: Progress): Promise<boolean> {
  const seed = options.seed ?? drawnSeed();
  process.stdout.write(`Sale at ${endpoint.origin}, seed ${seed}\n`);
  const result = await playSale(endpoint, options, new SeededRandom(seed), progress);
  progress.end();
  const summary = summarize(result, options, seed);
  process.stdout.write(reportOf(summary));
  if (options.jsonFile !== undefined)
    await writeFile(options.jsonFile, `${JSON.stringify(summary, null, 2)}\n`);
  return summary.passed;
}
