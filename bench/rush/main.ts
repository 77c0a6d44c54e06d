import { writeFile } from 'node:fs/promises';
import { SeededRandom } from '../../src/test/support/seeded-random.js';
import { runCommand } from '../lib/command.js';
import { Environment } from '../lib/environment.js';
import { drawSeed } from '../lib/options.js';
import { Progress } from '../lib/progress.js';
import { parseOptions, type RushOptions, USAGE } from './options.js';
import { type OwnServer, startOwnServer } from './own-server.js';
import { partyReportOf, runPartySale } from './party-sale.js';
import { reportOf, summarize } from './report.js';
import { runSale } from './sale.js';

/** `npm run rush`: a simulated sale, and an audit of it. */

let server: Promise<OwnServer> | undefined;
/** For a sale by wish. */
const environment = new Environment();

process.exit(
  await runCommand<RushOptions>({
    usage: USAGE,
    parse: parseOptions,
    run: async (options) => {
      // Fails before the sale, not after it, if the result cannot be written.
      if (options.jsonFile !== undefined) await writeFile(options.jsonFile, '');
      const progress = new Progress();
      try {
        if (options.wishes) {
          progress.show(() => `${options.fans} fans ask for two of ${options.seats} seats`);
          const sale = await runPartySale(environment, options.fans, options.seats);
          progress.end();
          process.stdout.write(partyReportOf(sale, options));
          await writeJson(options, sale);
          return Object.values(sale.findings).every((found) => found.length === 0);
        }
        if (options.endpoint !== undefined) return await runAndReport(options.endpoint, options, progress);
        progress.show(() => 'Starting a server');
        server = startOwnServer(options.fans);
        return await runAndReport((await server).url, options, progress);
      } finally {
        progress.end();
      }
    },
    close: async () => {
      await environment.close();
      await (await server?.catch(() => undefined))?.stop();
    },
    abortMessage: ({ message }) => `There was no sale to audit: ${message}`,
  }),
);

async function runAndReport(endpoint: URL, options: RushOptions, progress: Progress): Promise<boolean> {
  const seed = options.seed ?? drawSeed();
  process.stdout.write(`Sale at ${endpoint.origin}, seed ${seed}\n`);
  const result = await runSale(endpoint, options, new SeededRandom(seed), progress);
  progress.end();
  const summary = summarize(result, options, seed);
  process.stdout.write(reportOf(summary));
  await writeJson(options, summary);
  return summary.passed;
}

async function writeJson({ jsonFile }: RushOptions, result: object): Promise<void> {
  if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(result, null, 2)}\n`);
}
