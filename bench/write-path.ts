import { runBenchmark } from './lib/benchmark.js';
import type { Environment } from './lib/environment.js';
import { resultDirectories, writeResult } from './lib/results-file.js';
import { type Report, textOf } from './lib/scenario.js';
import { parseOptions, USAGE } from './write-path/options.js';
import { bookingsFile } from './write-path/scenarios/bookings-file.js';
import { contention } from './write-path/scenarios/contention.js';
import { holdBacks } from './write-path/scenarios/hold-backs.js';
import { manyEvents } from './write-path/scenarios/many-events.js';
import { reads } from './write-path/scenarios/reads.js';
import { saleOpening } from './write-path/scenarios/sale-opening.js';
import { size } from './write-path/scenarios/size.js';
import { twoProcesses } from './write-path/scenarios/two-processes.js';
import { wishes } from './write-path/scenarios/wishes.js';
import { CONTENDERS, type WritePathSetting, writePath } from './write-path/scenarios/write-path.js';

/**
 * `npm run bench`: cost and speed of locking, paying and confirming, with database, servers and load on this machine.
 * Compared variants alternate, round by round, and figures are medians of the rounds.
 *
 * Exits with 0 once everything was measured, whether or not the goals were met.
 */
const SCENARIOS: Readonly<Record<string, (setting: WritePathSetting) => Promise<Report>>> = {
  'write-path': writePath,
  size,
  contention,
  'many-events': manyEvents,
  'two-processes': twoProcesses,
  reads,
  wishes,
  'hold-backs': holdBacks,
  'sale-opening': saleOpening,
  'bookings-file': bookingsFile,
};

const RESULTS_FILE = 'write-path.json';
const parse = (args: readonly string[]) => parseOptions(args, Object.keys(SCENARIOS), CONTENDERS);
type Options = NonNullable<ReturnType<typeof parse>>;

process.exit(await runBenchmark<Options>({ usage: USAGE, parse, measure }));

async function measure(options: Options, environment: Environment): Promise<boolean> {
  const { rounds, phaseMs, publish } = options;
  const directories = await resultDirectories(options.out, publish ? 'bench/write-path' : undefined);
  await environment.open();
  for (const name of options.scenarios) {
    process.stderr.write(`\n${name}\n`);
    const at = new Date().toISOString();
    const report = await (SCENARIOS[name] as (typeof SCENARIOS)[string])({ ...options, environment });
    process.stdout.write(`\n## ${name}\n\n${textOf(report)}`);
    const circumstances = { at, mongod: environment.mongodVersion, rounds, phaseMs };
    await writeResult(directories, RESULTS_FILE, name, report, circumstances);
  }
  return true;
}
