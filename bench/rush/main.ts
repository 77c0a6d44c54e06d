import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { SeededRandom } from '../../src/test/seeded-random.js';
import { OptionError, parseOptions, type RushOptions, USAGE } from './options.js';
import { type OwnServer, startOwnServer } from './own-server.js';
import { Progress } from './progress.js';
import { reportOf, summarize } from './report.js';
import { playSale } from './sale.js';

/**
 * `npm run rush`: a sale with everything that fans do, and an audit of it.
 *
 * Exits with 0 when every count of the audit is 0, with 1 when one is not, with 2 when there was no sale to audit.
 */
const PASSED = 0;
const FAILED = 1;
const NOT_PLAYED = 2;
const INTERRUPTED = 130;
const SEED_LIMIT = 2 ** 31;

process.exit(await main());

async function main(): Promise<number> {
  let options: RushOptions | null;
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
  let server: Promise<OwnServer> | undefined;
  const stopServer = async () => (await server?.catch(() => undefined))?.stop();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      progress.end();
      void stopServer().finally(() => process.exit(INTERRUPTED));
    });
  }
  // A fault of the sale's own: no server is left behind.
  process.once('uncaughtException', (error) => {
    progress.end();
    process.stderr.write(`The sale broke off: ${error.stack}\n`);
    void stopServer().finally(() => process.exit(NOT_PLAYED));
  });
  try {
    // A result that cannot be written is better known before the sale than after it.
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, '');
    if (options.endpoint !== undefined) return await play(options.endpoint, options, progress);
    progress.show(() => 'Starting a server');
    server = startOwnServer(options.fans);
    return await play((await server).url, options, progress);
  } catch (error) {
    progress.end();
    process.stderr.write(`There was no sale to audit: ${(error as Error).message}\n`);
    return NOT_PLAYED;
  } finally {
    await stopServer();
  }
}

async function play(endpoint: URL, options: RushOptions, progress: Progress): Promise<number> {
  const seed = options.seed ?? randomInt(SEED_LIMIT);
  process.stdout.write(`Sale at ${endpoint.origin}, seed ${seed}\n`);
  const result = await playSale(endpoint, options, new SeededRandom(seed), progress);
  progress.end();
  const summary = summarize(result, options, seed);
  process.stdout.write(reportOf(summary));
  if (options.jsonFile !== undefined)
    await writeFile(options.jsonFile, `${JSON.stringify(summary, null, 2)}\n`);
  return summary.passed ? PASSED : FAILED;
}
